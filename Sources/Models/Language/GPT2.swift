import Graph

/// GPT-2 (Radford et al., 2019): layer norm before each part, learned positions, tanh-GELU, usually a head tied to
/// the embedding.
package struct GPT2: LanguageModel {
    package struct Configuration: Hashable, Sendable {
        package var vocabulary: Int
        package var width: Int
        package var hiddenWidth: Int
        package var layers: Int
        package var heads: Int
        package var context: Int
        package var epsilon: Double
        /// Whether the head is the embedding.
        package var isTied: Bool
        /// Standard deviation of fresh weights.
        package var deviation = 0.02

        package init(
            vocabulary: Int, width: Int, hiddenWidth: Int? = nil, layers: Int, heads: Int, context: Int, epsilon: Double = 1e-5,
            isTied: Bool = true
        ) {
            self.vocabulary = vocabulary
            self.width = width
            self.hiddenWidth = hiddenWidth ?? 4 * width
            self.layers = layers
            self.heads = heads
            self.context = context
            self.epsilon = epsilon
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

    package var architecture: String { "gpt2" }

    package var dimensions: LanguageDimensions {
        let c = configuration
        return LanguageDimensions(
            vocabulary: c.vocabulary, width: c.width, layers: c.layers, heads: c.heads, keyValueHeads: c.heads,
            headSize: c.heads > 0 ? c.width / c.heads : 0, context: c.context)
    }

    package func hidden(_ weights: WeightNodes, _ tokens: TokenNodes, cache: CacheNodes?) -> Node {
        let c = configuration
        let rows = tokens.batch * tokens.length
        var x =
            weights.weight("transformer.wte.weight").gather(tokens.ids)
            + weights.weight("transformer.wpe.weight").gather(tokens.positions)
        for layer in 0..<c.layers {
            let name = "transformer.h.\(layer)"
            x = weights.graph.part(name) {
                let fused = weights.linear(norm(x, weights, "\(name).ln_1"), "\(name).attn.c_attn")
                let third = { (index: Int) in
                    fused.slice(at: [0, index * c.width], shape: [rows, c.width])
                }
                let attention = Attention(
                    layer: layer, heads: c.heads, keyValueHeads: c.heads, headSize: dimensions.headSize)
                let mixed = attention(third(0), third(1), third(2), tokens, cache)
                let middle = x + weights.linear(mixed, "\(name).attn.c_proj")
                let inner = weights.linear(norm(middle, weights, "\(name).ln_2"), "\(name).mlp.c_fc")
                return middle + weights.linear(inner.mapped(.gelu(order: 0)), "\(name).mlp.c_proj")
            }
        }
        return norm(x, weights, "transformer.ln_f")
    }

    package func logits(_ weights: WeightNodes, _ rows: Node) -> Node {
        weights.graph.part("head") {
            rows.matmul(weights.weight(configuration.isTied ? "transformer.wte.weight" : "lm_head.weight").transposed())
        }
    }

    private func norm(_ x: Node, _ weights: WeightNodes, _ prefix: String) -> Node {
        x.normalised(.layer, epsilon: configuration.epsilon) * weights.weight("\(prefix).weight")
            + weights.weight("\(prefix).bias")
    }

    private static func specifications(_ c: Configuration) -> [ParameterSpecification] {
        var list: [ParameterSpecification] = []
        let weight = Initialisation.normal(deviation: c.deviation)
        // Each block adds to the residual stream twice, so those weights begin smaller the more blocks there are.
        let residual = Initialisation.normal(deviation: c.deviation / Double(2 * max(1, c.layers)).squareRoot())
        let linear = { (name: String, inputs: Int, outputs: Int, start: Initialisation) in
            list.append(ParameterSpecification("\(name).weight", [inputs, outputs], .projection(.inputsFirst), start))
            list.append(ParameterSpecification("\(name).bias", [outputs], .vector, .zeros))
        }
        let norm = { (name: String) in
            list.append(ParameterSpecification("\(name).weight", [c.width], .vector, .ones))
            list.append(ParameterSpecification("\(name).bias", [c.width], .vector, .zeros))
        }
        list.append(ParameterSpecification("transformer.wte.weight", [c.vocabulary, c.width], .table, weight))
        list.append(ParameterSpecification("transformer.wpe.weight", [c.context, c.width], .table, weight))
        for layer in 0..<c.layers {
            let name = "transformer.h.\(layer)"
            norm("\(name).ln_1")
            linear("\(name).attn.c_attn", c.width, 3 * c.width, weight)
            linear("\(name).attn.c_proj", c.width, c.width, residual)
            norm("\(name).ln_2")
            linear("\(name).mlp.c_fc", c.width, c.hiddenWidth, weight)
            linear("\(name).mlp.c_proj", c.hiddenWidth, c.width, residual)
        }
        norm("transformer.ln_f")
        if !c.isTied { list.append(ParameterSpecification("lm_head.weight", [c.vocabulary, c.width], .table, weight)) }
        return list
    }
}
