import Files

/// Qwen 2 and 2.5 (arXiv 2407.10671, 2412.15115), dense.
package struct Qwen2: DecoderFamily {
    package init() {}
    package let name = "qwen2"
    package let className = "Qwen2ForCausalLM"
    package let gguf: GGUFRows? = .plain
    package let foreignBiases = ["mlp_bias", "use_bias"]

    package func configuration(_ reader: ConfigurationReader) throws(ModelError) -> DecoderModel.Configuration {
        var result = try reader.decoder(keyValueHeads: 32)
        result.window = try reader.windowOfLateLayers(result.layers)
        result.biases = .queriesKeysValues
        return result
    }

    package func members(_ c: DecoderModel.Configuration) -> [(key: String, value: JSONValue)] { c.members + c.lateWindowMembers }
}
