import Evaluation
import Glibc

/// A column of the comparison: one number of a cell. A new one is a line in `all`.
struct ComparisonFigure: Sendable {
    let key: String
    let title: String
    var decimals = 3
    var table = Table.files
    var goal: Goal?
    let value: @Sendable (StoredCell, SplitReference) -> Double?

    /// Where the report for people shows a figure. All are in the files for programs.
    enum Table {
        /// What a method does to the model.
        case result
        /// Whether what was forgotten is gone from within, and stays away.
        case lasting
        case files
    }

    /// In the order of the tables. A column that no cell has a value for is left out.
    static let all: [ComparisonFigure] =
        [
            ComparisonFigure(key: "distance", title: "D", table: .result, goal: .noLarger) {
                SplitReference.mean($1.tests($0).map(\.distance))
            },
            ComparisonFigure(key: "ks_p", title: "KS p", table: .result, goal: .atLeast(0.05)) { $1.tests($0).map(\.probability).min() },
            ComparisonFigure(
                key: "utility", title: "utility", table: .result, goal: .atLeast(SelectionRule.utility),
                value: relative(["retain_Q_A_Prob"])),
            ComparisonFigure(
                key: "neighbours_utility", title: "neighbours", table: .result, goal: .atLeast(SelectionRule.utility),
                value: relative(["neighbour_Q_A_Prob"])),
            ComparisonFigure(
                key: "general_utility", title: "general", table: .result, goal: .atLeast(SelectionRule.utility),
                value: relative(["ra_Q_A_Prob", "wf_Q_A_Prob"])),
            ComparisonFigure(
                key: "judge_loss", title: "ln perplexity", decimals: 2, table: .result,
                goal: .notAbove { $0.interval("forget_judged_perplexity").map { log($0.lowerBound)...log($0.upperBound) } }
            ) { cell, _ in cell.measurement.figures["forget_judged_perplexity"]?.value.map { log($0) } },
            ComparisonFigure(
                key: "fallen_apart", title: "fallen apart", decimals: 2, table: .result, goal: .notAbove("forget_fallen_apart"),
                value: figure("forget_fallen_apart")),
            ComparisonFigure(key: "gradient_equivalents", title: "gradient-eq.", decimals: 0, table: .result) { cell, _ in
                cell.cell.role == .unlearned ? cell.cost.gradientEquivalents : nil
            },
            ComparisonFigure(key: "relative_cost", title: "cost", decimals: 2, table: .result, goal: .atMost(2)) { cell, _ in
                cell.cost.relative
            },
            ComparisonFigure(
                key: "forget_probability", title: "forget p", table: .lasting, goal: .like("forget_Q_A_Prob"),
                value: figure("forget_Q_A_Prob")),
            ComparisonFigure(
                key: "extraction_strength", title: "ES", table: .lasting, goal: .like("extraction_strength"),
                value: figure("extraction_strength")),
            ComparisonFigure(
                key: "privleak", title: "privleak", decimals: 1, table: .lasting, goal: .within { $0.privacyLeakInterval }
            ) { cell, reference in reference.privacyLeak(cell) },
            ComparisonFigure(key: "uds", title: "UDS", table: .lasting, goal: .like("uds"), value: figure("uds")),
            ComparisonFigure(
                key: "logit_lens", title: "lens", table: .lasting, goal: .like("logit_lens"), value: figure("logit_lens")),
            ComparisonFigure(
                key: "relearned", title: "relearned p", table: .lasting, goal: .like(CellRelearning.key),
                value: figure(CellRelearning.key)),
        ]
        + WeightRounding.allCases.flatMap(rounded)
        + [
            ComparisonFigure(
                key: "exact_memorisation", title: "EM", goal: .like("exact_memorization"), value: figure("exact_memorization")),
            ComparisonFigure(key: "mia_min_k", title: "min-k AUC", goal: .like("mia_min_k"), value: figure("mia_min_k")),
            ComparisonFigure(
                key: "broken_words", title: "broken words", goal: .notAbove("forget_broken_words"), value: figure("forget_broken_words")),
            ComparisonFigure(
                key: "repetition", title: "repetition", goal: .notAbove("forget_repetition"), value: figure("forget_repetition")),
            ComparisonFigure(key: "distinct_2", title: "distinct-2", value: figure("forget_distinct_2")),
            ComparisonFigure(key: "loss_gap", title: "loss gap") { cell, reference in
                let others = reference.others(than: cell).map { losses($0) }, own = losses(cell)
                guard !own.isEmpty, !others.isEmpty, others.allSatisfy({ $0.count == own.count }) else { return nil }
                return SplitReference.mean(
                    own.indices.map { row in abs(own[row] - others.reduce(0) { $0 + $1[row] } / Double(others.count)) })
            },
            ComparisonFigure(
                key: "truth_ratio", title: "truth ratio", goal: .like("forget_truth_ratio"), value: figure("forget_truth_ratio")),
            ComparisonFigure(key: "forget_rouge", title: "forget ROUGE-L", value: figure("forget_Q_A_ROUGE")),
            ComparisonFigure(key: "retain_rouge", title: "retain ROUGE-L", value: figure("retain_Q_A_ROUGE")),
            ComparisonFigure(key: "retain_probability", title: "retain p", value: figure("retain_Q_A_Prob")),
            ComparisonFigure(key: "cost_per_example", title: "gradient-eq. per forget example") { cell, _ in cell.cost.perForgetExample },
            ComparisonFigure(key: "seconds", title: "seconds", decimals: 1) { cell, _ in
                cell.cell.role == .unlearned ? cell.cost.seconds : nil
            },
        ]

    /// The forget answers' probability after rounding, and how much of it rounding brought back.
    private static func rounded(_ rounding: WeightRounding) -> [ComparisonFigure] {
        let name = rounding.rawValue, (probability, rise) = ("forget_Q_A_Prob_\(name)", "forget_return_\(name)")
        return [
            ComparisonFigure(
                key: "rounded_\(name)", title: "p, \(name)", table: .lasting, goal: .like(probability), value: figure(probability)),
            ComparisonFigure(key: "return_\(name)", title: "rise, \(name)", table: .lasting, goal: .like(rise), value: figure(rise)),
        ]
    }

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
