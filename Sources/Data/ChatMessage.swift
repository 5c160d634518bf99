import Files

/// One turn of a conversation.
package struct ChatMessage: Sendable, Hashable {
    /// "system", "user", "assistant" or another role that the template knows.
    package var role: String
    package var content: String
    /// Everything the data says about the turn, role and content included; a model's own template may use more of it. Empty
    /// when there is no more.
    package var fields: JSONObject

    package init(role: String, content: String, fields: JSONObject = JSONObject()) {
        self.role = role
        self.content = content
        self.fields = fields
    }

    package static func system(_ content: String) -> ChatMessage { ChatMessage(role: "system", content: content) }
    package static func user(_ content: String) -> ChatMessage { ChatMessage(role: "user", content: content) }
    package static func assistant(_ content: String) -> ChatMessage { ChatMessage(role: "assistant", content: content) }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(role)
        hasher.combine(content)
    }
}
