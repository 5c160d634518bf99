import Glibc

/// TOFU's truth ratio of one question (Maini et al., arXiv 2401.06121), as open-unlearning computes it: how likely wrong answers are
/// beside the right one, by mean losses per token. Three ways to sum it up.
package enum TruthRatio {
    /// The reference code's guard against division by zero. It wins where the right answer's loss exceeds some 23 nats.
    static let epsilon = 1e-10

    /// exp(−W) / (exp(−C) + 1e−10), W the mean of the wrong answers' losses.
    package static func value(correct: Double, wrong: [Double]) -> Double {
        exp(-mean(wrong)) / (exp(-correct) + epsilon)
    }

    /// C − W: the logarithm of the ratio without the guard, finite for any model.
    package static func logarithm(correct: Double, wrong: [Double]) -> Double { correct - mean(wrong) }

    /// How near a ratio is to 1, where nothing tells that the answer was ever learnt: `closer_to_1_better`.
    package static func nearness(_ ratio: Double) -> Double { min(ratio, 1 / (ratio + epsilon)) }

    /// How clearly the right answer is preferred: `true_better`.
    package static func preference(_ ratio: Double) -> Double { max(0, 1 - ratio) }

    /// The right answer's share of its probability and the wrong ones': `prob_mean`.
    package static func knowledge(correct: Double, wrong: [Double]) -> Double {
        exp(-correct) / (exp(-correct) + exp(-mean(wrong)) + epsilon)
    }

    /// The right answer's share of the probabilities of all options, by losses per token.
    package static func optionProbability(correct: Double, wrong: [Double]) -> Double {
        exp(-correct) / (exp(-correct) + wrong.reduce(0) { $0 + exp(-$1) } + epsilon)
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
