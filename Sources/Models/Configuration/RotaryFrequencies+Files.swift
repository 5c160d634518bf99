import Files

// Where files keep rotary positions.

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

extension RotaryFrequencies.Scaling {
    /// The value of `rope_scaling`.
    var configuration: JSONValue {
        switch self {
        case .none: .null
        case .linear(let factor): ["rope_type": "linear", "factor": .number(factor)]
        case .llama3(let factor, let low, let high, let original):
            [
                "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
                "high_freq_factor": .number(high), "original_max_position_embeddings": .integer(Int(original)),
            ]
        }
    }
}

extension GGUFConfiguration {
    func rotary(_ architecture: String, _ headSize: Int) throws -> RotaryFrequencies {
        let base = Self.shortest(metadata.double("\(architecture).rope.freq_base") ?? 10_000)
        let key = "\(architecture).rope.scaling"
        let factor = metadata.double("\(key).factor") ?? metadata.double("\(architecture).rope.scale_linear")
        // A factor whose type is not named is linear; older files know no types at all.
        let kind = metadata.string("\(key).type") ?? (factor == nil ? "none" : "linear")
        guard ["none", "linear"].contains(kind) else {
            throw ModelError.unsupportedFeature(
                path: path, feature: "RoPE scaling of type \"\(kind)\"", supported: "none, linear, and Llama 3's")
        }
        var scaling = RotaryFrequencies.Scaling.none
        if kind == "linear" {
            guard let factor, factor >= 0 else {
                throw ModelError.configuration(path: path, key: "\(key).factor", problem: "is \(factor == nil ? "missing" : "negative")")
            }
            // Neither stretches anything.
            if factor != 0, factor != 1 { scaling = .linear(factor: Self.shortest(factor)) }
        }
        guard weights.info("rope_freqs.weight") != nil else { return RotaryFrequencies(base: base, scaling: scaling) }
        guard scaling == .none else {
            throw ModelError.unsupportedFeature(
                path: path, feature: "RoPE scaling by a factor and by divisors together", supported: "one of them")
        }
        return try llama3(base, headSize)
    }

    /// GGUF stores Llama 3's scaling as one divisor per frequency. The published models share all its numbers but the factor,
    /// which is the largest divisor; others are refused rather than exported wrongly.
    private func llama3(_ base: Double, _ headSize: Int) throws -> RotaryFrequencies {
        let divisors = try weights.read("rope_freqs.weight")
        let plain = RotaryFrequencies(base: base).frequencies(headSize: headSize)
        let scaled = RotaryFrequencies(
            base: base,
            scaling: .llama3(factor: Double(divisors.max() ?? 1), lowFrequency: 1, highFrequency: 4, originalContext: 8192))
        let expected = zip(plain, scaled.frequencies(headSize: headSize)).map { $0 / $1 }
        guard divisors.count == headSize / 2, zip(divisors, expected).allSatisfy({ abs(Double($0) / $1 - 1) < 1e-3 }) else {
            throw ModelError.unsupportedFeature(
                path: path, feature: "RoPE divisors in \"rope_freqs.weight\" that are not Llama 3's", supported: "Llama 3's")
        }
        return scaled
    }
}
