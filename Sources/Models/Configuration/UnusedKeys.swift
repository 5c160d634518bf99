import Files

/// Keys of a `config.json` that change what a model computes and that the readers of the families do not read.
///
/// Thousands of keys mean nothing for the numbers, so keys that nobody has listed here are passed over, as transformers does.
/// Those listed are features of relatives of the supported families: a folder that sets one to something with an effect holds
/// another model than would be computed.
struct UnusedKeys {
    /// Values that mean that a feature is not there. Null always does.
    private enum Neutral {
        /// false, 0, or nothing in it.
        case off
        /// false, 0, or one of them.
        case atMostOne
        case one
        case on

        func includes(_ value: JSONValue) -> Bool {
            switch value {
            case .null: true
            case .bool(let flag): self == .on ? flag : !flag
            case .integer, .number:
                switch self {
                case .off: value.asDouble == 0
                case .atMostOne: (0...1).contains(value.asDouble ?? -1)
                case .one, .on: value.asDouble == 1
                }
            case .string(let text): text.isEmpty
            case .array(let values): values.isEmpty
            case .object(let object): object.members.isEmpty
            }
        }
    }

    private static let features: [(feature: String, neutral: Neutral, keys: [String])] = [
        (
            "soft-capped logits or attention", .off,
            ["attn_logit_softcapping", "final_logit_softcapping", "logit_softcapping", "logits_soft_cap", "attn_logit_softcap"]
        ),
        ("clipped queries, keys and values", .off, ["clip_qkv", "qkv_clip", "clamp_kqv"]),
        ("scaled attention", .off, ["query_pre_attn_scalar", "attention_multiplier", "attention_scale", "attn_temperature_tuning"]),
        (
            "scaled embeddings, residuals or logits", .one,
            [
                "embedding_multiplier", "embedding_scale", "scale_emb", "residual_multiplier", "scale_depth", "logits_scaling",
                "logit_scale", "lm_head_multiplier", "mup_width_scale", "mup_embeddings_scale",
            ]
        ),
        ("rotary positions on a part of each head", .one, ["rotary_pct", "rope_percent"]),
        ("rotary positions in pairs of neighbours", .off, ["rope_interleaved", "rope_interleave"]),
        ("layers without rotary positions", .off, ["no_rope_layers", "no_rope_layer_interval", "nope_layer_interval"]),
        ("normalised queries and keys", .off, ["use_qk_norm", "qk_norm", "qk_layernorm", "use_qk_layernorm"]),
        ("experts", .atMostOne, ["num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"]),
        ("ALiBi", .off, ["alibi", "use_alibi"]),
        ("parallel attention and feed-forward parts", .off, ["parallel_attn", "use_parallel_residual"]),
        ("attention in chunks", .off, ["attention_chunk_size"]),
        ("attention in both directions", .off, ["use_bidirectional_attention", "bidirectional"]),
        ("attention in both directions", .on, ["is_causal"]),
        ("cross-attention", .off, ["add_cross_attention", "is_encoder_decoder"]),
        ("pruned heads", .off, ["pruned_heads"]),
        ("layers that differ from each other", .off, ["per_layer_config", "block_configs"]),
        ("quantised weights in safetensors", .off, ["quantization_config", "compression_config"]),
    ]

    /// Refuses a configuration that sets a feature which is not computed.
    /// - Parameter foreignBiases: keys for biases that the family does not have.
    static func refuse(in json: JSONValue, foreignBiases: [String], path: String) throws(ModelError) {
        let own = [(feature: "other biases than its family", neutral: Neutral.off, keys: foreignBiases)]
        for (feature, neutral, keys) in features + own {
            for key in keys {
                guard let value = json[key], !neutral.includes(value), !isList(key, ofOnes: value) else { continue }
                throw .unsupportedFeature(
                    path: path, feature: "\(feature) (\"\(key)\" is \(shortened(value)))", supported: supported(key))
            }
        }
        try refuseOtherTasks(json, path)
    }

    /// `no_rope_layers` counts the layers that *have* positions.
    private static func isList(_ key: String, ofOnes value: JSONValue) -> Bool {
        key == "no_rope_layers" && (value.asArray?.allSatisfy { $0.asInt == 1 } ?? false)
    }

    private static func supported(_ key: String) -> String {
        key.hasPrefix("quant") || key.hasPrefix("compression")
            ? "F32, F16 and BF16, or a GGUF file" : "models of the family as transformers computes them"
    }

    private static func shortened(_ value: JSONValue) -> String {
        let text = value.serialized()
        return text.utf8.count <= 60 ? text : "\(text.prefix(40))…"
    }

    /// A class without a head is the inside of a language model; a class with another head is no language model.
    private static func refuseOtherTasks(_ json: JSONValue, _ path: String) throws(ModelError) {
        let classes = json["architectures"]?.asArray?.compactMap(\.asString) ?? []
        let isLanguageModel = { (name: String) in
            name.contains("CausalLM") || name.contains("LMHead")
                || name.hasSuffix("Model") && !name.contains("For")
                    && !name.contains("DoubleHeads")
        }
        guard let found = classes.first, !classes.contains(where: isLanguageModel) else { return }
        throw .unsupportedFeature(path: path, feature: "the class \"\(found)\"", supported: "language models (…ForCausalLM)")
    }
}
