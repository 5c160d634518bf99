/// How well a score tells members from others, and what that says about forgetting (open-unlearning's privacy metrics).
package enum MembershipMeasures {
    /// The probability that a non-member scores higher than a member, ties counted half: the area under the ROC curve. 1 if scores tell
    /// members perfectly, where a low score speaks for membership. Nil if a group is empty or holds a NaN.
    package static func areaUnderCurve(members: [Double], others: [Double]) -> Double? {
        guard !members.isEmpty, !others.isEmpty, !(members + others).contains(where: \.isNaN) else { return nil }
        let (low, high) = (members.sorted(), others.sorted())
        // Twice the number of won pairs is an integer, so the area is exact however the groups lie.
        var (below, upTo, doubled) = (0, 0, 0)
        for value in high {
            while below < low.count, low[below] < value { below += 1 }
            while upTo < low.count, low[upTo] <= value { upTo += 1 }
            doubled += below + upTo
        }
        return Double(doubled) / (2 * Double(low.count) * Double(high.count))
    }

    /// 100·((1−a) − (1−r))/((1−r) + 1e−10) (Shi et al., arXiv 2407.06460): below 0 the data still leak, above 0 they are forgotten more
    /// than by a model that never saw them.
    package static func privacyLeak(_ area: Double, reference: Double = 0.5) -> Double {
        100 * ((1 - area) - (1 - reference)) / ((1 - reference) + 1e-10)
    }

    /// 100·(a − r)/(r + 1e−10).
    package static func relativeDifference(_ area: Double, reference: Double) -> Double { 100 * (area - reference) / (reference + 1e-10) }

    /// The negated mean of the smallest share of the values (Shi et al., "Detecting Pretraining Data", 2024: min-k % of log-probabilities;
    /// Zhang et al., 2024: min-k++ of their z-scores). 0 without values.
    package static func leastMean(_ values: [Double], share: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        let count = max(1, Int(share * Double(values.count)))
        return -values.sorted().prefix(count).reduce(0, +) / Double(count)
    }

    /// The share of both benchmarks.
    package static let standardShare = 0.4
}
