import Graph
import Inference
import Testing
import Unlearning

/// HAMU by what its steps must be, rather than by its formula: the solution of a small problem for every tensor.
@Suite("Quotas by tensor")
struct QuotaTests {
    private let problem = SmallProblem()

    private func gradients(at theta: [Double]) throws -> (f: [Double], r: [Double]) {
        let objective = try problem.model.objective(false)
        let plan = Plan([("f", objective.forgetGradient), ("r", objective.retainGradient)])
        let found = evaluate(plan, problem.model.bound(theta: theta))
        return (found[of: "f"], found[of: "r"])
    }

    private func settings(_ code: String, _ quota: Double) -> UnlearningSettings {
        var settings = SmallProblem.fullBatch
        (settings.combination, settings.quota) = (CombinationPart(rawValue: code), quota)
        return settings
    }

    /// Lowers `rest` most within ‖d‖ ≤ ‖rest‖ and ⟨quota, d⟩ ≥ share: the conditions of Karush, Kuhn and Tucker hold.
    /// - Returns: whether the quota binds.
    private func isSolution(_ d: [Double], rest: [Double], quota: [Double], share: Double) -> Bool {
        #expect(abs(norm(d) - norm(rest)) <= 1e-4 * norm(rest), "on the edge of the region")
        #expect(dot(quota, d) >= share - 1e-4 * norm(quota) * norm(rest), "the share is done")
        // rest = λ·quota − μ·d, by least squares.
        let (qq, qd, dd, qr, dr) = (dot(quota, quota), dot(quota, d), dot(d, d), dot(quota, rest), dot(d, rest))
        let determinant = qq * dd - qd * qd
        guard dot(quota, d) < share + 1e-4 * norm(quota) * norm(rest), determinant > 1e-6 * qq * dd else {
            #expect(relativeError(d, -1 * rest) <= 1e-3, "nothing binds: straight downhill")
            return false
        }
        let (lambda, minusMu) = ((qr * dd - dr * qd) / determinant, (dr * qq - qr * qd) / determinant)
        #expect(norm(rest - (lambda * quota + minusMu * d)) <= 1e-3 * norm(rest))
        #expect(lambda >= -1e-3 * norm(rest) / norm(quota) && minusMu <= 1e-3)
        return true
    }

    @Test("of each tensor the step is the best that does its share, for either loss", arguments: ["hamu-q", "hamu-u"])
    func solution(code: String) throws {
        var bound = 0, free = 0
        for (seed, part) in zip(1..., [0.001, 0.1, 0.3, 0.5]) {
            let theta = randomVector(problem.theta.count, UInt64(seed), 0.7).map { Double(Float($0)) }
            let (f, r) = try gradients(at: theta)
            let (rest, quota) = code == "hamu-q" ? (r, f) : (-1 * f, -1 * r)
            let ranges = problem.loss.parameterRanges
            let products = ranges.map { norm(Array(f[$0])) * norm(Array(r[$0])) }
            let whole = products.reduce(0, +)
            let run = try TestRun(problem.loss, theta, forget: problem.forget, retain: problem.retain, settings(code, part * whole))
            #expect(try run.events().pattern == "fR.")
            let moved = try run.theta - theta
            for (range, product) in zip(ranges, products) {
                let binds = isSolution(
                    Array(moved[range]), rest: Array(rest[range]), quota: Array(quota[range]), share: part * product)
                if binds { bound += 1 } else { free += 1 }
            }
        }
        try #require(bound > 0 && free > 0)
    }

    @Test("where no direction serves one loss alone any more the run ends where it is, and a saved one stays ended")
    func exhausted() throws {
        let (f, r) = try gradients(at: problem.theta)
        let areas = problem.loss.parameterRanges.map { range in
            let (f, r) = (Array(f[range]), Array(r[range]))
            return (dot(f, f) * dot(r, r) - dot(f, r) * dot(f, r)).squareRoot()
        }
        let limit = areas.reduce(0, +)
        let over = try problem.run(settings("hamu-q", 1.01 * limit))
        let events = try over.events()
        #expect(events.pattern == "R." && events.stop == .exhausted)
        #expect(try over.theta == problem.theta.map { Double(Float($0)) })
        #expect(over.unlearner.state.history.count == 1 && events.records.first?.forgetLoss != nil)
        #expect(RunState(json: over.unlearner.state.json)?.phase == .finished(.exhausted))
        #expect(try problem.run(settings("hamu-q", 0.99 * limit)).events().stop == .rounds)
    }
}
