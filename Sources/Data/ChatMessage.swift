import Files

/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
    /// "system", "user", "assistant" or another role that the template knows.
    public var role: String
    /// What was said.
    public var content: String
    /// Everything the data says about the turn, role and content included; a model's own template may use more of it. Empty
    /// when there is no more.
    public var fields: JSONObject

    /// A turn with the fields of its row; `fields` may stay empty.
    public init(role: String, content: String, fields: JSONObject = JSONObject()) {
        self.role = role
        self.content = content
        self.fields = fields
    }

    /// A turn of the system, usually the first.
    public static func system(_ content: String) -> ChatMessage { ChatMessage(role: "system", content: content) }
    /// A turn of the user.
    public static func user(_ content: String) -> ChatMessage { ChatMessage(role: "user", content: content) }
    /// A turn of the model: what is learnt, kept or forgotten.
    public static func assistant(_ content: String) -> ChatMessage { ChatMessage(role: "assistant", content: content) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(role)
        hasher.combine(content)
    }
}
