import Files

extension ConfigurationReader {
    // MARK: Llama and its relatives

    func llama(_ family: ModelFamily) throws(ModelError) -> LlamaDecoder.Configuration {
        let activation = try text("hidden_act", default: "silu")
        guard ["silu", "swish"].contains(activation) else { throw unsupported("the activation \"\(activation)\"", "silu") }
        let width = try count("hidden_size"), heads = try count("num_attention_heads", atMost: 4096)
        let keyValueHeads = try count("num_key_value_heads", default: missingKeyValueHeads(family, heads))
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
        let context = try count("max_position_embeddings"), layers = try count("num_hidden_layers", atMost: 1024)
        var result = LlamaDecoder.Configuration(
            vocabulary: try count("vocab_size"), width: width, hiddenWidth: try count("intermediate_size"),
            layers: layers, heads: heads, keyValueHeads: keyValueHeads, headSize: headSize,
            context: context, epsilon: try number("rms_norm_eps", default: 1e-6),
            rotary: try rotary(context: context), isTied: try flag("tie_word_embeddings", default: false))
        result.architecture = family.rawValue
        result.window = try window(family, layers: layers, context: context)
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

    /// A null means as many as heads in every family, but a key that is not there means the family's own number.
    private func missingKeyValueHeads(_ family: ModelFamily, _ heads: Int) -> Int {
        guard json["num_key_value_heads"] == nil else { return heads }
        switch family {
        case .mistral: return 8
        case .qwen2: return 32
        case .llama, .gpt2: return heads
        }
    }

    /// The window of the layers that have one; nil if every layer sees everything.
    private func window(_ family: ModelFamily, layers: Int, context: Int) throws(ModelError) -> Int? {
        let kinds = try layerKinds(layers)
        // In both families a window that is not mentioned is 4096 long; one that is null does not exist.
        let window = try json["sliding_window"]?.isNull == true ? nil : count("sliding_window", default: 4096)
        switch family {
        case .mistral: return window
        case .qwen2:
            guard try flag("use_sliding_window", default: false), let window else { return nil }
            let first = try wholeNumber("max_window_layers", default: 28)
            return kinds?.contains("sliding_attention") ?? (first < layers) ? window : nil
        case .llama, .gpt2:
            // Llama has no window: one that would cut something off belongs to another model.
            guard present("sliding_window") != nil || kinds?.contains("sliding_attention") == true else { return nil }
            guard let window, window < context else { return nil }
            throw unsupported("sliding-window attention in a Llama", "windows in Mistral and Qwen 2")
        }
    }

    /// What `layer_types` says about each layer, if it is there.
    private func layerKinds(_ layers: Int) throws(ModelError) -> [String]? {
        guard let value = present("layer_types") else { return nil }
        let kinds = (value.asArray ?? []).compactMap(\.asString)
        guard kinds.count == layers else {
            throw .configuration(
                path: path, key: "layer_types", problem: "should name the kind of each of the \(layers) layers")
        }
        if let other = kinds.first(where: { $0 != "full_attention" && $0 != "sliding_attention" }) {
            throw unsupported("layers of the kind \"\(other)\"", "full_attention and sliding_attention")
        }
        return kinds
    }

    /// A whole number that may be zero.
    private func wholeNumber(_ key: String, default fallback: Int) throws(ModelError) -> Int {
        guard let value = present(key) else { return fallback }
        if value.asInt == 0 { return 0 }
        return try count(key)
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
        let width = try count("n_embd", or: "hidden_size"), heads = try count("n_head", or: "num_attention_heads")
        guard width % heads == 0 else {
            throw .configuration(path: path, key: "n_head", problem: "is \(heads), which does not divide n_embd \(width)")
        }
        let context = try count("n_positions", or: "max_position_embeddings", default: count("n_ctx", default: 1024))
        return GPT2.Configuration(
            vocabulary: try count("vocab_size"), width: width, hiddenWidth: try count("n_inner", default: 4 * width),
            layers: try count("n_layer", or: "num_hidden_layers", atMost: 1024), heads: heads, context: context,
            epsilon: try number("layer_norm_epsilon", default: 1e-5), isTied: try flag("tie_word_embeddings", default: true))
    }
}
