/// What a group's methods reach, and which are ahead of the others.
extension ComparisonReport.Group {
    /// Methods whose answers are shown.
    static let shownMethods = 6

    /// The chosen rows from the best by the rule that chooses settings.
    var ranked: [ComparisonRow] {
        var rest = chosen
        var ranked: [ComparisonRow] = []
        while let best = SelectionRule.best(rest) {
            ranked.append(best)
            rest.removeAll { $0.label == best.label }
        }
        return ranked
    }

    /// Whether a method's mean reaches a figure's goal; nil for references, and where there is no goal or value.
    func isReached(_ figure: ComparisonFigure, _ row: ComparisonRow) -> Bool? {
        guard row.role == .unlearned, let value = row.mean(figure.key) else { return nil }
        return target(figure)?.contains(value)
    }

    /// The values that reach a figure's goal; nil where there is none, or the references do not say.
    func target(_ figure: ComparisonFigure) -> ClosedRange<Double>? {
        figure.goal?.target(reference, references: references.first { $0.role == .retrained }?.mean(figure.key))
    }

    /// Whether no other method has a D and a utility that are both as good, and one of them better.
    func isOnFront(_ row: ComparisonRow) -> Bool {
        guard row.role == .unlearned, let distance = row.mean("distance"), let utility = row.mean("utility") else { return false }
        return !chosen.contains { other in
            guard other.label != row.label, let otherDistance = other.mean("distance"), let otherUtility = other.mean("utility") else {
                return false
            }
            return otherDistance <= distance && otherUtility >= utility && (otherDistance < distance || otherUtility > utility)
        }
    }
}
