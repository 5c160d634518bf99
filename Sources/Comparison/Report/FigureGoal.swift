import Reporting

extension ComparisonFigure {
    /// What a forgotten model's figure should reach.
    enum Goal: Sendable {
        typealias Interval = @Sendable (SplitReference) -> ClosedRange<Double>?

        /// Within the interval of the retrained models.
        case within(Interval)
        /// Not above that interval.
        case notAbove(Interval)
        case atLeast(Double)
        case atMost(Double)
        /// No larger than the retrained models have it against each other.
        case noLarger

        /// Within the retrained models' interval of a metric.
        static func like(_ metric: String) -> Goal { .within { $0.interval(metric) } }
        static func notAbove(_ metric: String) -> Goal { .notAbove { $0.interval(metric) } }
    }
}

extension ComparisonFigure.Goal {
    /// The values that reach it; nil where the references do not say.
    /// - Parameter references: the retrained models' mean of the same figure.
    func target(_ reference: SplitReference, references: Double?) -> ClosedRange<Double>? {
        switch self {
        case .within(let interval): interval(reference)
        case .notAbove(let interval): interval(reference).map { -.infinity...$0.upperBound }
        case .atLeast(let least): least...Double.infinity
        case .atMost(let most): -.infinity...most
        case .noLarger: references.map { -.infinity...$0 }
        }
    }

    /// `≥ 0.98`, `≤ 0.12`, `0.03–0.08`.
    static func text(_ target: ClosedRange<Double>, _ decimals: Int) -> String {
        let (lower, upper) = (NumberText.fixed(target.lowerBound, decimals), NumberText.fixed(target.upperBound, decimals))
        if target.lowerBound == -.infinity { return "≤ \(upper)" }
        return target.upperBound == .infinity ? "≥ \(lower)" : "\(lower) to \(upper)"
    }
}
