import Evaluation
import Files

/// What a file of results says: for each split and budget the references, and every method with its best setting.
package struct ComparisonReport {
    /// One table: a split and a budget.
    struct Group {
        let split: String
        let budget: Budget
        let reference: SplitReference
        /// The trained model and the retrained ones.
        let references: [ComparisonRow]
        /// The setting that stands for each method, in the order of the plan.
        let chosen: [ComparisonRow]
        /// All settings.
        let all: [ComparisonRow]
        /// Each chosen row against the best of the others.
        let bootstraps: [(other: String, outcome: PairedBootstrap)?]
    }

    package let name: String
    let groups: [Group]
    /// Cells that have a result, of all that were begun.
    let done: Int
    let failed: [StoredCell]
    let unfinished: Int
    let samples: Int
    /// The seeds that settings were chosen with; nil where it was with all.
    let searched: Set<UInt64>?

    /// - Throws: `ComparisonError.results`, also where no model is measured yet.
    package init(_ store: ResultStore) throws {
        let cells = try store.cells()
        guard cells.contains(where: { $0.status == .done }) else {
            throw ComparisonError.results(file: store.path, problem: "no cell is done yet, so there is nothing to report.")
        }
        name = try store.fact("name") ?? "Comparison"
        samples = Int(try store.fact("samples") ?? "") ?? 20
        let seeds = Set((try store.fact(SelectionRule.seedsFact) ?? "").split(separator: " ").compactMap { UInt64($0) })
        let searched = seeds.isEmpty || cells.allSatisfy { $0.cell.role != .unlearned || seeds.contains($0.cell.seed) } ? nil : seeds
        self.searched = searched
        done = cells.count { $0.status == .done }
        failed = cells.filter { $0.status == .failed }
        unfinished = cells.count { $0.status == .running }
        groups = Self.unique(cells.map(\.cell.split)).flatMap { split in
            let own = cells.filter { $0.cell.split == split }
            return Self.unique(own.compactMap(\.cell.budget)).map { budget in
                Group(
                    own.filter { $0.cell.budget == budget || $0.cell.budget == nil }, split: split, budget: budget,
                    searched: searched)
            }
        }
    }

    /// Each once, in the order of the first.
    static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }
}

extension ComparisonReport.Group {
    init(_ cells: [StoredCell], split: String, budget: Budget, searched: Set<UInt64>?) {
        let reference = SplitReference(cells, split: split)
        func rows(_ cells: [StoredCell], by name: (StoredCell) -> String) -> [ComparisonRow] {
            ComparisonReport.unique(cells.map(name)).map { key in
                ComparisonRow(cells.filter { name($0) == key && $0.status != .running }, against: reference)
            }
        }
        let unlearned = cells.filter { $0.cell.role == .unlearned && $0.status != .running }
        let all = rows(unlearned) { "\($0.cell.label)|\($0.cell.settingsText)" }
        let chosen = ComparisonReport.unique(all.map(\.label)).compactMap { label in
            let own = unlearned.filter { $0.cell.label == label }
            let tried = own.filter { searched?.contains($0.cell.seed) ?? true }
            let best = SelectionRule.best(rows(tried.isEmpty ? own : tried, by: \.cell.settingsText))
            return all.first { $0.label == label && $0.settings == best?.settings }
        }
        self.init(
            split: split, budget: budget, reference: reference,
            references: rows(cells.filter { $0.cell.role != .unlearned && $0.status == .done }) { $0.cell.role.rawValue },
            chosen: chosen, all: all,
            bootstraps: chosen.map { row in
                guard let other = SelectionRule.best(chosen.filter { $0.label != row.label }), other.label != row.label,
                    let outcome = PairedBootstrap(row, other, reference)
                else { return nil }
                return (other.label, outcome)
            })
    }

    /// For titles.
    var title: String { "\(split), \(budget)" }

    /// For names of files.
    var stem: String {
        String((split + "-" + "\(budget)").map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }

    /// The columns that some row has a value for.
    var figures: [ComparisonFigure] {
        ComparisonFigure.all.filter { figure in (references + all).contains { $0.figures[figure.key] != nil } }
    }
}
