/// A column of the comparison: one number of a cell. A new one is a line in `all`.
struct ComparisonFigure: Sendable {
    let key: String
    let title: String
    var decimals = 3
    let value: @Sendable (StoredCell, SplitReference) -> Double?

    /// In the order of the tables. A column that no cell has a value for is left out.
    static let all: [ComparisonFigure] = [
        ComparisonFigure(key: "distance", title: "D") { $1.distance($0) },
        ComparisonFigure(key: "utility", title: "utility") { cell, reference in
            guard let now = mean("retain", "probability")(cell, reference), let trained = reference.trained,
                let before = mean("retain", "probability")(trained, reference), before > 0
            else { return nil }
            return now / before
        },
        ComparisonFigure(key: "forget_probability", title: "forget prob.", value: mean("forget", "probability")),
        ComparisonFigure(key: "retain_probability", title: "retain prob.", value: mean("retain", "probability")),
        ComparisonFigure(key: "neighbours_probability", title: "neighbours prob.", value: mean("neighbours", "probability")),
        ComparisonFigure(key: "real_authors_probability", title: "real authors prob.", value: mean("real_authors", "probability")),
        ComparisonFigure(key: "world_facts_probability", title: "world facts prob.", value: mean("world_facts", "probability")),
        ComparisonFigure(key: "truth_ratio", title: "truth ratio") { cell, _ in
            // TOFU's forget form: nearness of the ratio to 1.
            let ratios = (cell.measurement.sets["forget"]?.values["truth_ratio"] ?? []).compactMap { $0 }
            return SplitReference.mean(ratios.map { min($0, 1 / ($0 + 1e-10)) })
        },
        ComparisonFigure(key: "forget_rouge", title: "forget ROUGE-L", value: mean("forget", "rouge_l_recall")),
        ComparisonFigure(key: "retain_rouge", title: "retain ROUGE-L", value: mean("retain", "rouge_l_recall")),
        ComparisonFigure(key: "judge_loss", title: "answers' loss under the retrained", decimals: 2, value: mean("forget", "judge_loss")),
        ComparisonFigure(key: "gradient_equivalents", title: "gradient-eq.", decimals: 0) { cell, _ in
            cell.cell.role == .unlearned ? cell.cost.gradientEquivalents : nil
        },
        ComparisonFigure(key: "seconds", title: "seconds", decimals: 1) { cell, _ in cell.cell.role == .unlearned ? cell.cost.seconds : nil
        },
    ]

    /// The mean of a metric over a set.
    private static func mean(_ set: String, _ metric: String) -> @Sendable (StoredCell, SplitReference) -> Double? {
        { cell, _ in cell.measurement.sets[set]?.mean(metric) }
    }
}
