import Evaluation

/// One setting of one method over its seeds, or a reference over its models.
package struct ComparisonRow: Sendable {
    package let label: String
    let role: ComparisonCell.Role
    package let settings: String
    /// The cells that have a result.
    let cells: [StoredCell]
    /// Cells whose method came to none.
    let failed: [StoredCell]
    /// Means over seeds with their intervals, by the figure's key.
    let figures: [String: Estimate]

    package init(_ cells: [StoredCell], against reference: SplitReference) {
        let first = cells.first?.cell
        role = first?.role ?? .unlearned
        label = role == .unlearned ? first?.label ?? "" : role.rawValue
        settings = role == .unlearned ? first?.settingsText ?? "" : ""
        self.cells = cells.filter { $0.status == .done }
        failed = cells.filter { $0.status == .failed }
        var figures: [String: Estimate] = [:]
        for figure in ComparisonFigure.all {
            let values = self.cells.compactMap { figure.value($0, reference) }
            if !values.isEmpty { figures[figure.key] = Estimate(values) }
        }
        self.figures = figures
    }

    package func mean(_ key: String) -> Double? { figures[key]?.mean }
}

/// How the setting of a method is chosen that stands for it.
package enum SelectionRule {
    static let utility = 0.98
    /// The fact of a file of results that names the seeds of the search.
    static let seedsFact = "search_seeds"

    /// - Parameter searched: the seeds that the choice is made on; nil for all.
    static func text(searched: Set<UInt64>?) -> String {
        let means = searched.map { "with seed\($0.count == 1 ? "" : "s") \($0.sorted().map(String.init).joined(separator: ", "))" }
        let choice =
            searched == nil
            ? "The choice is made on the numbers that are shown, the same for every method."
            : "All settings of every method were tried with these seeds, and the chosen one alone with the others."
        return "Of a method's settings that one counts which has, in the means \(means ?? "over seeds"), the smallest D among those with a "
            + "utility of at least 0.98; where there is none, the one with the highest utility. \(choice)"
    }

    /// - Returns: the row that stands for all; one without results only where there is no other.
    package static func best(_ rows: [ComparisonRow]) -> ComparisonRow? {
        let measured = rows.filter { $0.mean("utility") != nil }
        let kept = measured.filter { ($0.mean("utility") ?? 0) >= utility }
        if let best = kept.min(by: { ($0.mean("distance") ?? 2) < ($1.mean("distance") ?? 2) }) { return best }
        return measured.max { ($0.mean("utility") ?? 0) < ($1.mean("utility") ?? 0) } ?? rows.first
    }
}
