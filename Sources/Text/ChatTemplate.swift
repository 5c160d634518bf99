import Data
import Files

/// How a conversation is written as text for a model: by the model's own Jinja template, or by one of the declared layouts.
package struct ChatTemplate: Sendable {
    /// A declared layout, chosen by name.
    package enum Family: String, Sendable, CaseIterable {
        case chatML = "ChatML"
        case llama2 = "Llama-2"
        case llama3 = "Llama-3"
        case zephyr = "Zephyr"
        case mistral = "Mistral"
        /// "Question: …" and "Answer: …" on two lines, for models without a chat template.
        case plain
    }

    /// The declared layout; nil for a model's own template.
    package let family: Family?
    /// What the system says when the conversation does not begin with a system message (declared layouts only).
    package var defaultSystem: String?
    /// The text of the begin and end tokens, empty if the model has none.
    package let begin: String
    package let end: String
    /// What follows an answer's text, up to and with the mark that ends it.
    let closing: String
    /// The mark that ends an answer: a token's text where there is one.
    package let endMark: String?
    /// The model's own template.
    let own: OwnTemplate?

    /// A declared layout.
    package init(_ family: Family, begin: String = "", end: String = "", defaultSystem: String? = nil) {
        self.family = family
        self.begin = begin
        self.end = end
        self.defaultSystem = defaultSystem
        let mark =
            switch family {
            case .chatML: "<|im_end|>"
            case .llama3: "<|eot_id|>"
            case .llama2, .zephyr, .mistral, .plain: end
            }
        closing = (family == .llama2 ? " " : "") + mark
        endMark = mark.isEmpty ? nil : mark
        own = nil
    }

    /// The template that suits a tokenizer: its own, or plain questions and answers if it has none.
    /// - Parameter date: the day that a template writes if it writes one.
    /// - Throws: `TextError.conversation` if the model's template cannot be read, or it has several and none is the default.
    package init(for description: TokenizerDescription, date: TemplateDate = .today) throws(TextError) {
        guard let source = description.chatTemplate else {
            guard description.namedTemplates.isEmpty else {
                let names = description.namedTemplates
                let shown = names.prefix(5).map(FileError.quoted).joined(separator: ", ")
                throw .conversation(
                    problem: "the model has the templates \(shown)\(names.count > 5 ? " and others" : "") but none called default; "
                        + "choose --template")
            }
            self.init(
                .plain, begin: description.token(description.beginID) ?? "", end: description.token(description.endID) ?? "")
            return
        }
        try self.init(jinja: source, for: description, date: date)
    }

    /// A template given as Jinja text.
    package init(jinja source: String, for description: TokenizerDescription, date: TemplateDate = .today) throws(TextError) {
        let own = try OwnTemplate(source, tokens: description.specialTexts, date: date)
        let ending = own.ending(marks: description.addedTokens.map(\.content))
        family = nil
        begin = description.token(description.beginID) ?? ""
        end = description.token(description.endID) ?? ""
        closing = ending.closing
        endMark = ending.mark
        self.own = own
    }

    /// Whether the text itself holds all control tokens, so that the tokenizer must add none around it.
    package var writesControlTokens: Bool { family != .plain }

    /// The day that the template writes into its texts; nil if it writes none.
    package var writtenDate: TemplateDate? { own.flatMap { $0.writesDate ? $0.date : nil } }

    /// The layout in words.
    package var name: String { family?.rawValue ?? "the model's own" }

    /// Writes a conversation as text.
    ///
    /// An answer segment holds the assistant's content and the mark that ends it, nothing else; joined, the segments are the whole
    /// text. In a model's own template it also holds what that writes between the prompt and the content.
    /// - Parameter addGenerationPrompt: end with what invites the assistant to answer.
    /// - Throws: `TextError.conversation` if there is no message, or the template refuses the conversation.
    package func render(
        _ messages: [ChatMessage], addGenerationPrompt: Bool = false
    ) throws(TextError) -> [ChatSegment] {
        try rendering(messages, addGenerationPrompt: addGenerationPrompt).segments
    }

    func rendering(_ messages: [ChatMessage], addGenerationPrompt: Bool = false) throws(TextError) -> ChatRendering {
        if let own { return try own.rendering(messages, asks: addGenerationPrompt, closing: closing, mark: endMark) }
        return ChatRendering(segments: try declared(messages, addGenerationPrompt: addGenerationPrompt))
    }

    /// The text that asks for an answer to `messages`.
    func prompt(_ messages: [ChatMessage]) throws(TextError) -> String {
        if let own { return try own.text(messages, asks: true) }
        return try declared(messages, addGenerationPrompt: true).map(\.text).joined()
    }
}

/// A conversation as text.
struct ChatRendering {
    var segments: [ChatSegment]
    /// Whether an answer does not begin where its prompt ends, because the template writes the turns before it otherwise once the
    /// answer is there.
    var departsFromPrompt = false
}
