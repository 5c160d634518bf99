import Data

// The declared layouts.
extension ChatTemplate {
    /// Writes a conversation in the declared layout.
    func declared(
        _ messages: [ChatMessage], addGenerationPrompt: Bool = false
    ) throws(TextError) -> [ChatSegment] {
        let family = family ?? .plain
        guard let first = messages.first else { throw .conversation(problem: "there are no messages") }
        var writer = SegmentWriter()
        var turns = messages[...]
        var system: String?
        if first.role == "system" {
            system = first.content
            turns = turns.dropFirst()
        }
        switch family {
        case .chatML: chatML(system ?? defaultSystem, turns, &writer)
        case .llama3: llama3(system ?? defaultSystem, turns, &writer)
        case .zephyr:
            if let system { writer.prompt("<|system|>\n\(system)\(end)\n") }
            try eachTurn(turns) { question in
                writer.prompt("<|user|>\n\(question)\(end)\n")
            } answer: { answer in
                writer.prompt("<|assistant|>\n")
                writer.answer(ended(answer))
                writer.prompt("\n")
            }
        case .llama2, .mistral: try instructions(system, turns, &writer)
        case .plain:
            if let system { writer.prompt(system + "\n") }
            try eachTurn(turns) { question in
                writer.prompt((writer.segments.last?.isAnswer == true ? "\n" : "") + "Question: \(question)\n")
            } answer: { answer in
                // The space belongs to the answer's first token.
                writer.prompt("Answer:")
                writer.answer(" " + ended(answer))
            }
        }
        if addGenerationPrompt { writer.prompt(generationPrompt(family)) }
        return writer.segments
    }

    /// A text with the mark that ends it, unless it ends with that already.
    private func ended(_ text: String, _ space: String = "") -> String {
        guard let endMark, !text.utf8.reversed().starts(with: endMark.utf8.reversed()) else { return text }
        return text + space + endMark
    }

    /// What invites the assistant to answer.
    private func generationPrompt(_ family: Family) -> String {
        switch family {
        case .chatML: "<|im_start|>assistant\n"
        case .llama3: "<|start_header_id|>assistant<|end_header_id|>\n\n"
        case .zephyr: "<|assistant|>\n"
        case .llama2, .mistral: ""
        case .plain: "Answer:"
        }
    }

    private func chatML(_ system: String?, _ turns: ArraySlice<ChatMessage>, _ writer: inout SegmentWriter) {
        if let system { writer.prompt("<|im_start|>system\n\(system)<|im_end|>\n") }
        for turn in turns {
            writer.prompt("<|im_start|>\(turn.role)\n")
            writer.add(ended(turn.content), isAnswer: turn.role == "assistant")
            writer.prompt("\n")
        }
    }

    private func llama3(_ system: String?, _ turns: ArraySlice<ChatMessage>, _ writer: inout SegmentWriter) {
        writer.prompt(begin)
        func header(_ role: String) -> String { "<|start_header_id|>\(role)<|end_header_id|>\n\n" }
        if let system {
            writer.prompt(header("system") + trimmed(system) + "<|eot_id|>")
        }
        for turn in turns {
            writer.prompt(header(turn.role))
            writer.add(ended(trimmed(turn.content)), isAnswer: turn.role == "assistant")
        }
    }

    /// Llama 2 and Mistral: the system's text goes into the first question.
    private func instructions(
        _ system: String?, _ turns: ArraySlice<ChatMessage>, _ writer: inout SegmentWriter
    ) throws(TextError) {
        let isLlama2 = family == .llama2
        if !isLlama2 { writer.prompt(begin) }
        var pending = system.map { isLlama2 ? "<<SYS>>\n\($0)\n<</SYS>>\n\n" : $0 + "\n\n" } ?? ""
        try eachTurn(turns) { question in
            let text = pending + question
            pending = ""
            writer.prompt(
                isLlama2
                    ? "\(begin)[INST] \(trimmed(text)) [/INST]" : "[INST] \(text) [/INST]")
        } answer: { answer in
            writer.answer(isLlama2 ? " " + ended(trimmed(answer), " ") : ended(answer))
        }
    }

    private func eachTurn(
        _ turns: ArraySlice<ChatMessage>, question: (String) -> Void, answer: (String) -> Void
    ) throws(TextError) {
        for turn in turns {
            switch turn.role {
            case "user": question(turn.content)
            case "assistant": answer(turn.content)
            default:
                throw .conversation(
                    problem: "\(name) has no place for a message of role \"\(turn.role)\"; "
                        + "use user and assistant, and system first if at all")
            }
        }
    }
}

/// Joins neighbouring prompts.
private struct SegmentWriter {
    var segments: [ChatSegment] = []

    mutating func prompt(_ text: String) { add(text, isAnswer: false) }
    mutating func answer(_ text: String) { add(text, isAnswer: true) }

    mutating func add(_ text: String, isAnswer: Bool) {
        if text.isEmpty { return }
        if !isAnswer, let last = segments.indices.last, !segments[last].isAnswer {
            segments[last].text += text
        } else {
            segments.append(ChatSegment(text, isAnswer: isAnswer))
        }
    }
}

/// `text` without white space at both ends.
func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
}
