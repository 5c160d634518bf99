import Backends
import Data
import Glibc
import Graph
import Inference
import TestSupport
import Testing
import Unlearning

/// Convergence of the two-loop iterate, measured. With OFMU_PRINT_TABLES set, the tables of docs/convergence.md are printed.
@Suite("Convergence")
struct ConvergenceTests {
    private static func show(_ line: @autoclosure () -> String) {
        if getenv("OFMU_PRINT_TABLES") != nil { print(line()) }
    }

    /// Two significant digits and a power of ten.
    private static func short(_ value: Double) -> String {
        guard value > 0, value.isFinite else { return "\(value)" }
        let power = Int(log10(value).rounded(.down))
        return "\((10 * value / pow(10, Double(power))).rounded() / 10)e\(power)"
    }

    // MARK: A quadratic pair

    private struct Pair {
        let forget: Quadratic.Batch, retain: Quadratic.Batch
        let start: [Double]

        init() {
            // A = QᵀQ of rank 2 in four dimensions: Φ is stationary on a plane. B is positive definite.
            let q = [[1.0, 0.5, 0, -0.25], [0, 1, 0.75, 0.5]]
            let r = [[1.0, 0.25, 0, 0], [0, 0.75, 0.5, 0], [0, 0, 1, 0.25], [0.5, 0, 0, 1.25]]
            forget = Quadratic.Batch(matrix: Self.gram(q), centre: [1, -0.5, 0.25, 0.75])
            retain = Quadratic.Batch(matrix: Self.gram(r), centre: [-0.5, 0.5, 1, -1])
            start = [0.5, 0.25, -0.75, 1]
        }

        private static func gram(_ rows: [[Double]]) -> [[Double]] {
            (0..<4).map { i in (0..<4).map { j in rows.reduce(0.0) { $0 + $1[i] * $1[j] } } }
        }

        /// The solution of (B + 2ρA²)θ = Bb + 2ρA²a: where ∇F vanishes.
        func minimiser(_ rho: Double) -> [Double] {
            let a = forget.matrix, b = retain.matrix
            let square = (0..<4).map { i in (0..<4).map { j in (0..<4).reduce(0.0) { $0 + a[i][$1] * a[$1][j] } } }
            let system = (0..<4).map { i in b[i] + (2 * rho) * square[i] }
            let side = (0..<4).map { i in dot(b[i], retain.centre) + 2 * rho * dot(square[i], forget.centre) }
            return solve(system, side)
        }

        /// ‖∇Φ‖ = ‖A(θ − a)‖
        func stationarity(_ theta: [Double]) -> Double { norm(forget.matrix.map { dot($0, theta - forget.centre) }) }

        func run(rho: Double, inner: Double, rounds: Int = 300) throws -> [Double] {
            var settings = UnlearningSettings.paper
            (settings.rounds, settings.innerSteps, settings.outerSteps) = (rounds, 1, 4)
            (settings.beta, settings.rho, settings.rhoGrowth, settings.rhoLimit) = (.absolute(0), .absolute(rho), 1, rho)
            (settings.innerStep, settings.outerStep) = (.sgd(rate: inner), .sgd(rate: 0.3 / (1 + 2 * rho)))
            (settings.forgetBatch, settings.retainBatch) = (1, 1)
            let (f, r) = (forget, retain)
            let run = try TestRun(
                Quadratic(parameterCount: 4), start, forget: ExampleSet(count: 1) { _ in f },
                retain: ExampleSet(count: 1) { _ in r }, settings)
            _ = try run.events()
            return try run.theta
        }
    }

    @Test("A quadratic pair: descent on F reaches the solution of the linear system", arguments: [0.0, 0.1, 1, 10])
    func quadraticMinimiser(rho: Double) throws {
        let pair = Pair()
        let expected = pair.minimiser(rho)
        try #require(relativeError(pair.start, expected) > 0.1)
        // The ascent between the descents is too short to count.
        let found = try pair.run(rho: rho, inner: 1e-9, rounds: 1200)
        #expect(relativeError(found, expected) <= 2e-4)
    }

    @Test("A quadratic pair: ascent shifts the fixed point in proportion to its step")
    func quadraticBias() throws {
        let pair = Pair()
        let expected = pair.minimiser(1)
        let shifts = try [0.02, 0.01, 0.005].map { relativeError(try pair.run(rho: 1, inner: $0, rounds: 600), expected) }
        Self.show("quadratic, shift at inner rate 0.02, 0.01, 0.005: \(shifts.map(Self.short))")
        #expect(shifts[0] > 1e-3)
        for (large, small) in zip(shifts, shifts.dropFirst()) { #expect(small / large > 0.35 && small / large < 0.65) }
    }

    @Test("A quadratic pair: raising ρ moves the iterate to the stationary set of Φ")
    func quadraticPenalty() throws {
        let pair = Pair()
        let weights = [0.0, 0.1, 1, 10]
        let found = try weights.map { pair.stationarity(try pair.run(rho: $0, inner: 1e-9, rounds: 600)) }
        for (rho, value) in zip(weights, found) { Self.show("| \(rho) | \(Self.short(value)) |") }
        for (less, more) in zip(found, found.dropFirst()) { #expect(more < less) }
        // The distance falls as 1/ρ once the penalty rules.
        #expect(found[3] < 0.2 * found[2])
    }

    private static func solve(_ matrix: [[Double]], _ side: [Double]) -> [Double] {
        var rows = zip(matrix, side).map { [$0, [$1]].flatMap { $0 } }
        let n = rows.count
        for column in 0..<n {
            let pivot = (column..<n).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
            rows.swapAt(column, pivot)
            for row in 0..<n where row != column {
                let factor = rows[row][column] / rows[column][column]
                rows[row] = rows[row] - factor * rows[column]
            }
        }
        return (0..<n).map { rows[$0][n] / rows[$0][$0] }
    }

    // MARK: The convex case

    /// A bi-level problem with one solution: Φ = −(ridge logistic loss of relabelled data) is concave and sees the first three
    /// features only, so its maximisers form a flat set; L_r is a ridge logistic loss of all six.
    private struct Convex {
        let loss = Scaled(inner: RidgeRegression(featureCount: 6, ridge: 0.1), forget: -1)
        let forget: LabelledBatch, retain: LabelledBatch

        init() {
            var random = SplitMix(77)
            let rows = { (count: Int, used: Int) in
                (0..<count).map { _ in
                    (0..<6).map { $0 < used ? Float(Double.random(in: -1...1, using: &random)) : 0 }
                }
            }
            let f = rows(12, 3)
            forget = LabelledBatch(features: f, labels: f.map { $0[0] + $0[1] > 0 ? 1 : 0 })
            let r = rows(16, 6)
            retain = LabelledBatch(features: r, labels: r.map { $0[0] - $0[2] + $0[4] > 0 ? 0 : 1 })
        }

        /// θ after K rounds of one descent and T ascent steps.
        func iterate(rounds: Int, steps: Int) throws -> [Double] {
            var settings = UnlearningSettings.paper
            (settings.rounds, settings.innerSteps, settings.outerSteps) = (rounds + 1, steps, 1)
            (settings.beta, settings.outerForm) = (.absolute(0), .none)
            (settings.innerStep, settings.outerStep) = (.sgd(rate: 1.5), .sgd(rate: 0.5))
            (settings.forgetBatch, settings.retainBatch) = (12, 16)
            let run = try TestRun(
                loss, [Double](repeating: 0, count: 12), forget: SmallProblem.set(forget), retain: SmallProblem.set(retain), settings)
            while run.unlearner.state.round < rounds || run.unlearner.state.phase != .inner(steps) { _ = try run.unlearner.advance() }
            return try run.theta
        }
    }

    @Test("The convex case: the error falls no slower than O(1/K) + O(K/T²)")
    func convex() throws {
        let problem = Convex()
        let solution = try problem.iterate(rounds: 400, steps: 128)
        let (rounds, steps) = ([2, 4, 8, 16, 32, 64], [1, 2, 4, 8, 16, 32])
        var errors: [[Double]] = []
        Self.show("| K \\ T | " + steps.map(String.init).joined(separator: " | ") + " |")
        for k in rounds {
            let row = try steps.map { t in
                let distance = norm(try problem.iterate(rounds: k, steps: t) - solution)
                return distance * distance
            }
            errors.append(row)
            Self.show("| \(k) | " + row.map(Self.short).joined(separator: " | ") + " |")
        }
        // The constants are those of the fewest steps with the smallest and with the largest K.
        let byRounds = errors[0][0] * Double(rounds[0])
        let bySteps = errors[rounds.count - 1][0] / Double(rounds[rounds.count - 1])
        for (i, k) in rounds.enumerated() {
            for (j, t) in steps.enumerated() {
                let bound = byRounds / Double(k) + bySteps * Double(k) / Double(t * t)
                // Float32 holds squares of distances to about 1e-11.
                #expect(errors[i][j] <= 2 * bound + 1e-10, "K \(k), T \(t)")
            }
        }
        // In K with many steps, and in T with many rounds, it falls at least as fast as 1/K and 1/T².
        let last = steps.count - 1
        #expect(errors[5][last] <= errors[0][last] * 2 / 64)
        #expect(errors[5][3] <= errors[5][0] / 64 + 1e-10)
        #expect(errors[0][last] > 1e-4 && errors[5][0] > 1e-6, "there must be an error to fall")
    }

    // MARK: The non-convex case

    @Test("The non-convex case: the least ‖∇F‖² over the rounds falls", arguments: Similarity.allCases)
    func nonConvex(similarity: Similarity) throws {
        let problem = SmallProblem()
        var settings = SmallProblem.fullBatch
        (settings.rounds, settings.outerSteps, settings.similarity) = (128, 1, similarity)
        (settings.beta, settings.rho) = (.absolute(0.1), .absolute(0.05))
        (settings.innerStep, settings.outerStep) = (.sgd(rate: 1e-4), .sgd(rate: 0.1))
        let norms = try problem.run(settings).events().records.compactMap { $0.outerGradientNorm.map { $0 * $0 } }
        try #require(norms.count == 128)
        let least = [1, 2, 4, 8, 16, 32, 64, 128].map { (k: $0, value: norms.prefix($0).min() ?? .infinity) }
        for (k, value) in least { Self.show("| \(similarity.rawValue) | \(k) | \(Self.short(value)) |") }
        let values = least.map(\.value)
        #expect(values[7] < 0.1 * values[0])
        #expect(values[7] < values[5] && values[5] < values[3] && values[3] < values[1])
    }
}
