import Files

/// One row of the results: a model, and what made it.
package struct ComparisonCell: Hashable, Sendable {
    /// What the model is.
    package enum Role: String, Sendable {
        /// The model that is made to forget, as it was.
        case trained
        /// A model that never saw the forget rows.
        case retrained
        /// What a method made of the trained model.
        case unlearned
    }

    package var role: Role
    package var split: String
    /// The method's label; for a retrained model its number, from 1.
    package var label: String
    package var method = ""
    package var isPaper = false
    /// Texts by the names of settings.
    package var settings: [String: String] = [:]
    package var seed: UInt64 = 0
    package var budget: Budget?

    /// `beta=0.1, inner-step=adamw:1e-4`, in the order of the alphabet; "defaults" where nothing is set.
    package var settingsText: String {
        settings.isEmpty ? "defaults" : settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    /// What tells it from all others of the comparison; readable.
    package var key: String {
        var parts = [split, role == .unlearned ? label : "\(role.rawValue) \(label)"]
        if role == .unlearned { parts += [settingsText, "seed \(seed)"] }
        if let budget { parts.append("\(budget)") }
        return parts.joined(separator: " | ")
    }

    package init(_ role: Role, split: String, label: String = "") { (self.role, self.split, self.label) = (role, split, label) }
}

extension ComparisonPlan {
    /// Every cell that is known before anything is done, in the order of work: what a split's methods are measured against first; then
    /// all methods with one seed before the next, so that a comparison that is stopped has something to say of every method.
    package var cells: [ComparisonCell] { splits.flatMap(searchCells) }

    /// The seeds that all settings are tried with.
    package var searched: [UInt64] { Array(seeds.prefix(searchSeeds)) }

    /// The cells of a split with the seeds after the search, for the setting that stands for each method.
    /// - Parameter best: nil for a method none of whose settings came to a result.
    package func cellsAfterSearch(
        _ split: SplitPlan, best: (MethodPlan, Budget) -> [String: String]?
    ) -> [ComparisonCell] {
        seeds.dropFirst(searchSeeds).flatMap { seed in
            budgets.flatMap { budget in
                methods.compactMap { method in
                    best(method, budget).map { cell(split, method, $0, seed: seed, budget: budget) }
                }
            }
        }
    }

    /// How many cells there are with all seeds, if every method has a setting with a result.
    package var cellCount: Int { cells.count + splits.count * (seeds.count - searchSeeds) * budgets.count * methods.count }

    /// The models to compare with, and all settings with the seeds of the search.
    private func searchCells(_ split: SplitPlan) -> [ComparisonCell] {
        let references = 1...max(1, split.references.isEmpty ? training?.references ?? 1 : split.references.count)
        var cells = [ComparisonCell(.trained, split: split.name)]
        cells += references.map { ComparisonCell(.retrained, split: split.name, label: "\($0)") }
        for seed in searched {
            for budget in budgets {
                for method in methods { cells += method.grid.map { cell(split, method, $0, seed: seed, budget: budget) } }
            }
        }
        return cells
    }

    private func cell(
        _ split: SplitPlan, _ method: MethodPlan, _ settings: [String: String], seed: UInt64, budget: Budget
    ) -> ComparisonCell {
        var cell = ComparisonCell(.unlearned, split: split.name, label: method.label)
        (cell.method, cell.isPaper, cell.settings) = (method.method, method.isPaper, settings)
        (cell.seed, cell.budget) = (seed, budget)
        return cell
    }
}
