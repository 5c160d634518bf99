import Data
import Files

/// How a conversation is written as text for a model: by the model's own Jinja template, or by a family's conventions.
public struct ChatTemplate: Sendable {
    private enum Layout: Sendable {
        case declared(DeclaredLayout)
        /// With what follows an answer's text, up to and with the mark that ends it.
        case own(OwnTemplate, closing: String)
    }

    private let layout: Layout
    /// The mark that ends an answer: a token's text where there is one.
    package let endMark: String?
    /// The functions that a model may call, as a list for its own template.
    var tools: JSONValue?

    /// The conventions of a family, with the texts of the begin and end tokens, empty where there is none.
    package init(_ family: ChatFamily, begin: String = "", end: String = "") {
        let declared = DeclaredLayout(family, begin: begin, end: end)
        layout = .declared(declared)
        endMark = declared.conventions.endMark.isEmpty ? nil : declared.conventions.endMark
    }

    /// The conventions of a family with a tokenizer's begin and end tokens.
    package init(_ family: ChatFamily, for description: TokenizerDescription) {
        self.init(family, begin: description.token(description.beginID) ?? "", end: description.token(description.endID) ?? "")
    }

    /// The template that suits a tokenizer: its own, or plain questions and answers if it has none.
    /// - Parameter date: the day that a template writes if it writes one.
    /// - Throws: `TextError.conversation` if the model's template cannot be read, or it has several and none is the default.
    package init(for description: TokenizerDescription, date: TemplateDate = .today) throws(TextError) {
        if let source = description.chatTemplate {
            try self.init(jinja: source, for: description, date: date)
            return
        }
        guard description.namedTemplates.isEmpty else {
            let names = description.namedTemplates
            let shown = names.prefix(5).map(FileError.quoted).joined(separator: ", ")
            throw .conversation(
                problem: "the model has the templates \(shown)\(names.count > 5 ? " and others" : "") but none called default; "
                    + "choose --template")
        }
        self.init(.withoutTemplate, for: description)
    }

    /// A template given as Jinja text.
    package init(jinja source: String, for description: TokenizerDescription, date: TemplateDate = .today) throws(TextError) {
        let own = try OwnTemplate(source, tokens: description.specialTexts, date: date)
        let ending = own.ending(marks: description.addedTokens.map(\.content))
        layout = .own(own, closing: ending.closing)
        endMark = ending.mark
    }

    /// The family whose conventions these are; nil for a model's own template.
    package var family: ChatFamily? { if case .declared(let layout) = layout { layout.family } else { nil } }

    /// Whether the text itself holds all control tokens, so that the tokenizer must add none around it.
    package var writesControlTokens: Bool {
        if case .declared(let layout) = layout { layout.conventions.writesControlTokens } else { true }
    }

    /// The day that the template writes into its texts; nil if it writes none.
    package var writtenDate: TemplateDate? { if case .own(let own, _) = layout, own.writesDate { own.date } else { nil } }

    /// The layout in words.
    package var name: String { family?.title ?? "the model's own" }

    /// Writes a conversation as text.
    ///
    /// An answer segment holds the assistant's content and the mark that ends it, and a thought before it; joined, the segments are
    /// the whole text. In a model's own template it also holds what else that writes between the prompt and the content.
    /// - Parameter addGenerationPrompt: end with what invites the assistant to answer.
    /// - Throws: `TextError.conversation` if there is no message, or the template refuses the conversation.
    package func render(
        _ messages: [ChatMessage], addGenerationPrompt: Bool = false
    ) throws(TextError) -> [ChatSegment] {
        try rendering(messages, addGenerationPrompt: addGenerationPrompt).segments
    }

    /// As `render`, with what a reader should know of the answers.
    func rendering(_ messages: [ChatMessage], addGenerationPrompt: Bool = false) throws(TextError) -> ChatRendering {
        switch layout {
        case .declared(let layout):
            try refuseTools()
            return ChatRendering(segments: try layout.segments(messages, asks: addGenerationPrompt))
        case .own(var own, let closing):
            own.tools = tools
            return try own.rendering(messages, asks: addGenerationPrompt, closing: closing, mark: endMark)
        }
    }

    /// The text that asks for an answer to `messages`.
    /// - Parameter answer: the answer that is asked for, if it is known: what stands before one depends on whether it has a thought.
    func prompt(_ messages: [ChatMessage], for answer: ChatMessage? = nil) throws(TextError) -> String {
        switch layout {
        case .declared(let layout):
            try refuseTools()
            return try layout.segments(messages, asks: true, for: answer).map(\.text).joined()
        case .own(var own, _):
            own.tools = tools
            return try own.prompt(messages, for: answer)
        }
    }

    private func refuseTools() throws(TextError) {
        guard tools == nil else { throw .conversation(problem: "\(name) has no place for tools; remove the field or the option") }
    }
}

/// A conversation as text.
struct ChatRendering {
    var segments: [ChatSegment]
    /// Whether an answer does not begin where its prompt ends, because the template writes the turns before it otherwise once the
    /// answer is there.
    var departsFromPrompt = false
}
