/// A number that says how well a model answers one question. A new metric is one more file with one of these.
public protocol AnswerMetric: Sendable {
    /// Its name in reports for programs, such as `rouge_l_recall`.
    var key: String { get }
    /// Its name in tables.
    var title: String { get }
    /// The value for one example; nil if it has none: because no answer was asked for, or nothing in it can be compared.
    func value(_ answered: AnsweredExample) -> Double?
}

/// A metric's mean over a data set.
public struct MetricSummary: Hashable, Sendable {
    /// The name in reports.
    public var key: String
    /// The name for people.
    public var title: String
    /// The mean over examples, with its spread.
    public var estimate: Estimate

    package init(key: String, title: String, estimate: Estimate) {
        self.key = key
        self.title = title
        self.estimate = estimate
    }
}

/// One question as a model answers it.
public struct AnsweredExample: Hashable, Sendable {
    /// Of plain text the first half.
    public var question: String
    /// The answer in the data; of plain text the second half.
    public var reference: String
    /// What the model says when it always takes the likeliest token; nil if that was not asked for, or the text is too short to ask.
    public var generated: String?
    /// The mean cross-entropy of the reference answer's tokens, in nats.
    public var loss: Double
    /// The reference answer's number of tokens.
    public var tokens: Int

    package init(question: String, reference: String, generated: String?, loss: Double, tokens: Int) {
        self.question = question
        self.reference = reference
        self.generated = generated
        self.loss = loss
        self.tokens = tokens
    }
}
