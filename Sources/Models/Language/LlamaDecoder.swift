import Graph

/// The decoder of Llama (Touvron et al., arXiv 2302.13971) and the many models built like it: RMS norm, rotary positions,
/// grouped-query attention, SwiGLU.
package struct LlamaDecoder: LanguageModel {
    package struct Configuration: Hashable, Sendable {
        /// `llama`, `mistral` or `qwen2`.
        package var architecture = "llama"
        package var vocabulary: Int
        package var width: Int
        package var hiddenWidth: Int
        package var layers: Int
        package var heads: Int
        package var keyValueHeads: Int
        package var headSize: Int
        package var context: Int
        /// Tokens that attention reaches back, if fewer than the context.
        package var window: Int?
        package var epsilon: Double
        package var rotary: RotaryFrequencies
        /// Whether the head is the embedding.
        package var isTied: Bool
        /// Biases of queries, keys and values (Qwen 2), of attention's output, and of the feed-forward part.
        package var hasQueryBias = false, hasOutputBias = false, hasFeedForwardBias = false
        /// Standard deviation of fresh weights.
        package var deviation = 0.02

        package init(
            vocabulary: Int, width: Int, hiddenWidth: Int, layers: Int, heads: Int, keyValueHeads: Int, headSize: Int? = nil,
            context: Int, epsilon: Double = 1e-5, rotary: RotaryFrequencies = RotaryFrequencies(base: 10_000), isTied: Bool = true
        ) {
            self.vocabulary = vocabulary
            self.width = width
            self.hiddenWidth = hiddenWidth
            self.layers = layers
            self.heads = heads
            self.keyValueHeads = keyValueHeads
            self.headSize = headSize ?? (heads > 0 ? width / heads : 0)
            self.context = context
            self.epsilon = epsilon
            self.rotary = rotary
            self.isTied = isTied
        }
    }

    package let configuration: Configuration
    package let specifications: [ParameterSpecification]

    /// The configuration must be consistent; configurations read from files are checked when they are read.
    package init(_ configuration: Configuration) {
        self.configuration = configuration
        specifications = Self.specifications(configuration)
    }

    package var architecture: String { configuration.architecture }

    package var dimensions: LanguageDimensions {
        let c = configuration
        var result = LanguageDimensions(
            vocabulary: c.vocabulary, width: c.width, layers: c.layers, heads: c.heads, keyValueHeads: c.keyValueHeads,
            headSize: c.headSize, context: c.context)
        if let window = c.window, window < c.context {
            result.context = window
            result.contextReason = "sliding-window attention beyond its window of \(window) tokens is not supported"
        }
        return result
    }

    package func hidden(_ weights: WeightNodes, _ tokens: TokenNodes, cache: CacheNodes?) -> Node {
        let c = configuration
        let graph = weights.graph
        let rotary = c.rotary.tables(graph, positions: cache?.capacity ?? tokens.length, headSize: c.headSize)
        let rotate = { (x: Node, heads: Int) -> Node in
            x.reshaped(to: [tokens.batch * tokens.length, heads, c.headSize])
                .rotated(cosines: rotary.cosines, sines: rotary.sines, positions: tokens.positions)
                .reshaped(to: [tokens.batch * tokens.length, heads * c.headSize])
        }
        var x = weights.weight("model.embed_tokens.weight").gather(tokens.ids)
        for layer in 0..<c.layers {
            let name = "model.layers.\(layer)"
            x = graph.part(name) {
                let read = norm(x, weights, "\(name).input_layernorm.weight")
                let attention = Attention(layer: layer, heads: c.heads, keyValueHeads: c.keyValueHeads, headSize: c.headSize)
                let mixed = attention(
                    rotate(weights.linear(read, "\(name).self_attn.q_proj"), c.heads),
                    rotate(weights.linear(read, "\(name).self_attn.k_proj"), c.keyValueHeads),
                    weights.linear(read, "\(name).self_attn.v_proj"), tokens, cache)
                let middle = x + weights.linear(mixed, "\(name).self_attn.o_proj")

                let next = norm(middle, weights, "\(name).post_attention_layernorm.weight")
                let gate = weights.linear(next, "\(name).mlp.gate_proj").mapped(.silu(order: 0))
                let inner = gate * weights.linear(next, "\(name).mlp.up_proj")
                return middle + weights.linear(inner, "\(name).mlp.down_proj")
            }
        }
        return norm(x, weights, "model.norm.weight")
    }

    package func logits(_ weights: WeightNodes, _ rows: Node) -> Node {
        weights.graph.part("head") {
            rows.matmul(
                weights.weight(configuration.isTied ? "model.embed_tokens.weight" : "lm_head.weight").transposed())
        }
    }

    private func norm(_ x: Node, _ weights: WeightNodes, _ name: String) -> Node {
        x.normalised(.rms, epsilon: configuration.epsilon) * weights.weight(name)
    }

    private static func specifications(_ c: Configuration) -> [ParameterSpecification] {
        var list: [ParameterSpecification] = []
        let weight = Initialisation.normal(deviation: c.deviation)
        // Each block adds to the residual stream twice: as in GPT-2, those weights begin smaller the more blocks there are.
        let residual = Initialisation.normal(deviation: c.deviation / Double(2 * max(1, c.layers)).squareRoot())
        let linear = { (name: String, outputs: Int, inputs: Int, bias: Bool, start: Initialisation) in
            list.append(ParameterSpecification("\(name).weight", [outputs, inputs], .projection(.outputsFirst), start))
            if bias { list.append(ParameterSpecification("\(name).bias", [outputs], .vector, .zeros)) }
        }
        let norm = { (name: String) in list.append(ParameterSpecification("\(name).weight", [c.width], .vector, .ones)) }

        list.append(ParameterSpecification("model.embed_tokens.weight", [c.vocabulary, c.width], .table, weight))
        for layer in 0..<c.layers {
            let name = "model.layers.\(layer)"
            norm("\(name).input_layernorm")
            linear("\(name).self_attn.q_proj", c.heads * c.headSize, c.width, c.hasQueryBias, weight)
            linear("\(name).self_attn.k_proj", c.keyValueHeads * c.headSize, c.width, c.hasQueryBias, weight)
            linear("\(name).self_attn.v_proj", c.keyValueHeads * c.headSize, c.width, c.hasQueryBias, weight)
            linear("\(name).self_attn.o_proj", c.width, c.heads * c.headSize, c.hasOutputBias, residual)
            norm("\(name).post_attention_layernorm")
            linear("\(name).mlp.gate_proj", c.hiddenWidth, c.width, c.hasFeedForwardBias, weight)
            linear("\(name).mlp.up_proj", c.hiddenWidth, c.width, c.hasFeedForwardBias, weight)
            linear("\(name).mlp.down_proj", c.width, c.hiddenWidth, c.hasFeedForwardBias, residual)
        }
        norm("model.norm")
        if !c.isTied { list.append(ParameterSpecification("lm_head.weight", [c.vocabulary, c.width], .table, weight)) }
        return list
    }
}
