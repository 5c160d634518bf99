import Files

/// Llama 1 to 3 (Touvron et al., arXiv 2302.13971) and what calls itself so.
package struct Llama: DecoderFamily {
    package init() {}
    package let name = "llama"
    package let className = "LlamaForCausalLM"
    package let gguf: GGUFRows? = .interleaved

    package func configuration(_ reader: ConfigurationReader) throws(ModelError) -> DecoderModel.Configuration {
        var result = try reader.decoder()
        try reader.refuseWindow(layers: result.layers, context: result.context)
        if try reader.flag("attention_bias", default: false) { result.biases.formUnion(.attention) }
        if try reader.flag("mlp_bias", default: false) { result.biases.insert(.feedForward) }
        return result
    }

    package func members(_ c: DecoderModel.Configuration) -> [(key: String, value: JSONValue)] {
        c.members + [
            ("attention_bias", .bool(c.biases.contains(.attention))), ("mlp_bias", .bool(c.biases.contains(.feedForward))),
        ]
    }
}

// What Llama and its relatives share.

extension ConfigurationReader {
    /// - Parameters:
    ///   - keyValueHeads: how many the family has where the key is missing; nil for as many as heads.
    ///   - headSize: the size where the key is missing; nil for hidden_size / heads.
    func decoder(keyValueHeads: Int? = nil, headSize: Int? = nil) throws(ModelError) -> DecoderModel.Configuration {
        let activation = try text("hidden_act", default: "silu")
        guard ["silu", "swish"].contains(activation) else { throw unsupported("the activation \"\(activation)\"", "silu") }
        let width = try count("hidden_size"), heads = try count("num_attention_heads", atMost: 4096)
        // A null means as many as heads in every family, but a key that is not there means the family's own number.
        let missing = json["num_key_value_heads"] == nil ? keyValueHeads ?? heads : heads
        let keyValueHeads = try count("num_key_value_heads", default: missing)
        guard heads % keyValueHeads == 0 else {
            throw .configuration(
                path: path, key: "num_key_value_heads", problem: "is \(keyValueHeads), which does not divide the \(heads) heads")
        }
        if present("head_dim") == nil, headSize == nil, width % heads != 0 {
            throw .configuration(
                path: path, key: "num_attention_heads", problem: "is \(heads), which does not divide hidden_size \(width)")
        }
        let size = try count("head_dim", atMost: 4096, default: headSize ?? width / heads)
        guard size % 2 == 0 else {
            throw .configuration(path: path, key: "head_dim", problem: "is \(size); rotary positions need an even size")
        }
        let context = try count("max_position_embeddings"), layers = try count("num_hidden_layers", atMost: 1024)
        return DecoderModel.Configuration(
            vocabulary: try count("vocab_size"), width: width, intermediateSize: try count("intermediate_size"), layers: layers,
            heads: heads, keyValueHeads: keyValueHeads, headSize: size, context: context,
            epsilon: try number("rms_norm_eps", default: 1e-6), rotary: try rotary(context: context),
            isTied: try flag("tie_word_embeddings", default: false))
    }
}

extension DecoderModel.Configuration {
    var members: [(key: String, value: JSONValue)] {
        [
            ("vocab_size", .integer(vocabulary)), ("hidden_size", .integer(width)), ("intermediate_size", .integer(intermediateSize)),
            ("num_hidden_layers", .integer(layers)), ("num_attention_heads", .integer(heads)),
            ("num_key_value_heads", .integer(keyValueHeads)), ("head_dim", .integer(headSize)), ("hidden_act", "silu"),
            ("max_position_embeddings", .integer(context)), ("rms_norm_eps", .number(epsilon)),
            ("rope_theta", .number(rotary?.base ?? 10_000)), ("rope_scaling", rotary?.scaling.configuration ?? .null),
            ("tie_word_embeddings", .bool(isTied)),
        ]
    }
}
