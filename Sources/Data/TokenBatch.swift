/// The sizes that decide which plan serves a batch. Batches are padded to few shapes so that few plans are compiled.
public struct BatchShape: Hashable, Sendable {
    /// Examples in the batch.
    public var examples: Int
    /// Tokens of the longest example after padding; 1 where examples have no length.
    public var length: Int
    /// Rows that carry a loss (answer tokens), after padding.
    public var answers: Int

    /// A shape of `examples` rows of `length` ids, of which at most `answers` in all have a loss.
    public init(examples: Int, length: Int = 1, answers: Int = 0) {
        self.examples = examples
        self.length = length
        self.answers = answers
    }
}

/// Examples that are computed together, padded on the right to a shape that few plans can serve.
public struct TokenBatch: Hashable, Sendable {
    /// The examples, in the order of the batch.
    public let examples: [TokenExample]
    /// The shape they are padded to.
    public let shape: BatchShape

    /// - Parameter context: the most positions the model has; lengths are not padded beyond it.
    public init(_ examples: [TokenExample], context: Int) {
        self.examples = examples
        let longest = max(1, examples.map(\.ids.count).max() ?? 1)
        shape = BatchShape(
            examples: examples.count, length: max(longest, min(context, Self.roundedUp(longest, 16))),
            answers: Self.paddedAnswers(examples.reduce(0) { $0 + $1.answerCount }))
    }

    private static func paddedAnswers(_ count: Int) -> Int { roundedUp(max(1, count), count <= 64 ? 16 : 64) }

    /// `value`, or the next multiple of `step` above it.
    package static func roundedUp(_ value: Int, _ step: Int) -> Int { (value + step - 1) / step * step }
}
