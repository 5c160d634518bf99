import Files

/// Qwen 3 (arXiv 2505.09388), dense: each head's queries and keys are normalised, and heads have a size of their own.
struct Qwen3: DecoderFamily {
    let name = "qwen3"
    let className = "Qwen3ForCausalLM"
    let gguf: GGUFRows? = .plain
    let foreignBiases = ["mlp_bias", "qkv_bias", "use_bias"]

    func configuration(_ reader: ConfigurationReader) throws(ModelError) -> DecoderModel.Configuration {
        var result = try reader.decoder(keyValueHeads: 32, headSize: 128)
        result.window = try reader.windowOfLateLayers(result.layers)
        result.normalisesHeads = true
        if try reader.flag("attention_bias", default: false) { result.biases = .attention }
        return result
    }

    func members(_ c: DecoderModel.Configuration) -> [(key: String, value: JSONValue)] {
        c.members + c.lateWindowMembers + [("attention_bias", .bool(c.biases == .attention))]
    }
}
