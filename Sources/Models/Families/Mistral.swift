import Files

/// Mistral 7B (Jiang et al., arXiv 2310.06825) and its successors up to v0.3.
struct Mistral: DecoderFamily {
    let name = "mistral"
    let className = "MistralForCausalLM"
    let foreignBiases = ["attention_bias", "mlp_bias", "qkv_bias", "use_bias"]

    func configuration(_ reader: ConfigurationReader) throws(ModelError) -> DecoderModel.Configuration {
        var result = try reader.decoder(keyValueHeads: 8)
        result.window = try reader.windowOfAllLayers(result.layers)
        return result
    }

    func members(_ c: DecoderModel.Configuration) -> [(key: String, value: JSONValue)] {
        c.members + [("sliding_window", c.window.map { .integer($0) } ?? .null)]
    }
}
