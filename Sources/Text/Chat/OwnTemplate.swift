import Data
import Files

/// A model's own chat template, with what it needs besides the conversation.
struct OwnTemplate: Sendable {
    private let template: JinjaTemplate
    /// The special tokens by role, as `bos_token`.
    private let tokens: [(name: String, text: String)]
    let date: TemplateDate
    private(set) var writesDate = false
    /// The functions that the model may call.
    var tools: JSONValue?

    init(_ source: String, tokens: [(name: String, text: String)], date: TemplateDate) throws(TextError) {
        do {
            template = try JinjaTemplate(source)
        } catch {
            throw Self.words(error)
        }
        self.tokens = tokens
        self.date = date
        for probe in Self.probes("") where !writesDate {
            writesDate = (try? template.render(context(probe, asks: true), date: date))?.wroteDate ?? false
        }
    }

    /// The whole text of a conversation, as transformers' `apply_chat_template` gives it.
    /// - Parameter thinks: `enable_thinking`, nil for what the template does without.
    func text(_ messages: [ChatMessage], asks: Bool, thinks: Bool? = nil) throws(TextError) -> String {
        guard !messages.isEmpty else { throw .conversation(problem: "there are no messages") }
        do {
            return try template.render(context(messages, asks: asks, thinks: thinks), date: date).text
        } catch {
            throw Self.words(error)
        }
    }

    private func context(_ messages: [ChatMessage], asks: Bool, thinks: Bool? = nil) -> [(name: String, value: JinjaValue)] {
        let given: [(name: String, value: JinjaValue)] = [
            ("messages", .list(messages.map(Self.value))), ("tools", tools.map(JinjaValue.init) ?? .none), ("documents", .none),
            ("add_generation_prompt", .bool(asks)),
        ]
        return given + (thinks.map { [("enable_thinking", .bool($0))] } ?? []) + tokens.map { ($0.name, .string($0.text)) }
    }

    /// The names under which reasoning stands in data; templates read the first of them, and some the second.
    static let reasoning = ["reasoning_content", "thinking", "reasoning"]

    private static func value(_ message: ChatMessage) -> JinjaValue {
        var fields = JinjaDictionary()
        for (key, value) in message.fields.members where !value.isNull { fields.set(.string(key), JinjaValue(value)) }
        fields.set(.string("role"), .string(message.role))
        fields.set(.string("content"), .string(message.content))
        if let reasoning = reasoning.lazy.compactMap({ fields[$0] }).first {
            fields.set(.string("reasoning_content"), reasoning)
            if fields["thinking"] == nil { fields.set(.string("thinking"), reasoning) }
        }
        return .dictionary(fields)
    }

    private static func words(_ error: JinjaError) -> TextError {
        let place = "line \(error.line) of the model's template"
        // A template can put any text here, at any length.
        let cut = String(error.problem.unicodeScalars.prefix(300))
        let problem = cut.utf8.count < error.problem.utf8.count ? cut + "…" : cut
        switch error.kind {
        case .syntax, .unsupported, .limit: return .conversation(problem: "\(place): \(problem); choose --template")
        case .raised:
            return .conversation(
                problem: "the model's template refuses the conversation: \(problem) (\(place)); change it or choose --template")
        case .fault:
            return .conversation(
                problem: "the model's template cannot write the conversation: \(problem) (\(place)); change it or choose "
                    + "--template")
        }
    }

    // MARK: Where answers begin and end

    /// The text that asks for an answer to `messages`: where an answer is known, or any would do, the one that stands before it.
    func prompt(_ messages: [ChatMessage], for answer: ChatMessage?) throws(TextError) -> String {
        let answered = messages + [answer ?? .assistant(Self.stand(for: messages))]
        // A template may refuse what it is not asked for.
        if let whole = try? text(answered, asks: false), let prompt = try prompt(messages, before: Array(whole.utf8)) { return prompt }
        return try text(messages, asks: true)
    }

    /// The text that asks for the answer with which `whole` goes on; nil if that begins otherwise.
    ///
    /// Asked not to think, templates of models that can write an empty thought behind the invitation. An answer without a thought stands
    /// behind the same empty thought, so it is no part of what is learnt or forgotten; an answer with a thought begins with that.
    private func prompt(_ messages: [ChatMessage], before whole: [UInt8]) throws(TextError) -> String? {
        if let prompt = try? text(messages, asks: true, thinks: false), whole.starts(with: prompt.utf8) { return prompt }
        let prompt = try text(messages, asks: true)
        return whole.starts(with: prompt.utf8) ? prompt : nil
    }

    /// Conversations to see how the template ends an answer.
    private static func probes(_ answer: String) -> [[ChatMessage]] {
        let turns: [ChatMessage] = [.user("Why?"), .assistant(answer)]
        return [turns, [.system("Be brief.")] + turns]
    }

    /// A text that no message holds and no template changes.
    private static func stand(for messages: [ChatMessage]) -> String {
        // Private characters: neither space nor letter.
        for code in UInt32(0xE000)...0xF8FF {
            guard let scalar = Unicode.Scalar(code) else { continue }
            if !messages.contains(where: { $0.content.unicodeScalars.contains(scalar) }) {
                return String(String.UnicodeScalarView(repeatElement(scalar, count: 4)))
            }
        }
        return "\u{F0000}\u{F0000}"
    }

    /// What follows an answer up to and with the mark that ends it, and the mark: the first of `marks` behind the answer, or
    /// what else is written there but for white space at its end.
    func ending(marks: [String]) -> (closing: String, mark: String?) {
        let answer = Self.stand(for: [])
        for probe in Self.probes(answer) {
            guard let whole = try? text(probe, asks: false), let place = whole.range(ofText: answer) else { continue }
            let rest = Array(whole.utf8[place.upperBound...])
            var first: (start: Int, end: Int)?
            for mark in marks where !mark.isEmpty {
                guard let start = rest.firstIndex(of: Array(mark.utf8)) else { continue }
                let end = start + mark.utf8.count
                if first.map({ (start, -end) < ($0.start, -$0.end) }) ?? true { first = (start, end) }
            }
            if let first {
                return (
                    String(decoding: rest[..<first.end], as: UTF8.self),
                    String(decoding: rest[first.start..<first.end], as: UTF8.self)
                )
            }
            let closing = String(decoding: rest, as: UTF8.self).pythonStripped(left: false)
            let mark = closing.pythonStripped()
            return (closing, mark.isEmpty ? nil : mark)
        }
        return ("", nil)
    }

    /// The whole text, cut where answers begin and end.
    ///
    /// An answer begins where the text that asks for it ends, and if the whole text does not begin with that, where the answer's
    /// content does. The content's place is found by rendering once more with another content.
    func rendering(
        _ messages: [ChatMessage], asks: Bool, closing: String, mark: String?
    ) throws(TextError) -> ChatRendering {
        let whole = Array(try text(messages, asks: asks).utf8)
        var result = ChatRendering(segments: [])
        var at = 0
        func add(_ end: Int, isAnswer: Bool) {
            if end > at { result.segments.append(ChatSegment(String(decoding: whole[at..<end], as: UTF8.self), isAnswer: isAnswer)) }
            at = max(at, end)
        }
        for (index, message) in messages.enumerated() where message.role == "assistant" {
            var other = messages
            other[index] = .assistant(Self.stand(for: messages))
            let content = Self.difference(whole, Array(try text(other, asks: asks).utf8))
            guard !content.isEmpty else {
                throw .conversation(
                    problem: "the model's template leaves out the answer of message \(index + 1); remove the message or choose "
                        + "--template")
            }
            var start = content.lowerBound
            if index > 0 {
                let prompt = try prompt(Array(messages[..<index]), before: whole)
                if let prompt { start = min(start, prompt.utf8.count) } else { result.departsFromPrompt = true }
            }
            add(start, isAnswer: false)
            add(Self.end(whole, content.upperBound, closing: closing, mark: mark), isAnswer: true)
        }
        add(whole.count, isAnswer: false)
        return result
    }

    /// The bytes of `whole` that `other` has not, whole scalars only.
    private static func difference(_ whole: [UInt8], _ other: [UInt8]) -> Range<Int> {
        let isContinuation = { (index: Int) in index < whole.count && whole[index] & 0xC0 == 0x80 }
        let shorter = min(whole.count, other.count)
        var start = 0
        while start < shorter, whole[start] == other[start] { start += 1 }
        while start > 0, isContinuation(start) { start -= 1 }
        var end = 0
        while end < shorter - start, whole[whole.count - 1 - end] == other[other.count - 1 - end] { end += 1 }
        while end > 0, isContinuation(whole.count - end) { end -= 1 }
        return start..<max(start, whole.count - end)
    }

    /// Where the answer whose content ends at `place` ends with its mark, if that is there.
    private static func end(_ whole: [UInt8], _ place: Int, closing: String, mark: String?) -> Int {
        if whole[place...].starts(with: closing.utf8) { return place + closing.utf8.count }
        guard let mark else { return place }
        var at = place
        while at < whole.count, [0x20, 0x09, 0x0A, 0x0D].contains(whole[at]) { at += 1 }
        return whole[at...].starts(with: mark.utf8) ? at + mark.utf8.count : place
    }
}

extension [UInt8] {
    /// Where `part` first stands.
    fileprivate func firstIndex(of part: [UInt8]) -> Int? {
        guard !part.isEmpty, part.count <= count else { return nil }
        return (0...(count - part.count)).first { self[$0...].starts(with: part) }
    }
}

extension String {
    /// Where `part` first stands, by bytes.
    fileprivate func range(ofText part: String) -> Range<String.Index>? {
        guard let start = Array(utf8).firstIndex(of: Array(part.utf8)) else { return nil }
        let lower = utf8.index(utf8.startIndex, offsetBy: start)
        return lower..<utf8.index(lower, offsetBy: part.utf8.count)
    }
}
