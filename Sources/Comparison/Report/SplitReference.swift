import Evaluation

/// What the models of a split are held against: the model as it was, and those that never saw the forget rows.
package struct SplitReference {
    let trained: StoredCell?
    let retrained: [StoredCell]

    package init(_ cells: [StoredCell], split: String) {
        let done = cells.filter { $0.cell.split == split && $0.status == .done }
        trained = done.first { $0.cell.role == .trained }
        retrained = done.filter { $0.cell.role == .retrained }
    }

    /// What the distance is taken over, by example: truth ratios where the forget rows have them, answer probabilities otherwise.
    static func sample(_ cell: StoredCell) -> [Double] {
        let ratios = cell.measurement.examples("forget_truth_ratio")
        return ratios.isEmpty ? cell.measurement.examples("forget_Q_A_Prob") : ratios
    }

    /// The references that a cell is compared with: a retrained model with the others.
    func others(than cell: StoredCell) -> [StoredCell] { retrained.filter { $0.cell.key != cell.cell.key } }

    /// The Kolmogorov–Smirnov test against each of the references.
    func tests(_ cell: StoredCell) -> [KolmogorovSmirnov.Outcome] {
        others(than: cell).compactMap { KolmogorovSmirnov.test(Self.sample(cell), Self.sample($0)) }
    }

    /// The mean of a metric over the references that a cell is compared with.
    func mean(_ key: String, for cell: StoredCell) -> Double? {
        Self.mean(others(than: cell).compactMap { $0.measurement.figures[key]?.value })
    }

    /// From the lowest to the highest end of the references' intervals of a metric.
    func interval(_ key: String) -> ClosedRange<Double>? {
        let intervals = retrained.compactMap { $0.measurement.figures[key]?.interval }
        guard let lower = intervals.map(\.lowerBound).min(), let upper = intervals.map(\.upperBound).max() else { return nil }
        return lower...upper
    }

    /// How far a cell's min-k area is from that of the references it is compared with; nil without a holdout set.
    func privacyLeak(_ cell: StoredCell) -> Double? {
        guard let area = cell.measurement.figures[Self.membership]?.value, let other = mean(Self.membership, for: cell) else { return nil }
        return MembershipMeasures.privacyLeak(area, reference: other)
    }

    /// From the lowest to the highest end of the references' own privleak, each beside the others: what another seed alone makes of it.
    var privacyLeakInterval: ClosedRange<Double>? {
        let ends = retrained.flatMap { cell -> [Double] in
            guard let interval = cell.measurement.figures[Self.membership]?.interval, let other = mean(Self.membership, for: cell) else {
                return []
            }
            return [interval.lowerBound, interval.upperBound].map { MembershipMeasures.privacyLeak($0, reference: other) }
        }
        guard let lower = ends.min(), let upper = ends.max() else { return nil }
        return lower...upper
    }

    private static let membership = "mia_min_k"

    static func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
}
