import Files

extension GGUFConfiguration {
    /// Keys of an architecture that are read, or that say nothing about what is computed.
    private static let known: Set<String> = [
        "block_count", "context_length", "embedding_length", "feed_forward_length", "vocab_size", "attention.head_count",
        "attention.head_count_kv", "attention.key_length", "attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon",
        "rope.freq_base", "rope.dimension_count", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear",
        "rope.scaling.original_context_length", "rope.scaling.finetuned", "expert_count", "expert_used_count",
        "tensor_data_layout", "pooling_type",
    ]

    /// Refuses keys that change what the model computes. Few keys are written for an architecture, and nearly all of them
    /// matter, so that one nobody has heard of is refused too, unless its value means that the feature is not there.
    func refuseUnusedKeys(_ architecture: String, headSize: Int, context: Int) throws(ModelError) {
        for key in metadata.keys where key.hasPrefix("\(architecture).") {
            let name = String(key.dropFirst(architecture.utf8.count + 1))
            guard let value = metadata[key], !Self.known.contains(name), !isNeutral(name, value, headSize: headSize, context: context)
            else { continue }
            throw .unsupportedFeature(
                path: path, feature: "\(FileError.quoted(key))\(Self.words(value))", supported: "the keys of plain models")
        }
    }

    private func isNeutral(_ name: String, _ value: GGUFValue, headSize: Int, context: Int) -> Bool {
        switch (name, value) {
        case ("attention.value_length", .integer(let size)): size == headSize
        case ("attention.sliding_window", .integer(let window)): window == 0 || window >= context
        case ("attention.causal", .bool(let flag)): flag
        case (_, .bool(let flag)): !flag
        case (_, .integer(let number)): number == 0
        case (_, .number(let number)): number == 0 || number == 1
        case (_, .string(let text)): text.isEmpty
        case (_, .array(let values)): values.count == 0
        case (_, .large): false
        }
    }

    private static func words(_ value: GGUFValue) -> String {
        switch value {
        case .integer(let number): " of \(number)"
        case .number(let number): " of \(number)"
        case .bool(let flag): " set to \(flag)"
        case .string(let text): " set to \(FileError.quoted(text))"
        case .large, .array: ""
        }
    }
}
