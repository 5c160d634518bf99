/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
    /// "system", "user", "assistant" or another role that the template knows.
    public var role: String
    public var content: String

    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }

    public static func system(_ content: String) -> ChatMessage { ChatMessage(role: "system", content: content) }
    public static func user(_ content: String) -> ChatMessage { ChatMessage(role: "user", content: content) }
    public static func assistant(_ content: String) -> ChatMessage { ChatMessage(role: "assistant", content: content) }
}

/// A stretch of rendered text: either a prompt, or an answer that counts towards the loss.
public struct ChatSegment: Sendable, Hashable {
    public var text: String
    public var isAnswer: Bool

    public init(_ text: String, isAnswer: Bool) {
        self.text = text
        self.isAnswer = isAnswer
    }
}
