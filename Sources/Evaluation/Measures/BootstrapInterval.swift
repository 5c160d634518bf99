import Data

/// An interval of a statistic under resampling of its examples (Efron, 1979; the percentile form).
package struct BootstrapInterval: Hashable, Sendable {
    package var lower: Double
    package var upper: Double

    package init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Values that are drawn together: of groups with one name and equally many values, the same positions are drawn.
    package struct Group: Sendable {
        package var name: String
        package var values: [Double]

        package init(_ name: String, _ values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    /// The 95 % interval of a statistic; nil if it is not finite for some drawing, or a group has fewer than two values.
    package init?(
        _ groups: [Group], seed: UInt64 = 0, drawings: Int = 1000, _ statistic: ([[Double]]) -> Double
    ) {
        guard !groups.isEmpty, groups.allSatisfy({ $0.values.count >= 2 }) else { return nil }
        var random = SeededRandom(seed: seed, stream: "bootstrap")
        var results: [Double] = []
        for _ in 0..<drawings {
            var drawn: [String: [Int]] = [:]
            let sample = groups.map { group in
                let name = "\(group.values.count) \(group.name)"
                let places =
                    drawn[name] ?? group.values.indices.map { _ in Int(random.below(UInt64(group.values.count))) }
                drawn[name] = places
                return places.map { group.values[$0] }
            }
            let result = statistic(sample)
            guard result.isFinite else { return nil }
            results.append(result)
        }
        results.sort()
        lower = Self.quantile(results, 0.025)
        upper = Self.quantile(results, 0.975)
    }

    /// Between the neighbouring values in proportion, as NumPy does by default.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let index = Int(place)
        let next = min(index + 1, sorted.count - 1)
        return sorted[index] + (sorted[next] - sorted[index]) * (place - Double(index))
    }
}
