import Files

/// One row of a data file.
public struct Example: Sendable {
    /// What the row holds.
    public enum Content: Sendable, Hashable {
        /// A conversation, written by the chat template: `messages`, or a question with its answer.
        case chat([ChatMessage])
        /// Text to continue and its continuation, taken as they are: `prompt` and `completion`.
        case completion(prompt: String, completion: String)
        /// Plain text: `text`.
        case text(String)
    }

    /// What is said, and what of it counts.
    public let content: Content
    /// Where the row stands.
    public let position: RowPosition
    /// The whole row, with the fields that training does not use (paraphrased and perturbed answers).
    public let fields: JSONObject

    /// An example that a program makes itself needs neither position nor fields.
    public init(_ content: Content, at position: RowPosition = RowPosition(), fields: JSONObject = JSONObject()) {
        self.content = content
        self.position = position
        self.fields = fields
    }

    /// The last question, or the text before the continuation, and the answer the loss is taken over. Plain text has no question.
    public var questionAndAnswer: (question: String, answer: String) {
        switch content {
        case .chat(let turns):
            let answer = turns.lastIndex { $0.role == "assistant" } ?? turns.endIndex
            return (turns[..<answer].last { $0.role == "user" }?.content ?? "", answer < turns.endIndex ? turns[answer].content : "")
        case .completion(let prompt, let completion): return (prompt, completion)
        case .text(let text): return ("", text)
        }
    }

    /// Whether something stands before the answer that other answers could be given to.
    public var asksSomething: Bool { !questionAndAnswer.question.isEmpty }
}
