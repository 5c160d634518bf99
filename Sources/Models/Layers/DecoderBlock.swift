import Graph

/// What all blocks of a decoder read besides the states.
struct DecoderStep {
    var weights: WeightNodes
    var tokens: TokenNodes
    /// Nil where whole sequences are read.
    var cache: KVCacheNodes?
    /// Tables of rotary positions, [positions, size/2]; nil where positions are learned.
    var rotary: (cosines: Node, sines: Node)?
}

/// One block of a decoder: two parts, each normalised before and added to the stream of states.
struct DecoderBlock: Layer {
    let name: String
    let attentionNorm: Norm
    let attention: Attention
    let feedForwardNorm: Norm
    let feedForward: FeedForward

    init(_ c: DecoderModel.Configuration, _ family: any DecoderFamily, layer: Int) {
        let names = family.names
        let block = names.block(layer)
        name = block.huggingFace
        let weight = Initialisation.normal(deviation: c.deviation)
        // Each block adds to the stream twice: as in GPT-2, those weights begin smaller the more blocks there are.
        let residual = Initialisation.normal(deviation: c.deviation / Double(2 * max(1, c.layers)).squareRoot())
        func linear(
            _ name: LayerName, _ inputs: Int, to outputs: Int, bias: DecoderModel.Configuration.Biases, start: Initialisation? = nil
        ) -> Linear {
            Linear(
                name: block.appending(name), inputs: inputs, outputs: outputs, hasBias: c.biases.contains(bias),
                layout: c.projectionLayout, start: start ?? weight)
        }
        func norm(_ name: LayerName, _ kind: NormKind, _ size: Int) -> Norm {
            Norm(name: block.appending(name), kind: kind, size: size, epsilon: c.epsilon)
        }
        func headNorm(_ name: LayerName) -> Norm? { c.normalisesHeads ? norm(name, .rms, c.headSize) : nil }
        let (queries, keys) = (c.heads * c.headSize, c.keyValueHeads * c.headSize)
        let projections: Attention.Projections
        if let fused = names.fused {
            projections = .fused(linear(fused, c.width, to: queries + 2 * keys, bias: .queriesKeysValues))
        } else {
            var query = linear(names.query, c.width, to: queries, bias: .queriesKeysValues)
            var key = linear(names.key, c.width, to: keys, bias: .queriesKeysValues)
            if family.gguf == .interleaved {
                query.interleavedHeads = c.heads
                key.interleavedHeads = c.keyValueHeads
            }
            let value = linear(names.value, c.width, to: keys, bias: .queriesKeysValues)
            projections = .separate(queries: query, keys: key, values: value)
        }
        attentionNorm = norm(names.attentionNorm, c.norm, c.width)
        attention = Attention(
            layer: layer, heads: c.heads, keyValueHeads: c.keyValueHeads, headSize: c.headSize, projections: projections,
            output: linear(names.output, queries, to: c.width, bias: .attentionOutput, start: residual),
            queryNorm: headNorm(names.queryNorm), keyNorm: headNorm(names.keyNorm))
        feedForwardNorm = norm(names.feedForwardNorm, c.norm, c.width)
        feedForward = FeedForward(
            gate: c.isGated ? linear(names.gate, c.width, to: c.intermediateSize, bias: .feedForward) : nil,
            up: linear(names.up, c.width, to: c.intermediateSize, bias: .feedForward),
            down: linear(names.down, c.intermediateSize, to: c.width, bias: .feedForward, start: residual), activation: c.activation)
    }

    var specifications: [ParameterSpecification] {
        attentionNorm.specifications + attention.specifications + feedForwardNorm.specifications + feedForward.specifications
    }

    func callAsFunction(_ x: Node, _ step: DecoderStep) -> Node {
        step.weights.graph.part(name) {
            let middle = x + attention(attentionNorm(x, step.weights), step)
            return middle + feedForward(feedForwardNorm(middle, step.weights), step.weights)
        }
    }
}
