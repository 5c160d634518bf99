/// An example as token ids, with the tokens marked that the loss is taken over.
public struct EncodedExample: Sendable, Hashable {
    /// The label of tokens that do not count.
    public static let ignored: Int32 = -100

    /// Prompt and answer.
    public var ids: [Int32]
    /// For every token its own id if it is part of an answer, `ignored` otherwise. Not shifted: `labels[i]`
    /// is what the model should predict at position i − 1. The first is never an answer.
    public var labels: [Int32]
    /// The line of the data file.
    public var line: Int

    /// The number of answer tokens.
    public var answerCount: Int { labels.count { $0 != Self.ignored } }
    /// The position of the first answer token, `nil` without any.
    public var answerStart: Int? { labels.firstIndex { $0 != Self.ignored } }

    public init(ids: [Int32], labels: [Int32], line: Int) {
        self.ids = ids
        self.labels = labels
        self.line = line
    }
}

/// Turns examples into token ids and labels.
///
/// The whole text is tokenized at once, as generation will see it; a token counts as answer when the first of
/// its bytes lies in an answer.
public struct Encoder: Sendable {
    /// What to do with examples beyond the maximum length.
    public enum Overlong: Sendable {
        case refuse
        /// Drop tokens from the end.
        case truncate
    }

    public let tokenizer: Tokenizer
    public let template: ChatTemplate
    /// The longest example in tokens, `nil` for no limit.
    public let maximumLength: Int?
    public let overlong: Overlong

    public init(
        tokenizer: Tokenizer, template: ChatTemplate, maximumLength: Int? = nil, overlong: Overlong = .refuse
    ) {
        self.tokenizer = tokenizer
        self.template = template
        self.maximumLength = maximumLength
        self.overlong = overlong
    }

    /// Ids and labels of one example.
    /// - Throws: `TextError.row` if no token is left to answer for, `TextError.tooLong` beyond the maximum
    ///   length, `TextError.conversation` if the messages do not fit the template.
    public func encode(_ example: Example) throws(TextError) -> EncodedExample {
        let segments = try segments(of: example)
        var text = ""
        var answers: [Range<Int>] = []
        for segment in segments {
            let start = text.utf8.count
            text += segment.text
            if segment.isAnswer { answers.append(start..<text.utf8.count) }
        }
        var (ids, starts) = tokenizer.encodeWithOffsets(text, addSpecialTokens: addsControlTokens(example))
        if let maximumLength, ids.count > maximumLength {
            guard overlong == .truncate else {
                throw .tooLong(file: example.file, line: example.line, length: ids.count, limit: maximumLength)
            }
            ids.removeLast(ids.count - maximumLength)
        }
        let labels = labels(ids, starts, answers)
        let encoded = EncodedExample(ids: ids, labels: labels, line: example.line)
        guard encoded.answerCount > 0 else {
            throw .row(
                file: example.file, line: example.line, field: Self.answerField(example),
                problem: "no token of the answer is left to learn from"
                    + (maximumLength.map { " within \($0) tokens" } ?? ""))
        }
        return encoded
    }

    /// Ids and labels of all examples, in order.
    public func encode(_ examples: [Example]) throws(TextError) -> [EncodedExample] {
        var result: [EncodedExample] = []
        result.reserveCapacity(examples.count)
        for example in examples { result.append(try encode(example)) }
        return result
    }

    /// The ids to generate an answer from: the example up to its last answer.
    public func prompt(_ example: Example) throws(TextError) -> [Int32] {
        let text: String
        switch example.content {
        case .chat(var messages):
            if messages.last?.role == "assistant" { messages.removeLast() }
            text = try template.render(messages, addGenerationPrompt: true).map(\.text).joined()
        case .completion(let prompt, _): text = prompt
        case .text(let whole): text = whole
        }
        return openEnded(text, addSpecialTokens: addsControlTokens(example))
    }

    /// The ids to generate an answer to a question from.
    public func prompt(question: String) throws(TextError) -> [Int32] {
        try prompt(Example(.chat([.user(question)])))
    }

    private func openEnded(_ text: String, addSpecialTokens: Bool) -> [Int32] {
        let ids = tokenizer.encode(text, addSpecialTokens: false)
        return addSpecialTokens ? tokenizer.description.prefix + ids : ids
    }

    private func addsControlTokens(_ example: Example) -> Bool {
        if case .chat = example.content { return !template.writesControlTokens }
        return true
    }

    private func segments(of example: Example) throws(TextError) -> [ChatSegment] {
        switch example.content {
        case .chat(let messages): return try template.render(messages)
        case .completion(let prompt, let completion):
            let end = tokenizer.description.token(tokenizer.description.endID) ?? ""
            return [ChatSegment(prompt, isAnswer: false), ChatSegment(completion + end, isAnswer: true)]
        case .text(let text): return [ChatSegment(text, isAnswer: true)]
        }
    }

    private static func answerField(_ example: Example) -> String {
        switch example.content {
        case .chat: example.fields["messages"] == nil ? "answer" : "messages"
        case .completion: "completion"
        case .text: "text"
        }
    }

    /// Both the tokens' starts and the answers go from left to right: one walk.
    private func labels(_ ids: [Int32], _ starts: [Int], _ answers: [Range<Int>]) -> [Int32] {
        let framing = tokenizer.description.prefix
        var labels = [Int32](repeating: EncodedExample.ignored, count: ids.count)
        var answer = 0
        for index in ids.indices.dropFirst() {
            while answer < answers.count, starts[index] >= answers[answer].upperBound { answer += 1 }
            guard answer < answers.count else { break }
            let isFraming = starts[index] == 0 && index < framing.count && ids[index] == framing[index]
            if answers[answer].contains(starts[index]), !isFraming { labels[index] = ids[index] }
        }
        return labels
    }
}
