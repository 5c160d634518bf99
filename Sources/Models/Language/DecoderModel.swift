import Files
import Graph

/// A decoder of blocks that its configuration describes: Llama (Touvron et al., arXiv 2302.13971), GPT-2 (Radford et al., 2019) and the
/// models built like them.
package struct DecoderModel: LanguageModel {
    package let family: any DecoderFamily
    package let configuration: Configuration
    package let specifications: [ParameterSpecification]
    private let embedding: Embedding
    /// Learned positions.
    private let positions: Embedding?
    private let blocks: [DecoderBlock]
    private let finalNorm: Norm
    /// Nil if the head is the embedding.
    private let head: Embedding?

    /// The configuration must be consistent; configurations read from files are checked when they are read.
    package init(_ family: any DecoderFamily, _ configuration: Configuration) {
        let c = configuration, names = family.names
        let start = Initialisation.normal(deviation: c.deviation)
        self.family = family
        self.configuration = c
        embedding = Embedding(name: names.outer(names.embedding), entries: c.vocabulary, width: c.width, start: start)
        positions = names.positions.map { Embedding(name: names.outer($0), entries: c.context, width: c.width, start: start) }
        blocks = (0..<c.layers).map { DecoderBlock(c, family, layer: $0) }
        finalNorm = Norm(name: names.outer(names.finalNorm), kind: c.norm, size: c.width, epsilon: c.epsilon)
        head = c.isTied ? nil : Embedding(name: names.head, entries: c.vocabulary, width: c.width, start: start)
        let layers: [(any Layer)?] = [embedding, positions] + blocks + [finalNorm, head]
        specifications = layers.compactMap { $0 }.flatMap(\.specifications)
    }

    package var architecture: String { family.name }
    package var configurationFile: JSONValue { .object(family.configurationFile(configuration)) }

    package var storedNames: StoredNames {
        let names = family.names
        let anchor = names.block(0).appending(names.attentionNorm).huggingFace.dropFirst(names.wrapper.utf8.count)
        return StoredNames(
            wrapper: names.wrapper, anchor: "\(anchor).weight", buffers: names.buffers,
            tied: head == nil ? (embedding.weight.name, "\(names.head.huggingFace).weight") : nil)
    }

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

    package func hidden(_ weights: WeightNodes, _ tokens: TokenNodes, cache: KVCacheNodes?) -> Node {
        finalNorm(states(weights, tokens, after: blocks.count, cache: cache), weights)
    }

    package func states(_ weights: WeightNodes, _ tokens: TokenNodes, after layers: Int) -> Node {
        states(weights, tokens, after: layers, cache: nil)
    }

    package func states(_ weights: WeightNodes, _ tokens: TokenNodes, continuing states: Node, layers: Range<Int>) -> Node {
        let step = step(weights, tokens, cache: nil)
        return blocks[layers].reduce(states) { $1($0, step) }
    }

    package func normalised(_ weights: WeightNodes, _ rows: Node) -> Node { finalNorm(rows, weights) }

    private func step(_ weights: WeightNodes, _ tokens: TokenNodes, cache: KVCacheNodes?) -> DecoderStep {
        let c = configuration
        return DecoderStep(
            weights: weights, tokens: tokens, cache: cache,
            rotary: c.rotary?.tables(
                weights.graph, positions: cache?.capacity ?? tokens.paths?.span ?? tokens.length, headSize: c.headSize))
    }

    private func states(_ weights: WeightNodes, _ tokens: TokenNodes, after layers: Int, cache: KVCacheNodes?) -> Node {
        let step = step(weights, tokens, cache: cache)
        var x = embedding(tokens.ids, weights)
        if let positions { x = x + positions(tokens.positions, weights) }
        for block in blocks.prefix(layers) { x = block(x, step) }
        return x
    }

    package func logits(_ weights: WeightNodes, _ rows: Node) -> Node {
        weights.graph.part("head") { (head ?? embedding).logits(rows, weights) }
    }
}

extension DecoderModel {
    /// The sizes of a decoder and how its blocks are built. What a family adds is a field whose default changes nothing, and the layer
    /// that reads it.
    package struct Configuration: Hashable, Sendable {
        package var vocabulary: Int
        package var width: Int
        /// The width between the two maps of the feed-forward part.
        package var intermediateSize: Int
        package var layers: Int
        package var heads: Int
        package var keyValueHeads: Int
        /// Numbers of one head, whatever the width.
        package var headSize: Int
        package var context: Int
        /// Tokens that attention reaches back, if fewer than the context.
        package var window: Int?
        /// Added to the mean square in every normalisation.
        package var epsilon: Double
        /// Whether the head is the embedding.
        package var isTied: Bool
        /// Nil where positions are learned.
        package var rotary: RotaryFrequencies?
        package var norm = NormKind.rms
        /// Whether each head's queries and keys are normalised (RMS) before they are turned.
        package var normalisesHeads = false
        package var biases: Biases = []
        package var activation = UnaryFunction.silu(order: 0)
        /// Whether the feed-forward part has a gate, which the activation is then of.
        package var isGated = true
        package var projectionLayout = ProjectionLayout.outputsFirst
        /// Standard deviation of fresh weights.
        package var deviation = 0.02

        /// The linear maps that have a bias.
        package struct Biases: OptionSet, Hashable, Sendable {
            package let rawValue: Int
            package init(rawValue: Int) { self.rawValue = rawValue }
            package static let queriesKeysValues = Biases(rawValue: 1), attentionOutput = Biases(rawValue: 2)
            package static let feedForward = Biases(rawValue: 4)
            package static let attention: Biases = [.queriesKeysValues, .attentionOutput]
        }

        /// A block like Llama's.
        package init(
            vocabulary: Int, width: Int, intermediateSize: Int, layers: Int, heads: Int, keyValueHeads: Int? = nil, headSize: Int? = nil,
            context: Int, epsilon: Double = 1e-5, rotary: RotaryFrequencies? = RotaryFrequencies(base: 10_000), isTied: Bool = true
        ) {
            self.vocabulary = vocabulary
            self.width = width
            self.intermediateSize = intermediateSize
            self.layers = layers
            self.heads = heads
            self.keyValueHeads = keyValueHeads ?? heads
            self.headSize = headSize ?? (heads > 0 ? width / heads : 0)
            self.context = context
            self.epsilon = epsilon
            self.rotary = rotary
            self.isTied = isTied
        }
    }
}
