import Data
import Graph

/// A model of token sequences: functions that build graphs from its parameters.
package protocol LanguageModel: Model {
    var dimensions: LanguageDimensions { get }

    /// The states after the last normalisation.
    /// - Parameter cache: if given, keys and values are added to it and attention sees all of it.
    /// - Returns: [batch·length, width].
    func hidden(_ weights: WeightNodes, _ tokens: TokenNodes, cache: KVCacheNodes?) -> Node

    /// The states that the first `layers` layers leave, of whole sequences.
    /// - Returns: [batch·length, width].
    func states(_ weights: WeightNodes, _ tokens: TokenNodes, after layers: Int) -> Node

    /// What some layers make of the states that those before them left, of whole sequences.
    /// - Parameter states: [batch·length, width].
    /// - Returns: [batch·length, width].
    func states(_ weights: WeightNodes, _ tokens: TokenNodes, continuing states: Node, layers: Range<Int>) -> Node

    /// The last normalisation.
    /// - Parameter rows: states [N, width] that the last layer left.
    func normalised(_ weights: WeightNodes, _ rows: Node) -> Node

    /// The logits of some states.
    /// - Parameter rows: states [N, width].
    /// - Returns: [N, vocabulary].
    func logits(_ weights: WeightNodes, _ rows: Node) -> Node
}

extension Model {
    /// The same, where it is a language model.
    package var language: any LanguageModel {
        get throws(ModelError) {
            guard let model = self as? any LanguageModel else {
                throw .invalidRequest("A model of the kind \"\(architecture)\" reads no text.")
            }
            return model
        }
    }
}

/// The sizes of a language model that its users need.
package struct LanguageDimensions: Hashable, Sendable {
    package var vocabulary: Int
    package var width: Int
    package var layers: Int
    package var heads: Int
    package var keyValueHeads: Int
    package var headSize: Int
    /// The most positions a sequence may have.
    package var context: Int
    /// Where `context` comes from, for messages: "the model's context" or "the attention window of …".
    package var contextReason = "the model's context"

    /// What the model can read.
    package var limits: SequenceLimits { SequenceLimits(vocabulary: vocabulary, context: context, contextReason: contextReason) }

    /// Elements of one row of keys or values: all heads of one token.
    package var keyWidth: Int { keyValueHeads * headSize }
}

/// A batch of token sequences in a graph, laid out as batch·length rows.
package struct TokenNodes {
    package var batch: Int
    package var length: Int
    /// [batch·length]
    package var ids: Node
    /// [batch·length]: the place of every token in its sequence.
    package var positions: Node
    /// [batch, length]: how many of the keys a token attends to.
    package var limits: Node
    /// What attention scores are divided by beyond the usual: above 1, every token looks about more evenly.
    package var attentionTemperature = 1.0
    /// Nil where the rows are laid out as batch·length.
    package var paths: TokenPathNodes?

    package init(batch: Int, length: Int, ids: Node, positions: Node, limits: Node) {
        self.batch = batch
        self.length = length
        self.ids = ids
        self.positions = positions
        self.limits = limits
    }

    /// Whole sequences from their first token on, with causal attention: positions 0, 1, … and limits 1, 2, ….
    package init(causal ids: Node, batch: Int, length: Int) {
        let positions = (0..<batch).flatMap { _ in (0..<length).map(Int32.init) }
        self.init(
            batch: batch, length: length, ids: ids,
            positions: ids.graph.indices([batch * length], positions),
            limits: ids.graph.indices([batch, length], positions.map { $0 + 1 }))
    }
}
