import Files

/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
    /// "system", "user", "assistant" or another role that the template knows.
    public var role: String
    public var content: String
    /// Everything the data says about the turn, role and content included; a model's own template may use more of it. Empty
    /// when there is no more.
    public var fields: JSONObject

    public init(role: String, content: String, fields: JSONObject = JSONObject()) {
        self.role = role
        self.content = content
        self.fields = fields
    }

    public static func system(_ content: String) -> ChatMessage { ChatMessage(role: "system", content: content) }
    public static func user(_ content: String) -> ChatMessage { ChatMessage(role: "user", content: content) }
    public static func assistant(_ content: String) -> ChatMessage { ChatMessage(role: "assistant", content: content) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(role)
        hasher.combine(content)
    }
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
