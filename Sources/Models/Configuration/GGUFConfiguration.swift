import Files

/// Reads a decoder's configuration from the metadata of a GGUF file.
struct GGUFConfiguration {
    var metadata: GGUFMetadata
    var weights: any WeightSource
    var path: String

    /// The `config.json` that the metadata amounts to. The family's own reader checks it.
    func json(_ families: [any DecoderFamily]) throws -> JSONValue {
        if let kind = metadata.string("general.type"), kind != "model" {
            throw ModelError.unsupportedFeature(
                path: path, feature: "a GGUF file of the type \(FileError.quoted(kind))",
                supported: "whole models; merge an adapter into its base model first")
        }
        guard let architecture = metadata.string("general.architecture") else {
            throw ModelError.configuration(path: path, key: "general.architecture", problem: "is missing")
        }
        let readable = families.filter { $0.gguf != nil }
        guard let family = readable.first(where: { $0.name == architecture }) else {
            throw ModelError.unsupportedFeature(
                path: path, feature: "a GGUF file of the architecture \"\(architecture)\"",
                supported: "\(readable.map(\.name).joined(separator: ", ")) as GGUF, \(ModelFamilies.names) as Hugging Face folders")
        }
        var object = family.configurationFile(try configuration(architecture, family.names))
        for (key, name) in [("bos_token_id", "bos"), ("eos_token_id", "eos"), ("pad_token_id", "padding")] {
            if let id = metadata.int("tokenizer.ggml.\(name)_token_id") { object[key] = .integer(id) }
        }
        return .object(object)
    }

    private func configuration(_ architecture: String, _ names: DecoderNames) throws -> DecoderModel.Configuration {
        guard let embedding = weights.info("token_embd.weight"), embedding.shape.count == 2 else {
            throw ModelError.missingTensor(path: path, name: "token_embd.weight", shape: [], found: weights.names)
        }
        let int = { (key: String) throws -> Int in
            if let value = metadata.int("\(architecture).\(key)") { return value }
            let kind = metadata["\(architecture).\(key)"] == nil ? "is missing" : "is not a whole number"
            throw ModelError.configuration(path: path, key: "\(architecture).\(key)", problem: kind)
        }
        let heads = try int("attention.head_count"), width = try int("embedding_length")
        let keyValueHeads =
            metadata["\(architecture).attention.head_count_kv"] == nil
            ? heads : try int("attention.head_count_kv")
        guard let epsilon = metadata.double("\(architecture).attention.layer_norm_rms_epsilon") else {
            throw ModelError.configuration(path: path, key: "\(architecture).attention.layer_norm_rms_epsilon", problem: "is missing")
        }
        let headSize = metadata.int("\(architecture).attention.key_length") ?? (heads > 0 ? width / heads : 0)
        if let rotary = metadata.int("\(architecture).rope.dimension_count"), rotary != headSize {
            throw ModelError.unsupportedFeature(
                path: path, feature: "rotary positions on \(rotary) of \(headSize) channels", supported: "on all of them")
        }
        if let experts = metadata.int("\(architecture).expert_count"), experts > 0 {
            throw ModelError.unsupportedFeature(path: path, feature: "\(experts) experts", supported: "one feed-forward part a layer")
        }
        let context = try int("context_length")
        try refuseUnusedKeys(architecture, headSize: headSize, context: context)

        var result = DecoderModel.Configuration(
            vocabulary: embedding.shape[0], width: width, intermediateSize: try int("feed_forward_length"),
            layers: try int("block_count"), heads: heads, keyValueHeads: keyValueHeads, headSize: headSize, context: context,
            epsilon: Self.shortest(epsilon), rotary: try rotary(architecture, headSize), isTied: weights.info("output.weight") == nil)
        // Nothing but the tensors says which biases there are.
        let hasBias = { (name: LayerName) in names.block(0).appending(name).gguf.flatMap { weights.info("\($0).bias") } != nil }
        if hasBias(names.output) { result.biases.formUnion(.attention) }
        if hasBias(names.gate) { result.biases.insert(.feedForward) }
        return result
    }

    /// GGUF keeps these numbers in single precision: 1e-5 should not come out as 9.999999747378752e-06.
    static func shortest(_ value: Double) -> Double { Double(Float(value).description) ?? value }
}
