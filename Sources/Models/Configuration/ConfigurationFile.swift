import Files

/// The `config.json` of models that were made here, so that transformers and this engine's own reader load them.
extension LlamaDecoder {
    package var configurationFile: JSONValue {
        let c = configuration
        let names = ["mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM"]
        var members: [(key: String, value: JSONValue)] = [
            ("architectures", .array([.string(names[c.architecture] ?? "LlamaForCausalLM")])),
            ("model_type", .string(c.architecture)),
            ("vocab_size", .integer(c.vocabulary)),
            ("hidden_size", .integer(c.width)),
            ("intermediate_size", .integer(c.hiddenWidth)),
            ("num_hidden_layers", .integer(c.layers)),
            ("num_attention_heads", .integer(c.heads)),
            ("num_key_value_heads", .integer(c.keyValueHeads)),
            ("head_dim", .integer(c.headSize)),
            ("hidden_act", "silu"),
            ("max_position_embeddings", .integer(c.context)),
            ("rms_norm_eps", .number(c.epsilon)),
            ("rope_theta", .number(c.rotary.base)),
            ("rope_scaling", c.rotary.scaling.configuration),
            ("tie_word_embeddings", .bool(c.isTied)),
            ("torch_dtype", "float32"),
        ]
        switch c.architecture {
        case "mistral": members.append(("sliding_window", c.window.map { .integer($0) } ?? .null))
        case "qwen2":
            members.append(("use_sliding_window", .bool(c.window != nil)))
            if c.window != nil { members.append(("max_window_layers", 0)) }
            members.append(("sliding_window", c.window.map { .integer($0) } ?? .null))
        default:
            members.append(("attention_bias", .bool(c.hasQueryBias)))
            members.append(("mlp_bias", .bool(c.hasFeedForwardBias)))
        }
        return .object(JSONObject(members))
    }
}

extension GPT2 {
    package var configurationFile: JSONValue {
        let c = configuration
        return [
            "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": .integer(c.vocabulary),
            "n_embd": .integer(c.width), "n_inner": .integer(c.hiddenWidth), "n_layer": .integer(c.layers),
            "n_head": .integer(c.heads), "n_positions": .integer(c.context), "layer_norm_epsilon": .number(c.epsilon),
            "activation_function": "gelu_new", "tie_word_embeddings": .bool(c.isTied), "torch_dtype": "float32",
        ]
    }
}

extension RotaryFrequencies.Scaling {
    /// The value of `rope_scaling`.
    fileprivate var configuration: JSONValue {
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
