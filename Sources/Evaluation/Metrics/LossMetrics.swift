import Glibc

/// The mean cross-entropy of an answer's tokens, in nats.
package struct AnswerLoss: AnswerMetric {
    package let key = "loss"
    package let title = "loss"

    package init() {}

    package func value(_ answered: AnsweredExample) -> Double? { answered.loss }
}

/// The probability of an answer, exp(−loss): the geometric mean of its tokens' probabilities, so that long answers count like
/// short ones. TOFU's P(answer | question)^(1/length).
package struct AnswerProbability: AnswerMetric {
    package let key = "probability"
    package let title = "answer probability"

    package init() {}

    package func value(_ answered: AnsweredExample) -> Double? { exp(-answered.loss) }
}
