import Files

/// Writes the `config.json` that a GGUF file's metadata amounts to, so that both kinds of file are read by one reader and an
/// export loads in transformers.
struct GGUFConfiguration {
    var metadata: GGUFMetadata
    var weights: any WeightSource
    var path: String

    private static let supported = ["llama", "qwen2"]

    func json() throws(ModelError) -> JSONValue {
        if let kind = metadata.string("general.type"), kind != "model" {
            throw .unsupportedFeature(
                path: path, feature: "a GGUF file of the type \(FileError.quoted(kind))",
                supported: "whole models; merge an adapter into its base model first")
        }
        guard let architecture = metadata.string("general.architecture") else {
            throw .configuration(path: path, key: "general.architecture", problem: "is missing")
        }
        guard Self.supported.contains(architecture) else {
            throw .unsupportedFeature(
                path: path, feature: "a GGUF file of the architecture \"\(architecture)\"",
                supported: "\(Self.supported.joined(separator: " and ")) as GGUF, \(ModelFamily.names) as Hugging Face folders")
        }
        guard let embedding = weights.info("token_embd.weight"), embedding.shape.count == 2 else {
            throw .missingTensor(path: path, name: "token_embd.weight", shape: [], found: weights.names)
        }
        let int = { (key: String) throws(ModelError) -> Int in
            if let value = metadata.int("\(architecture).\(key)") { return value }
            let kind = metadata["\(architecture).\(key)"] == nil ? "is missing" : "is not a whole number"
            throw .configuration(path: path, key: "\(architecture).\(key)", problem: kind)
        }
        let heads = try int("attention.head_count"), width = try int("embedding_length")
        let keyValueHeads =
            metadata["\(architecture).attention.head_count_kv"] == nil
            ? heads : try int("attention.head_count_kv")
        guard let epsilon = metadata.double("\(architecture).attention.layer_norm_rms_epsilon") else {
            throw .configuration(path: path, key: "\(architecture).attention.layer_norm_rms_epsilon", problem: "is missing")
        }
        let headSize = metadata.int("\(architecture).attention.key_length") ?? (heads > 0 ? width / heads : 0)
        if let rotary = metadata.int("\(architecture).rope.dimension_count"), rotary != headSize {
            throw .unsupportedFeature(
                path: path, feature: "rotary positions on \(rotary) of \(headSize) channels", supported: "on all of them")
        }
        if let experts = metadata.int("\(architecture).expert_count"), experts > 0 {
            throw .unsupportedFeature(path: path, feature: "\(experts) experts", supported: "one feed-forward part a layer")
        }
        let context = try int("context_length")
        try refuseUnusedKeys(architecture, headSize: headSize, context: context)

        var members: [(key: String, value: JSONValue)] = [
            ("architectures", .array([.string(architecture == "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM")])),
            ("model_type", .string(architecture)),
            ("vocab_size", .integer(embedding.shape[0])),
            ("hidden_size", .integer(width)),
            ("intermediate_size", .integer(try int("feed_forward_length"))),
            ("num_hidden_layers", .integer(try int("block_count"))),
            ("num_attention_heads", .integer(heads)),
            ("num_key_value_heads", .integer(keyValueHeads)),
            ("head_dim", .integer(headSize)),
            ("hidden_act", .string("silu")),
            ("max_position_embeddings", .integer(context)),
            ("rms_norm_eps", .number(Self.shortest(epsilon))),
            ("rope_theta", .number(Self.shortest(metadata.double("\(architecture).rope.freq_base") ?? 10_000))),
            ("rope_scaling", try scaling(architecture, headSize)),
            ("tie_word_embeddings", .bool(weights.info("output.weight") == nil)),
            ("torch_dtype", .string("float32")),
        ]
        if architecture == "llama" {
            members.append(("attention_bias", .bool(weights.info("blk.0.attn_output.bias") != nil)))
            members.append(("mlp_bias", .bool(weights.info("blk.0.ffn_gate.bias") != nil)))
        }
        let ids = [("bos_token_id", "bos"), ("eos_token_id", "eos"), ("pad_token_id", "padding")]
        for (key, name) in ids {
            if let id = metadata.int("tokenizer.ggml.\(name)_token_id") { members.append((key, .integer(id))) }
        }
        return .object(JSONObject(members))
    }

    private func scaling(_ architecture: String, _ headSize: Int) throws(ModelError) -> JSONValue {
        let key = "\(architecture).rope.scaling"
        let factor = metadata.double("\(key).factor") ?? metadata.double("\(architecture).rope.scale_linear")
        // A factor whose type is not named is linear; older files know no types at all.
        let kind = metadata.string("\(key).type") ?? (factor == nil ? "none" : "linear")
        let hasDivisors = weights.info("rope_freqs.weight") != nil
        switch kind {
        case "none": return hasDivisors ? try llama3(architecture, headSize) : .null
        case "linear":
            guard let factor, factor >= 0 else {
                throw .configuration(path: path, key: "\(key).factor", problem: "is \(factor == nil ? "missing" : "negative")")
            }
            if factor == 0 || factor == 1 { return hasDivisors ? try llama3(architecture, headSize) : .null }
            guard !hasDivisors else {
                throw .unsupportedFeature(
                    path: path, feature: "RoPE scaling by a factor and by divisors together", supported: "one of them")
            }
            return ["rope_type": "linear", "factor": .number(Self.shortest(factor))]
        default:
            throw .unsupportedFeature(
                path: path, feature: "RoPE scaling of type \"\(kind)\"", supported: "none, linear, and Llama 3's")
        }
    }

    /// GGUF stores Llama 3's scaling as one divisor per frequency. The published models share all its numbers but the factor,
    /// which is the largest divisor; others are refused rather than exported wrongly.
    private func llama3(_ architecture: String, _ headSize: Int) throws(ModelError) -> JSONValue {
        let divisors = try ModelError.files { () throws(FileError) in try weights.read("rope_freqs.weight") }
        let refusal = ModelError.unsupportedFeature(
            path: path, feature: "RoPE divisors in \"rope_freqs.weight\" that are not Llama 3's", supported: "Llama 3's")
        guard divisors.count == headSize / 2 else { throw refusal }
        let base = metadata.double("\(architecture).rope.freq_base") ?? 10_000
        let factor = Double(divisors.max() ?? 1)
        let plain = RotaryFrequencies(base: base)
        let scaled = RotaryFrequencies(
            base: base,
            scaling: .llama3(factor: factor, lowFrequency: 1, highFrequency: 4, originalContext: 8192))
        let expected = zip(plain.frequencies(headSize: headSize), scaled.frequencies(headSize: headSize)).map { $0 / $1 }
        guard zip(divisors, expected).allSatisfy({ abs(Double($0) / $1 - 1) < 1e-3 }) else { throw refusal }
        return [
            "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        ]
    }

    /// GGUF keeps these numbers in single precision: 1e-5 should not come out as 9.999999747378752e-06.
    private static func shortest(_ value: Double) -> Double { Double(Float(value).description) ?? value }
}
