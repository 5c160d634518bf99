import Data

/// Turns examples into token ids and labels.
///
/// The whole text is tokenized at once, as the model has read such texts. A token counts as answer when any of its bytes lies in an
/// answer: one that spans the boundary of prompt and answer too, so that no part of an answer goes uncounted. Such rows are marked,
/// because asking for the answer gives the model other tokens there.
public struct Encoder: Sendable {
    /// What to do with examples beyond the maximum length.
    package enum Overlong: Sendable {
        case refuse
        /// Drop tokens from the end.
        case truncate
    }

    /// What cuts texts into tokens.
    public let tokenizer: Tokenizer
    package let template: ChatTemplate
    package private(set) var overlong: Overlong
    /// Every id that ends an answer.
    public let stopIDs: [Int32]
    /// What the model can read.
    package let limits: SequenceLimits
    /// What an example may be: the same, or shorter where that was asked for.
    private var exampleLimits: SequenceLimits
    private let specialIDs: Set<Int32>

    /// - Parameters:
    ///   - limits: what the model can read.
    ///   - maximumLength: the longest example in tokens, nil for what the model can read.
    package init(
        tokenizer: Tokenizer, template: ChatTemplate, limits: SequenceLimits = .none, maximumLength: Int? = nil,
        overlong: Overlong = .refuse
    ) {
        self.tokenizer = tokenizer
        self.template = template
        self.overlong = overlong
        self.limits = limits
        exampleLimits = limits
        if let maximumLength, maximumLength < limits.context {
            (exampleLimits.context, exampleLimits.contextReason) = (maximumLength, "the maximum length asked for")
        }
        stopIDs = tokenizer.description.stopIDs(with: template)
        specialIDs = Set(tokenizer.description.addedTokens.map(\.id) + tokenizer.description.prefix)
    }

    /// The same, with what is too long cut off: for texts that a model made, which nobody could shorten.
    package var truncating: Encoder {
        var encoder = self
        encoder.overlong = .truncate
        return encoder
    }

    /// What decides how texts become tokens, besides the tokenizer, in words.
    package var settings: String {
        let date = template.writtenDate.map { ", \($0)" } ?? ""
        let length = exampleLimits.context == .max ? "" : ", at most \(exampleLimits.context) tokens"
        return "template \(template.name)\(date)\(length)\(overlong == .truncate ? ", cut" : "")"
    }

    /// Ids and labels of one example, which the model can read and which has a loss.
    /// - Throws: `DataError` if it is too long, has no answer or an id beyond the vocabulary, or its messages do not fit the template.
    public func encode(_ example: Example) throws -> TokenExample {
        let template = try template(for: example)
        let rendering = try located(example) { () throws(TextError) in try segments(of: example, template) }
        var text = ""
        var answers: [Range<Int>] = []
        for segment in rendering.segments {
            let start = text.utf8.count
            text += segment.text
            if segment.isAnswer { answers.append(start..<text.utf8.count) }
        }
        var (ids, starts) = tokenizer.encodeWithOffsets(text, addSpecialTokens: addsControlTokens(example))
        if overlong == .truncate { ids = Array(ids.prefix(exampleLimits.context)) }
        let (labels, spans) = labels(ids, starts, answers, length: text.utf8.count)
        var encoded = TokenExample(ids: ids, labels: labels, position: example.position)
        encoded.spansBoundary = spans
        encoded.departsFromPrompt = rendering.departsFromPrompt
        try exampleLimits.check(encoded)
        return encoded
    }

    /// The ids to generate an answer from, which the model can read: the example up to its last answer.
    /// - Throws: `DataError` as `encode`.
    public func prompt(_ example: Example) throws -> [Int32] {
        let text: String
        switch example.content {
        case .chat(var messages):
            let answer = messages.last?.role == "assistant" ? messages.removeLast() : nil
            let template = try template(for: example)
            text = try located(example) { () throws(TextError) in try template.prompt(messages, for: answer) }
        case .completion(let prompt, _): text = prompt
        case .text(let whole): text = whole
        }
        let ids = openEnded(text, addsControlTokens: addsControlTokens(example))
        try limits.check(ids, at: example.position)
        return ids
    }

    /// The ids to generate an answer to a question from.
    /// - Throws: `DataError` as `encode`, `TextError` if the template refuses the question.
    public func prompt(question: String) throws -> [Int32] { try prompt(Example(.chat([.user(question)]))) }

    /// Adds the row to a template's complaint about its messages.
    private func located<Result>(_ example: Example, _ body: () throws(TextError) -> Result) throws -> Result {
        do throws(TextError) {
            return try body()
        } catch {
            guard case .conversation = error, !example.position.file.isEmpty else { throw error }
            throw DataError(example.position, error.description)
        }
    }

    /// The template with the functions that a row offers.
    private func template(for example: Example) throws(DataError) -> ChatTemplate {
        guard let tools = example.fields["tools"], !tools.isNull else { return template }
        guard let list = tools.asArray else {
            throw DataError(example.position, field: "tools", "expected an array, found \(tools.kind)")
        }
        var template = template
        if !list.isEmpty { template.tools = tools }
        return template
    }

    /// The ids of a text that goes on: with the tokens that the tokenizer puts before texts, without those after.
    package func openEnded(_ text: String, addsControlTokens: Bool = true) -> [Int32] {
        let ids = tokenizer.encode(text, addSpecialTokens: false)
        return addsControlTokens ? tokenizer.description.prefix + ids : ids
    }

    private func addsControlTokens(_ example: Example) -> Bool {
        if case .chat = example.content { return !template.writesControlTokens }
        return true
    }

    private func segments(of example: Example, _ template: ChatTemplate) throws(TextError) -> ChatRendering {
        switch example.content {
        case .chat(let messages): return try template.rendering(messages)
        case .completion(let prompt, let completion):
            let answer = ChatSegment(completion + ending(completion), isAnswer: true)
            return ChatRendering(segments: [ChatSegment(prompt, isAnswer: false), answer])
        case .text(let text): return ChatRendering(segments: [ChatSegment(text, isAnswer: true)])
        }
    }

    /// The end token for a completion, unless it has one already.
    private func ending(_ completion: String) -> String {
        let description = tokenizer.description
        let written = completion.pythonStripped(left: false).utf8.reversed()
        let isEnded = stopIDs.contains { id in
            description.token(id).map { written.starts(with: $0.utf8.reversed()) } ?? false
        }
        return isEnded ? "" : description.token(description.endID) ?? ""
    }

    /// Both the tokens' starts and the answers go from left to right: one walk.
    private func labels(
        _ ids: [Int32], _ starts: [Int], _ answers: [Range<Int>], length: Int
    ) -> (labels: [Int32], spansBoundary: Bool) {
        let framing = tokenizer.description.prefix
        var labels = [Int32](repeating: TokenExample.masked, count: ids.count)
        var spansBoundary = false
        var answer = 0
        for index in ids.indices {
            while answer < answers.count, starts[index] >= answers[answer].upperBound { answer += 1 }
            guard answer < answers.count else { break }
            let isFraming = starts[index] == 0 && index < framing.count && ids[index] == framing[index]
            if isFraming { continue }
            let end = index + 1 < starts.count ? starts[index + 1] : length
            // An added token that swallows the space behind it is no part of what follows.
            let spans =
                starts[index] < answers[answer].lowerBound && end > answers[answer].lowerBound
                && !specialIDs.contains(ids[index])
            if spans { spansBoundary = true }
            // Nothing stands before the first token, so nothing can predict it.
            if index > 0, spans || answers[answer].contains(starts[index]) { labels[index] = ids[index] }
        }
        return (labels, spansBoundary)
    }
}
