import Graph

/// What a loss can say of the examples of one batch, as nodes of a graph. Losses are in nats.
///
/// An example's loss is the mean over its terms (the tokens of an answer). Terms lie in the order of the examples; those after the last
/// example's are padding and weigh nothing.
public struct ExampleScores {
    /// How terms make up examples.
    public struct Grouping {
        /// The share of each term in its example's mean, shape [terms]; zero for padding.
        public let weights: Node
        /// The example of each term: indices, shape [terms].
        public let owners: Node
        /// The number of examples.
        public let examples: Int
    }

    /// What each term was chosen from.
    public struct Choices {
        /// Unnormalised log-probabilities, shape [terms, classes].
        public let logits: Node
        /// What was right: indices, shape [terms]; −1 for padding.
        public let labels: Node
    }

    /// The loss of each term, shape [terms].
    public let terms: Node
    /// Nil where every example is one term.
    public let grouping: Grouping?
    /// Nil where a loss is none of a choice.
    public let choices: Choices?
    /// What the model holds in its midst where each term is predicted, shape [terms, width]; nil where a loss does not say.
    package var states: Node?
    /// What the model's resident frozen vector is to be after the batch; nil where nothing is kept of it.
    package var kept: Node?

    /// Scores of examples of one term each.
    /// - Parameters:
    ///   - losses: shape [examples].
    ///   - logits: shape [examples, classes], with the right classes, indices of shape [examples]; nil where nothing is chosen.
    public init(losses: Node, logits: (Node, labels: Node)? = nil) {
        terms = losses
        grouping = nil
        choices = logits.map { Choices(logits: $0.0, labels: $0.labels) }
    }

    /// Scores of examples of several terms, each a choice among classes.
    package init(logits: Node, labels: Node, weights: Node, owners: Node, examples: Int) {
        terms = logits.crossEntropy(labels: labels)
        grouping = Grouping(weights: weights, owners: owners, examples: examples)
        choices = Choices(logits: logits, labels: labels)
    }

    /// The mean of a quantity of the terms over each example.
    /// - Parameter values: shape [terms].
    /// - Returns: shape [examples].
    public func means(_ values: Node) -> Node {
        guard let grouping else { return values }
        let count = values.shape[0]
        return (values * grouping.weights).reshaped(to: [count, 1]).scatter(grouping.owners, rows: grouping.examples)
            .reshaped(to: [grouping.examples])
    }

    /// The loss of each example, shape [examples].
    public var losses: Node { means(terms) }
}
