import Files
import Graph

/// GPT-2 (Radford et al., 2019): layer norm, learned positions, one map to queries, keys and values, GELU in its tanh form or exact.
package struct GPT2: DecoderFamily {
    package init() {}
    package let name = "gpt2"
    package let className = "GPT2LMHeadModel"
    package let names = DecoderNames(
        wrapper: "transformer.", embedding: LayerName("wte"), positions: LayerName("wpe"), blocks: LayerName("h"),
        finalNorm: LayerName("ln_f"), attentionNorm: LayerName("ln_1"), fused: LayerName("attn.c_attn"),
        output: LayerName("attn.c_proj"), feedForwardNorm: LayerName("ln_2"), up: LayerName("mlp.c_fc"), down: LayerName("mlp.c_proj"),
        buffers: [".attn.bias", ".attn.masked_bias"])

    package func configuration(_ reader: ConfigurationReader) throws(ModelError) -> DecoderModel.Configuration {
        let named = try reader.text("activation_function", default: "gelu_new")
        guard let activation = Self.activations.first(where: { $0.name == named })?.function else {
            throw reader.unsupported("the activation \"\(named)\"", Self.activations.map(\.name).joined(separator: ", "))
        }
        let isPlain = try !reader.flag("scale_attn_by_inverse_layer_idx", default: false)
        guard try reader.flag("scale_attn_weights", default: true), isPlain else {
            throw reader.unsupported("attention scaled otherwise than by 1/√size", "scale_attn_weights alone")
        }
        let width = try reader.count("n_embd", or: "hidden_size"), heads = try reader.count("n_head", or: "num_attention_heads")
        guard width % heads == 0 else {
            throw .configuration(path: reader.path, key: "n_head", problem: "is \(heads), which does not divide n_embd \(width)")
        }
        var result = Self.block(
            DecoderModel.Configuration(
                vocabulary: try reader.count("vocab_size"), width: width,
                intermediateSize: try reader.count("n_inner", default: 4 * width),
                layers: try reader.count("n_layer", or: "num_hidden_layers", atMost: 1024), heads: heads,
                context: try reader.count("n_positions", or: "max_position_embeddings", default: reader.count("n_ctx", default: 1024)),
                epsilon: try reader.number("layer_norm_epsilon", default: 1e-5),
                isTied: try reader.flag("tie_word_embeddings", default: true)))
        result.activation = activation
        return result
    }

    /// The first of a function's names is the one that is written.
    private static let activations: [(name: String, function: UnaryFunction)] = [
        ("gelu_new", .gelu(order: 0)), ("gelu_pytorch_tanh", .gelu(order: 0)), ("gelu", .exactGelu(order: 0)),
    ]

    /// Sizes with the family's block.
    package static func block(_ sizes: DecoderModel.Configuration) -> DecoderModel.Configuration {
        var result = sizes
        result.rotary = nil
        result.norm = .layer
        result.biases = [.attention, .feedForward]
        result.activation = .gelu(order: 0)
        result.isGated = false
        result.projectionLayout = .inputsFirst
        return result
    }

    package func members(_ c: DecoderModel.Configuration) -> [(key: String, value: JSONValue)] {
        [
            ("vocab_size", .integer(c.vocabulary)), ("n_embd", .integer(c.width)), ("n_inner", .integer(c.intermediateSize)),
            ("n_layer", .integer(c.layers)), ("n_head", .integer(c.heads)), ("n_positions", .integer(c.context)),
            ("layer_norm_epsilon", .number(c.epsilon)),
            ("activation_function", .string(Self.activations.first { $0.function == c.activation }?.name ?? "gelu_new")),
            ("tie_word_embeddings", .bool(c.isTied)),
        ]
    }
}
