/// How a conversation is written as text for a model.
///
/// The common layouts are built in and recognised by their markers in a model's Jinja template; there is no
/// Jinja interpreter. Details that vary inside a family (a default system prompt, spaces around [INST]) are
/// read from the template's text.
public struct ChatTemplate: Sendable, Hashable {
    /// A layout.
    public enum Family: String, Sendable, CaseIterable {
        case chatML = "ChatML"
        case llama2 = "Llama-2"
        case llama3 = "Llama-3"
        case zephyr = "Zephyr"
        case mistral = "Mistral"
        /// "Question: …" and "Answer: …" on two lines, for models without a chat template.
        case plain
    }

    public var family: Family
    /// What the system says when the conversation does not begin with a system message.
    public var defaultSystem: String?
    /// What stands before every system message's own text (Llama 3.1 writes dates there).
    public var systemPreamble: String?
    /// The text of the begin and end tokens, empty if the model has none.
    public var begin: String
    public var end: String
    /// Mistral's variants of spacing.
    var spacing = MistralSpacing()

    /// A template of the given family.
    public init(_ family: Family, begin: String = "", end: String = "", defaultSystem: String? = nil) {
        self.family = family
        self.begin = begin
        self.end = end
        self.defaultSystem = defaultSystem
    }

    /// The template that suits a tokenizer: that of its Jinja text, or plain questions and answers if it has none.
    /// - Throws: `TextError.conversation` if the Jinja text is of no known family.
    public init(for description: TokenizerDescription) throws(TextError) {
        let begin = description.token(description.beginID) ?? ""
        let end = description.token(description.endID) ?? ""
        if let jinja = description.chatTemplate {
            try self.init(jinja: jinja, begin: begin, end: end)
        } else {
            self.init(.plain, begin: begin, end: end)
        }
    }

    /// Recognises a Jinja template by its markers.
    /// - Throws: `TextError.conversation` if it is of no known family.
    public init(jinja: String, begin: String, end: String) throws(TextError) {
        let found = Self.markers.first { jinja.contains($0.marker) }?.family
        let foreign = Self.foreignMarkers.first { jinja.contains($0) }
        if let found, let foreign {
            throw .conversation(
                problem: "the model's template resembles \(found.rawValue) but has \(foreign), which is not "
                    + "supported; choose a family by name")
        }
        guard let found else {
            let known = Family.allCases.dropLast().map(\.rawValue).joined(separator: ", ")
            throw .conversation(
                problem: "the model's template is of no known family (\(known)); choose one by name")
        }
        let isLlama2 = found == .mistral && jinja.contains("<<SYS>>")
        self.init(isLlama2 ? .llama2 : found, begin: begin, end: end)
        switch family {
        case .chatML: defaultSystem = Self.literal(in: jinja, after: "<|im_start|>system", until: "<|im_end|>")
        case .llama3:
            if jinja.contains("Cutting Knowledge Date") {
                // The date the published templates fall back to, so that texts do not change from day to day.
                systemPreamble = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
                defaultSystem = ""
            }
        case .mistral: spacing = MistralSpacing(jinja: jinja)
        case .llama2, .zephyr, .plain: break
        }
    }

    private static let markers: [(marker: String, family: Family)] = [
        ("<|im_start|>", .chatML), ("<|start_header_id|>", .llama3), ("<|user|>", .zephyr), ("[INST]", .mistral),
    ]

    /// Parts of layouts that look like a known family and are not: reasoning models, Phi, newer Mistrals.
    private static let foreignMarkers = ["<think>", "<|im_sep|>", "<|end|>", "[SYSTEM_PROMPT]"]

    /// The literal system text in a template: what follows `opening` and a line break, up to `closing`, within
    /// one string literal.
    private static func literal(in jinja: String, after opening: String, until closing: String) -> String? {
        let text = Array(jinja.utf8)
        let lead = Array(opening.utf8)
        let stop = Array(closing.utf8)
        var at = 0
        while at + lead.count < text.count {
            guard text[at...].starts(with: lead) else {
                at += 1
                continue
            }
            at += lead.count
            var start = at
            if text[start] == 0x0A {
                start += 1
            } else if text[start...].starts(with: "\\n".utf8) {
                start += 2
            } else {
                continue
            }
            var content: [UInt8] = []
            var index = start
            scan: while index < text.count, !text[index...].starts(with: stop) {
                switch text[index] {
                case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "{"):
                    // The literal ends before the closing mark: this one is put together at run time.
                    content.removeAll()
                    break scan
                case UInt8(ascii: "\\") where index + 1 < text.count:
                    index += 1
                    content.append(text[index] == UInt8(ascii: "n") ? 0x0A : text[index])
                default: content.append(text[index])
                }
                index += 1
            }
            if !content.isEmpty, index < text.count { return String(decoding: content, as: UTF8.self) }
        }
        return nil
    }
}
