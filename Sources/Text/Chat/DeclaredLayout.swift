import Data

/// Writes conversations by a family's conventions.
struct DeclaredLayout: Sendable {
    let family: ChatFamily
    let conventions: ChatConventions

    init(_ family: ChatFamily, begin: String, end: String) {
        self.family = family
        conventions = family.conventions(begin, end)
    }

    /// A conversation as text.
    /// - Parameters:
    ///   - asks: end with what invites the assistant to answer.
    ///   - answer: the answer that is asked for, if it is known: one with a thought has no empty one before it.
    func segments(
        _ messages: [ChatMessage], asks: Bool, for answer: ChatMessage? = nil
    ) throws(TextError) -> [ChatSegment] {
        guard let first = messages.first else { throw .conversation(problem: "there are no messages") }
        var writer = SegmentWriter()
        writer.prompt(conventions.opening)
        var turns = messages[...]
        var system = conventions.defaultSystem
        if first.role == "system" {
            system = first.content
            turns = turns.dropFirst()
        }
        // What waits for the first question.
        var pending = ""
        switch (conventions.system, system) {
        case (_, nil): break
        case (.ownTurn, let system?):
            let marks = try marks("system")
            writer.prompt(marks.before + trimmed(system) + marks.after)
        case (.inQuestion(let before, let after), let system?): pending = before + system + after
        }
        let lastQuestion = turns.lastIndex { $0.role == "user" } ?? -1
        for (index, turn) in zip(turns.indices, turns) {
            let marks = try marks(turn.role)
            if turn.role == "assistant" {
                writer.prompt(marks.before)
                writeAnswer(turn, isCurrent: index > lastQuestion, isLast: index == turns.endIndex - 1, &writer)
            } else {
                let isRound = turn.role == "user" && writer.segments.last?.isAnswer == true
                writer.prompt((isRound ? conventions.betweenRounds : "") + marks.before + trimmed(pending + turn.content))
                pending = ""
            }
            writer.prompt(marks.after)
        }
        if asks {
            let isThoughtless = conventions.thinks && answer.map { Thought(of: $0).text.isEmpty } ?? true
            writer.prompt(try marks("assistant").before + (isThoughtless ? ChatConventions.block("") : ""))
        }
        return writer.segments
    }

    /// Thoughts are written before answers to the last question alone; the model has never read others.
    private func writeAnswer(_ turn: ChatMessage, isCurrent: Bool, isLast: Bool, _ writer: inout SegmentWriter) {
        var answer = turn.content
        if conventions.thinks {
            let thought = Thought(of: turn)
            answer = thought.answer
            if isCurrent, isLast || !thought.text.isEmpty {
                answer = answer.pythonStripped("\n", right: false)
                writer.add(ChatConventions.block(thought.text), isAnswer: !thought.text.isEmpty)
            }
        }
        writer.answer(conventions.answerSpaces.before + ended(trimmed(answer)))
    }

    private func marks(_ role: String) throws(TextError) -> (before: String, after: String) {
        if let marks = conventions.turn(role) { return marks }
        throw .conversation(
            problem: "\(family.title) has no place for a message of role \"\(role)\"; use user and assistant, and system first if at all")
    }

    private func trimmed(_ text: String) -> String { conventions.trims ? text.pythonStripped() : text }

    /// A text with the mark that ends it, unless it ends with that already.
    private func ended(_ text: String) -> String {
        let mark = conventions.endMark
        if text.utf8.reversed().starts(with: mark.utf8.reversed()) { return text }
        return text + conventions.answerSpaces.after + mark
    }
}

/// A turn's thought and what it says after that.
private struct Thought {
    var text: String
    var answer: String

    /// Thoughts stand in a field of their own, or before the text.
    init(of turn: ChatMessage) {
        let parts = turn.content.pythonSplit("</think>")
        let field = OwnTemplate.reasoning.lazy.compactMap { turn.fields[$0]?.asString }.first
        if field == nil, parts.count > 1 {
            text = parts[0].pythonSplit("<think>").last ?? ""
            answer = parts[parts.count - 1].pythonStripped("\n", right: false)
        } else {
            (text, answer) = (field ?? "", turn.content)
        }
        text = text.pythonStripped("\n")
    }
}

/// Joins neighbouring prompts.
private struct SegmentWriter {
    var segments: [ChatSegment] = []

    mutating func prompt(_ text: String) { add(text, isAnswer: false) }
    mutating func answer(_ text: String) { add(text, isAnswer: true) }

    mutating func add(_ text: String, isAnswer: Bool) {
        if text.isEmpty { return }
        if let last = segments.indices.last, segments[last].isAnswer == isAnswer {
            segments[last].text += text
        } else {
            segments.append(ChatSegment(text, isAnswer: isAnswer))
        }
    }
}
