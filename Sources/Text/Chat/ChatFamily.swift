/// A family of chat models by its conventions: how turns are written as text. A family is one file in the folder Families and a line in `all`.
public struct ChatFamily: Sendable, Hashable {
    /// Every family that can be asked for by name.
    public static let all: [ChatFamily] = [.chatML, .llama2, .llama3, .mistral, .qwen3, .zephyr, .plain]

    /// What models without a template of their own get.
    package static let withoutTemplate = plain

    /// The name to ask for it by.
    public let name: String
    /// Its name in reports and in the identity of a run.
    package let title: String
    /// The conventions for a model with these begin and end tokens.
    let conventions: @Sendable (_ begin: String, _ end: String) -> ChatConventions

    init(_ name: String, title: String, conventions: @escaping @Sendable (_ begin: String, _ end: String) -> ChatConventions) {
        self.name = name
        self.title = title
        self.conventions = conventions
    }

    /// The family of this name.
    public init?(named name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    public static func == (one: ChatFamily, other: ChatFamily) -> Bool { one.name == other.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// What a family of chat models has agreed on.
struct ChatConventions: Sendable {
    /// Where a system's text stands.
    enum System: Sendable {
        case ownTurn
        /// In the first question, between these.
        case inQuestion(before: String, after: String)
    }

    /// What stands around a turn's text, by role; nil for a role without a place. An answer's end mark is no part of this.
    var turn: @Sendable (_ role: String) -> (before: String, after: String)?
    /// What ends an answer, empty for nothing.
    var endMark: String
    /// Before the first turn.
    var opening = ""
    var system = System.ownTurn
    /// What the system says where a conversation does not begin with a system turn.
    var defaultSystem: String?
    /// Whether texts lose the white space at their ends.
    var trims = false
    /// Before an answer's text and between it and the end mark, as parts of the answer.
    var answerSpaces = (before: "", after: "")
    /// Before a question that follows an answer.
    var betweenRounds = ""
    /// Whether answers to the last question stand behind a thought. One without any stands behind an empty one, which is no part of it.
    var thinks = false
    /// Whether the text holds all control tokens, so that the tokenizer must add none around it.
    var writesControlTokens = true

    /// A thought as it stands before an answer.
    static func block(_ thought: String) -> String { "<think>\n\(thought)\n</think>\n\n" }
}
