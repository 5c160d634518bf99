import Files

extension ConfigurationReader {
    /// Reads the rotary positions from every place that versions of transformers have kept them: `rope_theta` and `rope_scaling`,
    /// `rope_parameters`, and any mixture, with transformers' own order of precedence.
    func rotary(context: Int) throws(ModelError) -> RotaryFrequencies {
        let table = nonEmpty("rope_scaling") ?? nonEmpty("rope_parameters") ?? .null
        let scaling = ConfigurationReader(json: table, path: path)
        let base = try scaling.number("rope_theta", default: number("rope_theta", default: 10_000))
        for reader in [self, scaling] where try reader.number("partial_rotary_factor", default: 1) != 1 {
            throw unsupported("rotary positions on a part of each head", "on all of it")
        }
        let kind = try scaling.text("rope_type", default: scaling.text("type", default: "default"))
        guard let keys = Self.scalingKeys[kind] else {
            throw unsupported("RoPE scaling of type \"\(kind)\"", "default, linear, llama3")
        }
        try scaling.refuseRotaryKeys(otherThan: keys, kind)

        switch kind {
        case "linear": return RotaryFrequencies(base: base, scaling: .linear(factor: try scaling.number("factor")))
        case "llama3":
            let low = try scaling.number("low_freq_factor"), high = try scaling.number("high_freq_factor")
            guard low < high else {
                throw .configuration(
                    path: path, key: "low_freq_factor", problem: "is \(low), which is not below high_freq_factor \(high)")
            }
            let inner = try scaling.number("original_max_position_embeddings", default: Double(context))
            return RotaryFrequencies(
                base: base,
                scaling: .llama3(
                    factor: try scaling.number("factor"), lowFrequency: low, highFrequency: high,
                    originalContext: try number("original_max_position_embeddings", default: inner)))
        default: return RotaryFrequencies(base: base)
        }
    }

    /// The keys that each type of scaling reads, besides the base and the type itself.
    private static let scalingKeys: [String: Set<String>] = [
        "default": [], "linear": ["factor"],
        "llama3": ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
    ]

    private func nonEmpty(_ key: String) -> JSONValue? {
        guard let value = present(key), value.asObject?.members.isEmpty != true else { return nil }
        return value
    }

    /// Whatever else stands in the table would change the angles: a factor without its type, divisors for each frequency, tables
    /// for each type of layer.
    private func refuseRotaryKeys(otherThan known: Set<String>, _ kind: String) throws(ModelError) {
        guard !json.isNull else { return }
        guard let members = json.asObject?.members else {
            throw .configuration(path: path, key: "rope_scaling", problem: "should be an object, but is \(json.serialized())")
        }
        let common: Set = ["rope_type", "type", "rope_theta", "partial_rotary_factor", "original_max_position_embeddings"]
        for (key, value) in members where !known.contains(key) && !common.contains(key) {
            // A factor of one, or a switch that is off, changes nothing.
            guard value.isNull || value.asBool == false || value.asDouble == 1 else {
                throw unsupported("\"\(key)\" in RoPE scaling of type \"\(kind)\"", "default, linear, llama3")
            }
        }
    }
}
