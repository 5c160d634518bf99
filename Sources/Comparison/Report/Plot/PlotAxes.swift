import Evaluation

/// From D and utility to places on a plot; what lies outside is drawn at the edge.
struct PlotAxes {
    private let left: Double
    private let top: Double
    private let width: Double
    private let height: Double
    private let distances: ClosedRange<Double>
    private let utilities: ClosedRange<Double>
    /// Whether utilities above `edge` have most of the height: where some methods fall far below, the others would lie on one line.
    let isStretched: Bool
    static let edge = 0.9
    /// The part of the height that is left for what lies below the edge.
    private static let lowerShare = 0.25

    /// - Parameter points: D and utility, whose intervals should be seen.
    init(_ points: [(distance: Estimate, utility: Estimate)], left: Double, top: Double, width: Double, height: Double) {
        (self.left, self.top, self.width, self.height) = (left, top, width, height)
        let ends = { (estimate: Estimate) -> [Double] in
            let half = estimate.halfWidth ?? 0
            return [estimate.mean - half, estimate.mean + half]
        }
        distances = 0...min(1, max(0.1, 1.06 * (points.flatMap { ends($0.distance) }.max() ?? 1)))
        let means: [Double] = [1] + points.map(\.utility.mean)
        let values: [Double] = [1] + points.flatMap { ends($0.utility) }
        let (lowest, highest) = (means.min() ?? 0, means.max() ?? 1)
        isStretched = lowest < Self.edge - 0.1
        // Wide intervals of few seeds must not press everything else together.
        let spread = isStretched ? 0.1 : max(0.05, highest - lowest)
        let low = max(values.min() ?? 0, lowest - spread / 2, -0.05), high = min(values.max() ?? 1, highest + spread / 2)
        utilities = (low - max(0.01, 0.06 * (high - low)))...(high + max(0.01, 0.06 * (high - max(low, isStretched ? Self.edge : low))))
    }

    func x(_ distance: Double) -> Double { left + width * Self.share(distance, distances) }

    func y(_ utility: Double) -> Double {
        guard isStretched else { return top + height * (1 - Self.share(utility, utilities)) }
        let share =
            utility < Self.edge
            ? Self.lowerShare * Self.share(utility, utilities.lowerBound...Self.edge)
            : Self.lowerShare + (1 - Self.lowerShare) * Self.share(utility, Self.edge...utilities.upperBound)
        return top + height * (1 - share)
    }

    private static func share(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        (max(range.lowerBound, min(range.upperBound, value)) - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    var distanceTicks: [Double] { Self.ticks(distances, about: 6) }

    var utilityTicks: [Double] {
        guard isStretched else { return Self.ticks(utilities, about: 5) }
        let below = Self.ticks(utilities.lowerBound...Self.edge, about: 2).filter { $0 < Self.edge - 0.05 }
        return below + Self.ticks(Self.edge...utilities.upperBound, about: 5)
    }

    /// Round numbers within a range.
    private static func ticks(_ range: ClosedRange<Double>, about count: Double) -> [Double] {
        let wanted = (range.upperBound - range.lowerBound) / count
        let step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].first { $0 >= wanted } ?? wanted
        // Not −0, which would be written so.
        let first = (range.lowerBound / step - 1e-9).rounded(.up) + 0
        return stride(from: first, through: (range.upperBound / step).rounded(.down), by: 1).map { $0 * step }
    }
}
