/// A mean and how far it may be off.
public struct Estimate: Hashable, Sendable {
    /// The mean of the values.
    public var mean: Double
    /// Half the width of the 95% confidence interval of the mean (Student's t); nil for fewer than two values.
    public var halfWidth: Double?
    /// The number of values.
    public var count: Int

    package init(mean: Double, halfWidth: Double?, count: Int) {
        self.mean = mean
        self.halfWidth = halfWidth
        self.count = count
    }

    /// The mean of some values and its interval. Of no values the mean is NaN.
    ///
    /// The interval is that of independent values. Examples about one person are not quite that; between seeds they are.
    package init(_ values: [Double]) {
        count = values.count
        mean = values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
        guard values.count >= 2 else {
            halfWidth = nil
            return
        }
        let centre = mean
        let squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
        let degrees = values.count - 1
        halfWidth = Self.quantile(degrees) * (squares / Double(degrees) / Double(values.count)).squareRoot()
    }

    /// The 97.5% quantile of Student's t.
    static func quantile(_ degrees: Int) -> Double {
        let table = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281]
        if degrees <= table.count { return table[max(0, degrees - 1)] }
        // Expansion in 1/degrees (Abramowitz and Stegun, 26.7.5); four digits right from eleven degrees on.
        let z = 1.959964, n = Double(degrees)
        let z3 = z * z * z, z5 = z3 * z * z
        return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n)
            + (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n)
    }
}
