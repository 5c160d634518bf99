/// The sizes that decide which plan serves a batch. Batches are padded to few shapes so that few plans are compiled.
package struct BatchShape: Hashable, Sendable {
    /// Examples in the batch.
    package var examples: Int
    /// Tokens of the longest example after padding; 1 where examples have no length.
    package var length: Int
    /// Rows that carry a loss (answer tokens), after padding.
    package var answers: Int

    package init(examples: Int, length: Int = 1, answers: Int = 0) {
        self.examples = examples
        self.length = length
        self.answers = answers
    }
}
