import Files

/// What a configuration says of sliding-window attention.
extension ConfigurationReader {
    /// The window of a family whose layers all have it; nil if every layer sees everything.
    func windowOfAllLayers(_ layers: Int) throws(ModelError) -> Int? {
        _ = try layerKinds(layers)
        return try window()
    }

    /// The window of a family whose later layers may have one, if a layer has; nil if every layer sees everything.
    func windowOfLateLayers(_ layers: Int) throws(ModelError) -> Int? {
        let kinds = try layerKinds(layers)
        guard try flag("use_sliding_window", default: false), let window = try window() else { return nil }
        let first = try wholeNumber("max_window_layers", default: 28)
        return kinds?.contains("sliding_attention") ?? (first < layers) ? window : nil
    }

    /// Refuses a window that would cut something off, in a family that has none.
    func refuseWindow(layers: Int, context: Int) throws(ModelError) {
        let kinds = try layerKinds(layers)
        guard present("sliding_window") != nil || kinds?.contains("sliding_attention") == true else { return }
        guard let window = try window(), window < context else { return }
        throw unsupported("sliding-window attention in a Llama", "windows in Mistral and Qwen 2")
    }

    /// A window that is not mentioned is 4096 long in every family; one that is null does not exist.
    private func window() throws(ModelError) -> Int? {
        try json["sliding_window"]?.isNull == true ? nil : count("sliding_window", default: 4096)
    }

    /// What `layer_types` says about each layer, if it is there.
    private func layerKinds(_ layers: Int) throws(ModelError) -> [String]? {
        guard let value = present("layer_types") else { return nil }
        let kinds = (value.asArray ?? []).compactMap(\.asString)
        guard kinds.count == layers else {
            throw .configuration(
                path: path, key: "layer_types", problem: "should name the kind of each of the \(layers) layers")
        }
        if let other = kinds.first(where: { $0 != "full_attention" && $0 != "sliding_attention" }) {
            throw unsupported("layers of the kind \"\(other)\"", "full_attention and sliding_attention")
        }
        return kinds
    }

    /// A whole number that may be zero.
    private func wholeNumber(_ key: String, default fallback: Int) throws(ModelError) -> Int {
        guard let value = present(key) else { return fallback }
        if value.asInt == 0 { return 0 }
        return try count(key)
    }
}

extension DecoderModel.Configuration {
    /// How `windowOfLateLayers` is written.
    var lateWindowMembers: [(key: String, value: JSONValue)] {
        [("use_sliding_window", .bool(window != nil)), ("sliding_window", window.map { .integer($0) } ?? .null)]
            + (window == nil ? [] : [("max_window_layers", 0)])
    }
}
