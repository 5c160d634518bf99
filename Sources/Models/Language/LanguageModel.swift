import Files
import Graph

/// A model of token sequences: a list of parameters and functions that build graphs from them.
public protocol LanguageModel: Sendable {
    /// The `model_type` of Hugging Face: `llama`, `mistral`, `qwen2`, `gpt2`.
    var architecture: String { get }
    var dimensions: LanguageDimensions { get }
    /// The `config.json` that describes the model.
    var configurationFile: JSONValue { get }
    /// Every tensor, in the order of the flat vector. A tied head is listed once, as the embedding.
    var specifications: [ParameterSpecification] { get }

    /// The states after the last normalisation.
    /// - Parameter cache: if given, keys and values are added to it and attention sees all of it.
    /// - Returns: [batch·length, width].
    func hidden(_ weights: WeightNodes, _ tokens: TokenNodes, cache: CacheNodes?) throws(GraphError) -> Node

    /// The logits of some states.
    /// - Parameter rows: states [N, width].
    /// - Returns: [N, vocabulary].
    func logits(_ weights: WeightNodes, _ rows: Node) throws(GraphError) -> Node
}

/// The sizes of a language model that its users need.
public struct LanguageDimensions: Hashable, Sendable {
    public var vocabulary: Int
    public var width: Int
    public var layers: Int
    public var heads: Int
    public var keyValueHeads: Int
    public var headSize: Int
    /// The most positions a sequence may have.
    public var context: Int
    /// Where `context` comes from, for messages: "the model's context" or "the attention window of …".
    public var contextReason: String

    public init(
        vocabulary: Int, width: Int, layers: Int, heads: Int, keyValueHeads: Int, headSize: Int, context: Int,
        contextReason: String = "the model's context"
    ) {
        self.vocabulary = vocabulary
        self.width = width
        self.layers = layers
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headSize = headSize
        self.context = context
        self.contextReason = contextReason
    }

    /// Elements of one row of keys or values: all heads of one token.
    public var keyWidth: Int { keyValueHeads * headSize }
}

/// A batch of token sequences in a graph, laid out as batch·length rows.
public struct TokenNodes {
    public var batch: Int
    public var length: Int
    /// [batch·length]
    public var ids: Node
    /// [batch·length]: the place of every token in its sequence.
    public var positions: Node
    /// [batch, length]: how many of the keys a token attends to.
    public var limits: Node

    public init(batch: Int, length: Int, ids: Node, positions: Node, limits: Node) {
        self.batch = batch
        self.length = length
        self.ids = ids
        self.positions = positions
        self.limits = limits
    }

    /// Whole sequences from their first token on, with causal attention: positions 0, 1, … and limits 1, 2, ….
    public init(causal ids: Node, batch: Int, length: Int) throws(GraphError) {
        let positions = (0..<batch).flatMap { _ in (0..<length).map(Int32.init) }
        self.init(
            batch: batch, length: length, ids: ids,
            positions: try ids.graph.indices([batch * length], positions),
            limits: try ids.graph.indices([batch, length], positions.map { $0 + 1 }))
    }
}
