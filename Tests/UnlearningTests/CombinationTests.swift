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

    @Test("SAM's gradients are those where the two minimised losses are worst at the first order")
    func sharpness() throws {
        let theta = problem.theta
        let (u, r) = try gradients(at: theta)
        let (worstU, worstR) = (
            try gradients(at: theta + (0.3 / norm(u)) * u).u, try gradients(at: theta + (0.2 / norm(r)) * r).r
        )
        try #require(relativeError(worstU, u) > 0.05 && relativeError(worstR, r) > 0.05)
        let both = try descended(at: theta) { ($0.forgetSharpness, $0.retainSharpness) = (.absolute(0.3), 0.2) }
        #expect(relativeError(both, worstU + worstR) <= 1e-4)
        let alone = try descended(at: theta) { ($0.method, $0.forgetSharpness) = (.gradientAscent, .absolute(0.3)) }
        #expect(relativeError(alone, worstU) <= 1e-4)
        // Numbers that depend on inner products are of these gradients too.
        let projected = try descended(at: theta) {
            ($0.combination, $0.forgetSharpness, $0.retainSharpness) = (CombinationPart(rawValue: "blur"), .absolute(0.3), 0.2)
        }
        #expect(relativeError(projected, worstR + (1 - dot(worstR, worstU) / dot(worstU, worstU)) * worstU) <= 1e-4)
    }

    @Test("SAM sharpens restore steps, and is refused where a derivative of higher order would be of another place")
    func sharpnessOfRestoring() throws {
        var settings = SmallProblem.fullBatch
        (settings.outerSteps, settings.outerForm, settings.retainSharpness) = (1, .none, 0.2)
        settings.innerStep = .sgd(rate: 1e-30)
        let run = try problem.run(settings)
        _ = try run.events()
        let r = try gradients(at: problem.theta).r
        #expect(relativeError(try problem.theta - run.theta, try gradients(at: problem.theta + (0.2 / norm(r)) * r).r) <= 1e-4)
        settings.outerForm = .exact
        #expect(throws: UnlearningError.self) { try problem.run(settings) }
    }

    @Test("An ascent at the worst place within reach is that of the losses there, however the place is given")
    func worstPlace() throws {
        let theta = problem.theta
        let u = try gradients(at: theta).u
        // What is minimised is −L_f.
        let there = theta + (0.3 / norm(u)) * u
        let expected = try gradients(at: there).u
        try #require(relativeError(expected, u) > 0.05)
        var settings = SmallProblem.fullBatch
        (settings.outerSteps, settings.beta, settings.innerStep) = (0, .absolute(0), .sgd(rate: 1))
        func step(_ change: (inout UnlearningSettings) -> Void) throws -> [Double] {
            var changed = settings
            change(&changed)
            let run = try problem.run(changed)
            _ = try run.events()
            return try theta - run.theta
        }
        #expect(relativeError(try step { $0.forgetSharpness = .absolute(0.3) }, expected) <= 1e-4)
        let objective = try problem.model.objective(false)
        let losses = evaluate(Plan([("losses", objective.forgetLosses)]), problem.model.bound(theta: theta))[of: "losses"]
        let share = 0.3 * norm(u) / (losses.reduce(0, +) / Double(losses.count))
        #expect(relativeError(try step { $0.forgetSharpness = .relative(share) }, expected) <= 1e-4)
        // Examples at their target stand still where θ is, and are moved on where a step of learning would take them below it.
        settings.forgetTarget = .perExample(0.999 * (try #require(losses.min())))
        #expect(norm(try step { $0.forgetSharpness = .absolute(0) }) <= 1e-6)
        #expect(norm(try step { $0.forgetSharpness = .absolute(0.3) }) > 0.01)
    }

    @Test("ILU is γ·g_u + α·g_r + λ·∇(θ·g_r)², by differences of (θ·g_r)²")
    func invariantSum() throws {
        let theta = problem.theta
        let (u, r) = try gradients(at: theta)
        let penalty = { (theta: [Double]) in
            let slope = dot(theta, try gradients(at: theta).r)
            return slope * slope
        }
        let slopes = try theta.indices.map { index in
            var (low, high) = (theta, theta)
            (low[index], high[index]) = (low[index] - 1e-5, high[index] + 1e-5)
            return (try penalty(high) - penalty(low)) / 2e-5
        }
        try #require(norm(slopes) > 0.1 * norm(r), "the term shows")
        let found = try descended(at: theta) {
            ($0.combination, $0.invarianceWeight) = (CombinationPart(rawValue: "ilu"), 1.5)
            ($0.forgetWeight, $0.retainWeight) = (0.5, 2)
        }
        #expect(relativeError(found, 0.5 * u + 2 * r + 1.5 * slopes) <= 1e-4)
        #expect(throws: UnlearningError.self) {
            try descended(at: theta) { ($0.combination, $0.retainSharpness) = (CombinationPart(rawValue: "ilu"), 0.1) }
        }
    }

    @Test("GRU takes from g_u what works against the running mean of g_r, and nothing where nothing does")
    func rectifiedAscent() throws {
        var turned = 0, left = 0
        for start in Self.places {
            var settings = SmallProblem.fullBatch
            (settings.combination, settings.rounds, settings.retainAverage) = (CombinationPart(rawValue: "gru"), 3, 0.8)
            settings.innerStep = .sgd(rate: 0.1)
            let run = try TestRun(problem.loss, start, forget: problem.forget, retain: problem.retain, settings)
            var theta = start, average: [Double] = []
            while !run.unlearner.state.isFinished {
                guard case .inner(0) = run.unlearner.state.phase else {
                    _ = try run.unlearner.advance()
                    continue
                }
                let (u, r) = try gradients(at: theta)
                average = average.isEmpty ? r : 0.8 * r + 0.2 * average
                let product = dot(u, average)
                if product < 0 { turned += 1 } else { left += 1 }
                let expected = product < 0 ? u - (product / dot(average, average)) * average : u
                _ = try run.unlearner.advance()
                let found = try run.theta
                #expect(relativeError(10 * (theta - found), expected) <= 1e-3)
                theta = found
            }
        }
        try #require(turned > 0 && left > 0)
    }

    /// λ after each forget step of a run on whole batches, with both losses where the step began.
    private func multipliers(
        _ settings: UnlearningSettings
    ) throws -> [(before: Double, after: Double, forgetLoss: Double, retainLoss: Double, descended: [Double], theta: [Double])] {
        let run = try problem.run(settings)
        var all: [(Double, Double, Double, Double, [Double], [Double])] = []
        var theta = problem.theta, before = settings.multiplierStart
        let objective = try problem.model.objective(false)
        let plan = Plan([("f", objective.forgetLoss), ("r", objective.retainLoss)])
        while !run.unlearner.state.isFinished {
            for case .innerStep in try run.unlearner.advance() {
                let losses = evaluate(plan, problem.model.bound(theta: theta))
                let (after, found) = (try #require(run.unlearner.state.multiplier), try run.theta)
                all.append((before, after, losses[of: "f"][0], losses[of: "r"][0], theta - found, theta))
                (before, theta) = (after, found)
            }
        }
        // One step a round: what a round reports is what its step left.
        #expect(run.unlearner.state.history.map(\.multiplier) == all.map { $0.1 })
        return all.map { (before: $0.0, after: $0.1, forgetLoss: $0.2, retainLoss: $0.3, descended: $0.4, theta: $0.5) }
    }

    @Test("a least forget loss: λ⁺ = [λ + μ(α − L_f)]₊ weighs the forget gradient, λ learns, and forgetting stops at α")
    func forgetConstraint() throws {
        var settings = SmallProblem.fullBatch
        settings.combination = CombinationPart(rawValue: "forget-constraint")
        let objective = try problem.model.objective(false)
        let threshold = 1 + evaluate(Plan([("f", objective.forgetLoss)]), problem.model.inputs)[of: "f"][0]
        (settings.rounds, settings.innerStep, settings.forgetThreshold) = (200, .sgd(rate: 0.1), threshold)
        (settings.multiplierRate, settings.constraintWeight, settings.multiplierStart) = (0.2, 2, 0.5)
        let steps = try multipliers(settings)
        for (index, step) in steps.enumerated() {
            #expect(abs(step.after - max(0, step.before + 0.2 * (threshold - step.forgetLoss))) <= 1e-5)
            guard index < 5 else { continue }
            let (u, r) = try gradients(at: step.theta)
            let expected = max(0, step.before + 2 * (threshold - step.forgetLoss)) * u + r
            #expect(relativeError(10 * step.descended, expected) <= 1e-3)
        }
        // A least loss, not an aim: above it only the retain loss is descended, wherever that leads.
        let last = try #require(steps.last).forgetLoss
        #expect(last > threshold - 0.1, "\(last) for \(threshold)")
        #expect(steps.contains { $0.before + 2 * (threshold - $0.forgetLoss) < 0 }, "forgetting never stopped")
    }

    @Test("a most retain loss: λ⁺ = [λ + μ(L_r − ε)]₊ weighs the retain gradient, and λ learns after the warm-up")
    func retainConstraint() throws {
        var settings = SmallProblem.fullBatch
        settings.combination = CombinationPart(rawValue: "retain-constraint")
        (settings.rounds, settings.innerStep, settings.retainLimit, settings.forgetWeight) = (40, .sgd(rate: 0.05), .relative(1.2), 0.5)
        (settings.multiplierRate, settings.constraintWeight, settings.multiplierStart, settings.multiplierWarmUp) = (0.3, 0.7, 0.1, 0.25)
        let steps = try multipliers(settings)
        let limit = 1.2 * (try #require(steps.first).retainLoss)
        for (index, step) in steps.enumerated() {
            #expect(abs(step.after - (index < 10 ? step.before : max(0, step.before + 0.3 * (step.retainLoss - limit)))) <= 1e-5)
            guard index % 8 == 0 else { continue }
            let (u, r) = try gradients(at: step.theta)
            let expected = 0.5 * u + max(0, step.before + 0.7 * (step.retainLoss - limit)) * r
            #expect(relativeError(20 * step.descended, expected) <= 1e-3)
        }
        try #require(steps.contains { $0.retainLoss > limit }, "the constraint must bind")
        #expect(Set(steps.map(\.after)).count > 3)
    }
}
