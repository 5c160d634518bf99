/// One sequence with the tokens that count: the one form in which models, methods and metrics meet an example of text.
package struct TokenExample: Hashable, Sendable {
    /// Prompt and answer.
    package var ids: [Int32]
    /// The label of each token: its id where it is part of the answer, `masked` elsewhere. Not shifted: `labels[i]` is what the model
    /// should predict at position i − 1, so the first never counts.
    package var labels: [Int32]
    package var position: RowPosition
    /// Whether a token holds the end of a prompt and the beginning of its answer; it counts as answer.
    package var spansBoundary = false
    /// Whether the chat template writes the turns before an answer otherwise when it asks for the answer.
    package var departsFromPrompt = false

    /// Hugging Face's label for tokens without a loss.
    package static let masked: Int32 = -100

    package init(ids: [Int32], labels: [Int32], position: RowPosition = RowPosition()) {
        self.ids = ids
        self.labels = labels
        self.position = position
    }

    /// The number of tokens that have a loss.
    package var answerCount: Int { labels.dropFirst().count { $0 >= 0 } }
}
