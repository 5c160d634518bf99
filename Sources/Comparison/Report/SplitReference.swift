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

    /// What the distance is taken over, by example: truth ratios where all forget rows have one, answer losses otherwise.
    static func sample(_ cell: StoredCell) -> [Double] {
        let set = cell.measurement.sets["forget"] ?? SetMeasurement()
        let ratios = (set.values["truth_ratio"] ?? []).compactMap { $0 }
        return !ratios.isEmpty && ratios.count == set.values["loss"]?.count ? ratios : (set.values["loss"] ?? []).compactMap { $0 }
    }

    /// The references that a cell is compared with: a retrained model with the others.
    func others(than cell: StoredCell) -> [StoredCell] { retrained.filter { $0.cell.key != cell.cell.key } }

    /// The Kolmogorov–Smirnov distance to the references, a mean over them; nil without any.
    func distance(_ cell: StoredCell) -> Double? {
        Self.mean(others(than: cell).map { Self.distance(Self.sample(cell), Self.sample($0)) })
    }

    /// The largest difference between the distribution functions of two samples; 1 where one is empty.
    package static func distance(_ one: [Double], _ other: [Double]) -> Double {
        let (a, b) = (one.sorted(), other.sorted())
        guard !a.isEmpty, !b.isEmpty else { return 1 }
        var (i, j, largest) = (0, 0, 0.0)
        while i < a.count, j < b.count {
            let value = min(a[i], b[j])
            while i < a.count, a[i] <= value { i += 1 }
            while j < b.count, b[j] <= value { j += 1 }
            largest = max(largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
        }
        return largest
    }

    static func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
}
