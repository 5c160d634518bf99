import Files

/// Qwen 3 (arXiv 2505.09388), dense: each head's queries and keys are normalised, and heads have a size of their own.
package struct Qwen3: DecoderFamily {
    package init() {}
    package let name = "qwen3"
    package let className = "Qwen3ForCausalLM"
    package let gguf: GGUFRows? = .plain
    package let foreignBiases = ["mlp_bias", "qkv_bias", "use_bias"]

    package func configuration(_ reader: ConfigurationReader) throws(ModelError) -> DecoderModel.Configuration {
        var result = try reader.decoder(keyValueHeads: 32, headSize: 128)
        result.window = try reader.windowOfLateLayers(result.layers)
        result.normalisesHeads = true
        if try reader.flag("attention_bias", default: false) { result.biases = .attention }
        return result
    }

    package func members(_ c: DecoderModel.Configuration) -> [(key: String, value: JSONValue)] {
        c.members + c.lateWindowMembers + [("attention_bias", .bool(c.biases == .attention))]
    }
}
