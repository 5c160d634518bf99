import Graph
import Inference
import Testing
import Unlearning

/// Combinations against their formulas, written out as they are published: with g_u, the gradient of what is minimised to forget.
@Suite("Combinations")
struct CombinationTests {
    private let problem = SmallProblem()

    /// Parameters where g_u and g_r point against each other, and where they do not.
    private static let places: [[Double]] = (1...6).map { randomVector(Perceptron().parameterCount, $0, 0.7).map { Double(Float($0)) } }

    /// g_u = −g_f and g_r of the whole sets, in float64.
    private func gradients(at theta: [Double]) throws -> (u: [Double], r: [Double]) {
        let objective = try problem.model.objective(false)
        let plan = Plan([("f", objective.forgetGradient), ("r", objective.retainGradient)])
        let found = evaluate(plan, problem.model.bound(theta: theta))
        return (-1 * found[of: "f"], found[of: "r"])
    }

    /// −Δθ of a step at rate one: what it descends.
    private func descended(at theta: [Double], _ change: (inout UnlearningSettings) -> Void) throws -> [Double] {
        var settings = SmallProblem.fullBatch
        settings.method = .gradientDifference
        change(&settings)
        let run = try TestRun(problem.loss, theta, forget: problem.forget, retain: problem.retain, settings)
        #expect(try run.events().pattern == "fR.")
        return try theta - run.theta
    }

    @Test("the weighted sum is γ·g_u + α·g_r, and γ·g_u without a retain objective")
    func weightedSum() throws {
        let theta = problem.theta
        let (u, r) = try gradients(at: theta)
        let found = try descended(at: theta) { ($0.forgetWeight, $0.retainWeight) = (0.125, 3) }
        #expect(relativeError(found, 0.125 * u + 3 * r) <= 1e-4)
        let alone = try descended(at: theta) { ($0.retainObjective, $0.forgetWeight) = (RetainPart(rawValue: "none"), 0.125) }
        #expect(relativeError(alone, 0.125 * u) <= 1e-4)
    }

    @Test("NGDiff is g_u/‖g_u‖ + g_r/‖g_r‖")
    func normalisedDifference() throws {
        let (u, r) = try gradients(at: problem.theta)
        let found = try descended(at: problem.theta) { $0.combination = CombinationPart(rawValue: "ngdiff") }
        #expect(relativeError(found, (1 / norm(u)) * u + (1 / norm(r)) * r) <= 1e-4)
    }

    @Test("BLUR is g_r + (γ − ⟨g_r, g_u⟩/‖g_u‖²)·g_u", arguments: [1.0, 0.25])
    func forgetProjection(weight: Double) throws {
        for theta in Self.places {
            let (u, r) = try gradients(at: theta)
            let found = try descended(at: theta) {
                ($0.combination, $0.forgetWeight) = (CombinationPart(rawValue: "blur"), weight)
            }
            #expect(relativeError(found, r + (weight - dot(r, u) / dot(u, u)) * u) <= 1e-4)
            // What is left of it along g_u is γ·g_u alone.
            #expect(abs(dot(found, u) / dot(u, u) - weight) <= 1e-4)
        }
    }

    @Test("PCGrad takes from each gradient what works against the other, where it does")
    func conflictProjection() throws {
        var conflicts = 0
        for theta in Self.places {
            let (u, r) = try gradients(at: theta)
            let product = dot(u, r)
            let expected =
                product < 0
                ? 0.5 * (u - (product / dot(r, r)) * r + (r - (product / dot(u, u)) * u))
                : 0.5 * (u + r)
            let found = try descended(at: theta) { $0.combination = CombinationPart(rawValue: "pcgrad") }
            #expect(relativeError(found, expected) <= 1e-4)
            if product < 0 {
                conflicts += 1
                #expect(dot(found, u) > 0 && dot(found, r) > 0, "a small step lowers both")
            }
        }
        try #require(conflicts > 0 && conflicts < Self.places.count)
    }
}
