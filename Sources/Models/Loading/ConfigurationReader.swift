import Files

/// Reads values of a `config.json`, with errors that name the key.
struct ConfigurationReader {
    var json: JSONValue
    var path: String

    /// A positive whole number. The limits keep products and sums of sizes, as lying files give them, far from overflow.
    func count(_ key: String, atMost limit: Int = 1 << 24, default fallback: Int? = nil) throws(ModelError) -> Int {
        guard let value = present(key) else {
            if let fallback { return fallback }
            throw .configuration(path: path, key: key, problem: "is missing")
        }
        guard let number = value.asInt, number >= 1 else {
            throw .configuration(path: path, key: key, problem: "should be a positive whole number, but is \(value.serialized())")
        }
        guard number <= limit else {
            throw .configuration(path: path, key: key, problem: "is \(number); at most \(limit) is supported")
        }
        return number
    }

    /// A positive number.
    func number(_ key: String, default fallback: Double? = nil) throws(ModelError) -> Double {
        guard let value = present(key) else {
            if let fallback { return fallback }
            throw .configuration(path: path, key: key, problem: "is missing")
        }
        guard let number = value.asDouble, number.isFinite, number > 0 else {
            throw .configuration(path: path, key: key, problem: "should be a positive number, but is \(value.serialized())")
        }
        return number
    }

    func flag(_ key: String, default fallback: Bool) throws(ModelError) -> Bool {
        guard let value = present(key) else { return fallback }
        guard let flag = value.asBool else {
            throw .configuration(path: path, key: key, problem: "should be true or false, but is \(value.serialized())")
        }
        return flag
    }

    func text(_ key: String, default fallback: String) throws(ModelError) -> String {
        guard let value = present(key) else { return fallback }
        guard let text = value.asString else {
            throw .configuration(path: path, key: key, problem: "should be a text, but is \(value.serialized())")
        }
        return text
    }

    /// The value of a key, treating null as absent.
    private func present(_ key: String) -> JSONValue? {
        guard let value = json[key], !value.isNull else { return Optional<JSONValue>.none }
        return value
    }

    func unsupported(_ feature: String, _ supported: String) -> ModelError {
        .unsupportedFeature(path: path, feature: feature, supported: supported)
    }

    // MARK: Llama and its relatives

    func llama(_ family: ModelFamily) throws(ModelError) -> LlamaDecoder.Configuration {
        let activation = try text("hidden_act", default: "silu")
        guard ["silu", "swish"].contains(activation) else { throw unsupported("the activation \"\(activation)\"", "silu") }
        guard json["quantization_config"].map(\.isNull) ?? true else {
            throw unsupported("quantised weights in safetensors", "F32, F16 and BF16, or a GGUF file")
        }
        let width = try count("hidden_size"), heads = try count("num_attention_heads", atMost: 4096)
        let keyValueHeads = try count("num_key_value_heads", default: heads)
        guard heads % keyValueHeads == 0 else {
            throw .configuration(
                path: path, key: "num_key_value_heads", problem: "is \(keyValueHeads), which does not divide the \(heads) heads")
        }
        if present("head_dim") == nil, width % heads != 0 {
            throw .configuration(
                path: path, key: "num_attention_heads", problem: "is \(heads), which does not divide hidden_size \(width)")
        }
        let headSize = try count("head_dim", atMost: 4096, default: width / heads)
        guard headSize % 2 == 0 else {
            throw .configuration(path: path, key: "head_dim", problem: "is \(headSize); rotary positions need an even size")
        }
        var result = LlamaDecoder.Configuration(
            vocabulary: try count("vocab_size"), width: width, hiddenWidth: try count("intermediate_size"),
            layers: try count("num_hidden_layers", atMost: 1024), heads: heads, keyValueHeads: keyValueHeads, headSize: headSize,
            context: try count("max_position_embeddings"), epsilon: try number("rms_norm_eps", default: 1e-6),
            rotary: try rotary(), isTied: try flag("tie_word_embeddings", default: false))
        result.architecture = family.rawValue
        result.window = try window(family)
        switch family {
        case .llama:
            result.hasQueryBias = try flag("attention_bias", default: false)
            result.hasOutputBias = result.hasQueryBias
            result.hasFeedForwardBias = try flag("mlp_bias", default: false)
        case .qwen2: result.hasQueryBias = true
        case .mistral, .gpt2: break
        }
        return result
    }

    private func window(_ family: ModelFamily) throws(ModelError) -> Int? {
        let isUsed: Bool
        switch family {
        case .mistral: isUsed = true
        case .qwen2: isUsed = try flag("use_sliding_window", default: false)
        case .llama, .gpt2: isUsed = false
        }
        return isUsed && present("sliding_window") != nil ? try count("sliding_window") : nil
    }

    /// Reads `rope_theta` and `rope_scaling`, or the `rope_parameters` that replaced them in transformers 5.
    private func rotary() throws(ModelError) -> RotaryFrequencies {
        let joint = present("rope_parameters")
        let scaling = ConfigurationReader(json: joint ?? present("rope_scaling") ?? .null, path: path)
        let base = try joint == nil ? number("rope_theta", default: 10_000) : scaling.number("rope_theta", default: 10_000)
        let share = try max(number("partial_rotary_factor", default: 1), scaling.number("partial_rotary_factor", default: 1))
        let lesser = try min(number("partial_rotary_factor", default: 1), scaling.number("partial_rotary_factor", default: 1))
        guard share == 1, lesser == 1 else { throw unsupported("rotary positions on a part of each head", "on all of it") }

        let kind = try scaling.text("rope_type", default: scaling.text("type", default: "default"))
        switch kind {
        case "default": return RotaryFrequencies(base: base)
        case "linear": return RotaryFrequencies(base: base, scaling: .linear(factor: try scaling.number("factor")))
        case "llama3":
            let low = try scaling.number("low_freq_factor"), high = try scaling.number("high_freq_factor")
            guard low < high else {
                throw .configuration(
                    path: path, key: "low_freq_factor", problem: "is \(low), which is not below high_freq_factor \(high)")
            }
            return RotaryFrequencies(
                base: base,
                scaling: .llama3(
                    factor: try scaling.number("factor"), lowFrequency: low, highFrequency: high,
                    originalContext: try scaling.number("original_max_position_embeddings")))
        default: throw unsupported("RoPE scaling of type \"\(kind)\"", "default, linear, llama3")
        }
    }

    // MARK: GPT-2

    func gpt2() throws(ModelError) -> GPT2.Configuration {
        let activation = try text("activation_function", default: "gelu_new")
        guard ["gelu_new", "gelu_pytorch_tanh"].contains(activation) else {
            throw unsupported("the activation \"\(activation)\"", "gelu_new")
        }
        guard try flag("scale_attn_weights", default: true), try !flag("scale_attn_by_inverse_layer_idx", default: false) else {
            throw unsupported("attention scaled otherwise than by 1/√size", "scale_attn_weights alone")
        }
        guard try !flag("add_cross_attention", default: false) else { throw unsupported("cross-attention", "decoders") }
        guard try flag("tie_word_embeddings", default: true) else { throw unsupported("a GPT-2 head of its own", "a tied head") }
        let width = try count("n_embd"), heads = try count("n_head")
        guard width % heads == 0 else {
            throw .configuration(path: path, key: "n_head", problem: "is \(heads), which does not divide n_embd \(width)")
        }
        let context = try count("n_positions", default: count("n_ctx", default: 1024))
        return GPT2.Configuration(
            vocabulary: try count("vocab_size"), width: width, hiddenWidth: try count("n_inner", default: 4 * width),
            layers: try count("n_layer", atMost: 1024), heads: heads, context: context,
            epsilon: try number("layer_norm_epsilon", default: 1e-5))
    }
}
