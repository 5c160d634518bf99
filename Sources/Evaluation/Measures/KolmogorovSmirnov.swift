import Glibc

/// The two-sample, two-sided test of Kolmogorov and Smirnov.
package enum KolmogorovSmirnov {
    /// A statistic and how likely samples of one distribution differ as much.
    package struct Outcome: Hashable, Sendable {
        /// The largest distance of the two empirical distribution functions, D.
        package var distance: Double
        package var probability: Double
    }

    /// The most values of a sample for which the probability is exact, as in scipy.
    package static let exactLimit = 10_000

    /// D alone, without its probability; nil if a sample is empty or holds a NaN.
    package static func distance(_ first: [Double], _ second: [Double]) -> Double? {
        guard !first.isEmpty, !second.isEmpty, !(first + second).contains(where: \.isNaN) else { return nil }
        return Double(largestDifference(first.sorted(), second.sorted())) / (Double(first.count) * Double(second.count))
    }

    /// Compares two samples; nil if one is empty or holds a NaN.
    package static func test(_ first: [Double], _ second: [Double]) -> Outcome? {
        guard !first.isEmpty, !second.isEmpty, !(first + second).contains(where: \.isNaN) else { return nil }
        let (n, m) = (first.count, second.count)
        let steps = largestDifference(first.sorted(), second.sorted())
        let distance = Double(steps) / (Double(n) * Double(m))
        let probability: Double
        if steps == 0 {
            probability = 1
        } else if max(n, m) > exactLimit {
            probability = limiting(distance * (Double(n) * Double(m) / Double(n + m)).squareRoot())
        } else if n == m {
            probability = equalSizes(n, steps / n)
        } else {
            probability = pathsOutside(n, m, steps)
        }
        return Outcome(distance: distance, probability: min(1, max(0, probability)))
    }

    /// max |i·m − j·n| over all values, i and j the counts up to and including them: D times n·m, an integer.
    private static func largestDifference(_ a: [Double], _ b: [Double]) -> Int {
        var (i, j, largest) = (0, 0, 0)
        while i < a.count, j < b.count {
            let value = min(a[i], b[j])
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            largest = max(largest, abs(i * b.count - j * a.count))
        }
        return largest
    }

    /// 2 Σ_j (−1)^(j−1) C(2n, n−jh)/C(2n, n) for D = h/n, by Horner's rule from the innermost term outwards.
    private static func equalSizes(_ n: Int, _ h: Int) -> Double {
        var sum = 0.0
        for j in stride(from: n / h, through: 1, by: -1) {
            // C(2n, n−jh)/C(2n, n−(j−1)h)
            var ratio = 1.0
            for step in 0..<h { ratio *= Double(n - (j - 1) * h - step) / Double(n + (j - 1) * h + step + 1) }
            sum = ratio * (1 - sum)
        }
        return 2 * sum
    }

    /// The share of lattice paths from (0, 0) to (n, m) that leave the band |x·m − y·n| < h (Hodges, 1957): counted as probabilities of a
    /// path drawn uniformly, column by column, so that no binomial overflows.
    private static func pathsOutside(_ n: Int, _ m: Int, _ h: Int) -> Double {
        // outside[y]: the probability that a uniformly drawn path, seen backwards from (x, y) to the origin, has left the band.
        // From (x, y) the last step was in x with probability x/(x+y).
        var outside = [Double](repeating: 0, count: m + 1)
        for x in 0...n {
            for y in 0...m {
                if abs(x * m - y * n) >= h {
                    outside[y] = 1
                } else if x == 0 {
                    outside[y] = y == 0 ? 0 : outside[y - 1]
                } else if y > 0 {
                    outside[y] = (Double(x) * outside[y] + Double(y) * outside[y - 1]) / Double(x + y)
                }
            }
        }
        return outside[m]
    }

    /// Kolmogorov's limit, 2 Σ (−1)^(k−1) exp(−2k²x²).
    private static func limiting(_ x: Double) -> Double {
        guard x > 0.04 else { return 1 }
        var sum = 0.0
        for k in 1...100 {
            let term = exp(-2 * Double(k * k) * x * x)
            sum += k % 2 == 1 ? term : -term
        }
        return 2 * sum
    }
}
