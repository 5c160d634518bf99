import Glibc

/// A support vector machine of one number with a Gaussian kernel, which tells members of a training set from others by a feature of
/// theirs: the attack of SalUn's and l1-sparse's code (OPTML-Group/Unlearn-Saliency, evaluation/SVC_MIA.py), which is scikit-learn's
/// SVC(C = 3, gamma = "auto", kernel = "rbf") of one feature, so γ = 1.
///
/// The dual problem, max Σ a − ½ Σ a a' y y' exp(−γ(x − x')²) with 0 ≤ a ≤ C and Σ a y = 0, is solved by pairs (Fan, Chen & Lin, JMLR
/// 6, 2005) to a tolerance that is sharper than scikit-learn's. Equal numbers of one kind are one variable with a larger box.
package struct MembershipClassifier {
    /// The classifier's direction in the space of the kernel's features.
    private let direction: [Double]
    private let features: KernelFeatures
    private let offset: Double

    /// - Parameters:
    ///   - members: the feature of examples that were trained on.
    ///   - others: of examples that were not.
    package init(members: [Double], others: [Double]) {
        features = KernelFeatures(of: members + others)
        var problem = DualProblem(members: members, others: others, features)
        problem.solve()
        direction = problem.direction
        offset = problem.offset
    }

    /// Above 0 for what looks like a member.
    package func decision(_ x: Double) -> Double { zip(features.row(x), direction).reduce(-offset) { $0 + $1.0 * $1.1 } }

    /// The share of examples that are taken for others than members: what the literature calls MIA efficacy, from 0 to 1.
    package func shareOfOthers(_ values: [Double]) -> Double {
        Double(values.count { decision($0) <= 0 }) / Double(max(1, values.count))
    }
}

/// The Gaussian kernel of numbers in a range as an inner product of few features: exp(−(x − x')²) is e^(−x²)·e^(−x'²)·Σ (2xx')ᵏ/k!, whose
/// terms vanish fast once numbers are counted from the middle of their range. So a product with all examples takes no exponentials.
private struct KernelFeatures {
    /// √(2ᵏ/k!), as far as a term matters to a double.
    private let coefficients: [Double]
    private let middle: Double

    init(of values: [Double]) {
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        middle = (low + high) / 2
        let largest = (high - low) * (high - low) / 4
        var coefficients = [1.0], term = 1.0
        while term > 1e-17 || Double(coefficients.count) < 2 * largest {
            let k = Double(coefficients.count)
            term *= 2 * largest / k
            coefficients.append(coefficients[coefficients.count - 1] * (2 / k).squareRoot())
        }
        self.coefficients = coefficients
    }

    var count: Int { coefficients.count }

    func row(_ value: Double) -> [Double] {
        let x = value - middle
        var power = exp(-x * x)
        return coefficients.map { coefficient in
            defer { power *= x }
            return coefficient * power
        }
    }
}

private struct DualProblem {
    private let features: KernelFeatures
    /// The features of each variable's number, one after the other.
    private var rows: [Double] = []
    /// 1 for members, −1 for others.
    private var kinds: [Double] = []
    /// How many examples a variable stands for, times C.
    private var boxes: [Double] = []
    private var weights: [Double]
    /// The derivatives of the dual objective's negative by the weights.
    private var slopes: [Double]

    private static let cost = 3.0
    /// How far from the optimum's conditions the solution may be; scikit-learn's own is 1e-3.
    private static let tolerance = 1e-5
    private static let mostSteps = 1_000_000

    init(members: [Double], others: [Double], _ features: KernelFeatures) {
        self.features = features
        for (kind, values) in [(1.0, members), (-1.0, others)] {
            var last: Double?
            for value in values.sorted() {
                if value == last {
                    boxes[boxes.count - 1] += Self.cost
                } else {
                    rows += features.row(value)
                    kinds.append(kind)
                    boxes.append(Self.cost)
                }
                last = value
            }
        }
        weights = [Double](repeating: 0, count: boxes.count)
        slopes = [Double](repeating: -1, count: boxes.count)
    }

    mutating func solve() {
        var steps = 0
        while steps < Self.mostSteps, let (i, j) = pair() {
            step(i, j)
            steps += 1
        }
    }

    /// Σ a y φ(x).
    var direction: [Double] {
        var sum = [Double](repeating: 0, count: features.count)
        for variable in weights.indices where weights[variable] > 0 {
            for k in sum.indices { sum[k] += weights[variable] * kinds[variable] * rows[variable * features.count + k] }
        }
        return sum
    }

    /// What the decision is counted from: known where a weight is between its bounds, else between what the bounds allow.
    var offset: Double {
        let free = weights.indices.filter { weights[$0] > 0 && weights[$0] < boxes[$0] }
        if !free.isEmpty { return free.reduce(0) { $0 + kinds[$1] * slopes[$1] } / Double(free.count) }
        let low = weights.indices.filter(canRise).map { kinds[$0] * slopes[$0] }.min() ?? 0
        let high = weights.indices.filter(canFall).map { kinds[$0] * slopes[$0] }.max() ?? 0
        return (low + high) / 2
    }

    /// Whether the weight times its kind can grow, and whether it can fall.
    private func canRise(_ variable: Int) -> Bool { kinds[variable] > 0 ? weights[variable] < boxes[variable] : weights[variable] > 0 }
    private func canFall(_ variable: Int) -> Bool { kinds[variable] > 0 ? weights[variable] > 0 : weights[variable] < boxes[variable] }

    /// exp(−(x − x')²)
    private func kernel(_ a: Int, _ b: Int) -> Double { product(of: b, with: Array(rows[a * features.count..<(a + 1) * features.count])) }

    private func product(of variable: Int, with row: [Double]) -> Double {
        let start = variable * features.count
        var sum = 0.0
        for k in row.indices { sum += rows[start + k] * row[k] }
        return sum
    }

    /// The pair that promises most: the first violates the conditions most, the second gains most with it. Nil at the optimum.
    private func pair() -> (Int, Int)? {
        var first: Int?
        var most = -Double.infinity
        for variable in weights.indices where canRise(variable) && -kinds[variable] * slopes[variable] > most {
            (first, most) = (variable, -kinds[variable] * slopes[variable])
        }
        guard let first else { return nil }
        let row = Array(rows[first * features.count..<(first + 1) * features.count])
        var second: Int?
        var best = 0.0
        for variable in weights.indices where canFall(variable) {
            let violation = most + kinds[variable] * slopes[variable]
            guard violation > Self.tolerance else { continue }
            let gain = violation * violation / max(1e-12, 2 - 2 * product(of: variable, with: row))
            if gain > best { (second, best) = (variable, gain) }
        }
        return second.map { (first, $0) }
    }

    /// Moves weight·kind up at i and down at j, as far as is best or allowed.
    private mutating func step(_ i: Int, _ j: Int) {
        let curvature = max(1e-12, 2 - 2 * kernel(i, j))
        var length = (-kinds[i] * slopes[i] + kinds[j] * slopes[j]) / curvature
        length = min(length, kinds[i] > 0 ? boxes[i] - weights[i] : weights[i], kinds[j] > 0 ? weights[j] : boxes[j] - weights[j])
        weights[i] += kinds[i] * length
        weights[j] -= kinds[j] * length
        // What lies at its bound is there exactly.
        for k in [i, j] {
            if weights[k] < 1e-12 * boxes[k] { weights[k] = 0 }
            if boxes[k] - weights[k] < 1e-12 * boxes[k] { weights[k] = boxes[k] }
        }
        let change = (0..<features.count).map { length * (rows[i * features.count + $0] - rows[j * features.count + $0]) }
        for variable in slopes.indices { slopes[variable] += kinds[variable] * product(of: variable, with: change) }
    }
}
