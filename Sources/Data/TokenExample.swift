/// One sequence with the tokens that count: the one form in which models, methods and metrics meet an example of text.
public struct TokenExample: Hashable, Sendable {
    /// Prompt and answer.
    public var ids: [Int32]
    /// The label of each token: its id where it is part of the answer, `masked` elsewhere. Not shifted: `labels[i]` is what the model
    /// should predict at position i − 1, so the first never counts.
    public var labels: [Int32]
    /// The row it was made from.
    public var position: RowPosition
    /// Whether a token holds the end of a prompt and the beginning of its answer; it counts as answer.
    public var spansBoundary = false
    /// Whether the chat template writes the turns before an answer otherwise when it asks for the answer.
    public var departsFromPrompt = false

    /// Hugging Face's label for tokens without a loss.
    public static let masked: Int32 = -100

    /// An example of as many labels as ids.
    public init(ids: [Int32], labels: [Int32], position: RowPosition = RowPosition()) {
        self.ids = ids
        self.labels = labels
        self.position = position
    }

    /// The number of tokens that have a loss.
    public var answerCount: Int { labels.dropFirst().count { $0 >= 0 } }
}
