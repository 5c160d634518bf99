import Glibc

/// The mean cross-entropy of an answer's tokens, in nats.
public struct AnswerLoss: AnswerMetric {
    public let key = "loss"
    public let title = "loss"

    /// The metric; it has no settings.
    public init() {}

    public func value(_ answered: AnsweredExample) -> Double? { answered.loss }
}

/// The probability of an answer, exp(−loss): the geometric mean of its tokens' probabilities, so that long answers count like
/// short ones. TOFU's P(answer | question)^(1/length).
public struct AnswerProbability: AnswerMetric {
    public let key = "probability"
    public let title = "answer probability"

    /// The metric; it has no settings.
    public init() {}

    public func value(_ answered: AnsweredExample) -> Double? { exp(-answered.loss) }
}
