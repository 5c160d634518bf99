import Evaluation
import Glibc

/// A column of the comparison: one number of a cell. A new one is a line in `all`.
struct ComparisonFigure: Sendable {
    let key: String
    let title: String
    var decimals = 3
    /// Whether the first table shows it; all are in the files.
    var isMain = true
    var goal: Goal?
    let value: @Sendable (StoredCell, SplitReference) -> Double?

    /// What a forgotten model should reach.
    enum Goal {
        /// Within the interval of the retrained models.
        case like(metric: String)
        /// Not above that interval.
        case notAbove(metric: String)
        case atLeast(Double)
        /// No larger than the retrained models have it against each other.
        case noLarger
    }

    /// In the order of the tables. A column that no cell has a value for is left out.
    static let all: [ComparisonFigure] = [
        ComparisonFigure(
            key: "forget_probability", title: "forget p", goal: .like(metric: "forget_Q_A_Prob"), value: figure("forget_Q_A_Prob")),
        ComparisonFigure(key: "distance", title: "D", goal: .noLarger) { SplitReference.mean($1.tests($0).map(\.distance)) },
        ComparisonFigure(key: "ks_p", title: "KS p", goal: .atLeast(0.05)) { $1.tests($0).map(\.probability).min() },
        ComparisonFigure(key: "utility", title: "utility", goal: .atLeast(SelectionRule.utility), value: relative(["retain_Q_A_Prob"])),
        ComparisonFigure(
            key: "neighbours_utility", title: "neighbours' utility", goal: .atLeast(SelectionRule.utility),
            value: relative(["neighbour_Q_A_Prob"])),
        ComparisonFigure(
            key: "general_utility", title: "general utility", goal: .atLeast(SelectionRule.utility),
            value: relative(["ra_Q_A_Prob", "wf_Q_A_Prob"])),
        ComparisonFigure(
            key: "extraction_strength", title: "ES", goal: .like(metric: "extraction_strength"), value: figure("extraction_strength")),
        ComparisonFigure(
            key: "exact_memorisation", title: "EM", isMain: false, goal: .like(metric: "exact_memorization"),
            value: figure("exact_memorization")),
        ComparisonFigure(key: "mia_min_k", title: "min-k AUC", goal: .like(metric: "mia_min_k"), value: figure("mia_min_k")),
        ComparisonFigure(key: "privleak", title: "privleak", decimals: 1, isMain: false) { cell, reference in
            guard let area = cell.measurement.figures["mia_min_k"]?.value, let other = reference.mean("mia_min_k", for: cell) else {
                return nil
            }
            return MembershipMeasures.privacyLeak(area, reference: other)
        },
        ComparisonFigure(
            key: "judge_loss", title: "answers' loss, judged", decimals: 2, goal: .notAbove(metric: "forget_judged_perplexity")
        ) { cell, _ in cell.measurement.figures["forget_judged_perplexity"]?.value.map { log($0) } },
        ComparisonFigure(
            key: "fallen_apart", title: "fallen apart", decimals: 2, goal: .notAbove(metric: "forget_fallen_apart"),
            value: figure("forget_fallen_apart")),
        ComparisonFigure(
            key: "broken_words", title: "broken words", isMain: false, goal: .notAbove(metric: "forget_broken_words"),
            value: figure("forget_broken_words")),
        ComparisonFigure(
            key: "repetition", title: "repetition", isMain: false, goal: .notAbove(metric: "forget_repetition"),
            value: figure("forget_repetition")),
        ComparisonFigure(key: "distinct_2", title: "distinct-2", isMain: false, value: figure("forget_distinct_2")),
        ComparisonFigure(
            key: "relearned", title: "relearned p", goal: .like(metric: CellRelearning.key), value: figure(CellRelearning.key)),
        ComparisonFigure(key: "loss_gap", title: "loss gap", isMain: false) { cell, reference in
            let others = reference.others(than: cell).map { losses($0) }, own = losses(cell)
            guard !own.isEmpty, !others.isEmpty, others.allSatisfy({ $0.count == own.count }) else { return nil }
            return SplitReference.mean(
                own.indices.map { row in abs(own[row] - others.reduce(0) { $0 + $1[row] } / Double(others.count)) })
        },
        ComparisonFigure(
            key: "truth_ratio", title: "truth ratio", isMain: false, goal: .like(metric: "forget_truth_ratio"),
            value: figure("forget_truth_ratio")),
        ComparisonFigure(key: "forget_rouge", title: "forget ROUGE-L", isMain: false, value: figure("forget_Q_A_ROUGE")),
        ComparisonFigure(key: "retain_rouge", title: "retain ROUGE-L", isMain: false, value: figure("retain_Q_A_ROUGE")),
        ComparisonFigure(key: "retain_probability", title: "retain p", isMain: false, value: figure("retain_Q_A_Prob")),
        ComparisonFigure(key: "gradient_equivalents", title: "gradient-eq.", decimals: 0) { cell, _ in
            cell.cell.role == .unlearned ? cell.cost.gradientEquivalents : nil
        },
        ComparisonFigure(key: "seconds", title: "seconds", decimals: 1) { cell, _ in cell.cell.role == .unlearned ? cell.cost.seconds : nil
        },
    ]

    /// A metric of the suite.
    private static func figure(_ metric: String) -> @Sendable (StoredCell, SplitReference) -> Double? {
        { cell, _ in cell.measurement.figures[metric]?.value }
    }

    /// Metrics relative to the trained model's, a mean over those that there are.
    private static func relative(_ metrics: [String]) -> @Sendable (StoredCell, SplitReference) -> Double? {
        { cell, reference in
            SplitReference.mean(
                metrics.compactMap { metric in
                    guard let now = cell.measurement.figures[metric]?.value,
                        let before = reference.trained?.measurement.figures[metric]?.value, before > 0
                    else { return nil }
                    return now / before
                })
        }
    }

    /// The forget answers' losses, from their probabilities; those below the least number count as it.
    private static func losses(_ cell: StoredCell) -> [Double] {
        cell.measurement.examples("forget_Q_A_Prob").map { -log(max($0, .leastNonzeroMagnitude)) }
    }
}

extension ComparisonFigure.Goal {
    /// Whether a mean reaches it; nil where the references do not say.
    /// - Parameter references: the retrained models' mean of the same figure.
    func isReached(_ value: Double, _ reference: SplitReference, references: Double?) -> Bool? {
        switch self {
        case .like(let metric): reference.interval(metric)?.contains(value)
        case .notAbove("forget_judged_perplexity"):
            reference.interval("forget_judged_perplexity").map { value <= log($0.upperBound) }
        case .notAbove(let metric): reference.interval(metric).map { value <= $0.upperBound }
        case .atLeast(let least): value >= least
        case .noLarger: references.map { value <= $0 }
        }
    }
}
