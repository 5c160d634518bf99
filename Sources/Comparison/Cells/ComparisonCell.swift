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
    /// Every cell, in the order of work: what a split's methods are measured against first; then all methods with one seed before
    /// the next, so that a comparison that is stopped has something to say of every method.
    package var cells: [ComparisonCell] {
        splits.flatMap { split in
            let references = 1...max(1, split.references.isEmpty ? training?.references ?? 1 : split.references.count)
            var cells = [ComparisonCell(.trained, split: split.name)]
            cells += references.map { ComparisonCell(.retrained, split: split.name, label: "\($0)") }
            for seed in seeds {
                for budget in budgets {
                    for method in methods {
                        for settings in method.grid {
                            var cell = ComparisonCell(.unlearned, split: split.name, label: method.label)
                            (cell.method, cell.isPaper, cell.settings) = (method.method, method.isPaper, settings)
                            (cell.seed, cell.budget) = (seed, budget)
                            cells.append(cell)
                        }
                    }
                }
            }
            return cells
        }
    }
}
