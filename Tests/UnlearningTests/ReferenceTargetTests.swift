import Data
import Graph
import Inference
import Testing
import Unlearning

/// Targets that are the losses of a model which never saw the examples.
@Suite("Targets from a reference")
struct ReferenceTargetTests {
    private let problem: ObjectiveProblem
    /// The reference's parameters.
    private let other: [Double]

    init() throws {
        problem = try ObjectiveProblem()
        other = randomVector(problem.theta.count, 12, 2.5).map { Double(Float($0)) }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// α_t of every term of every forget example.
    private var losses: [[Double]] {
        let frozen = problem.logits(other, "forget")
        let width = frozen.count / problem.batch(problem.forgetRows).shape.answers
        var next = 0
        return problem.scene(problem.theta).forget.map { terms in
            terms.map { term in
                defer { next += 1 }
                return -logSoftmax(Array(frozen[next * width..<(next + 1) * width]))[term.label]
            }
        }
    }

    @Test("an example, or each of its terms, counts up to a share of the reference's loss", arguments: ["ofmu", "term-saturation"])
    func formula(name: String) throws {
        let method = try #require(UnlearningMethod(rawValue: name))
        let shape = { (rows: [TokenExample]) in problem.batch(rows).shape }
        let objective = try Objective(
            problem.loss, forget: shape(problem.forgetRows), retain: shape(problem.retainRows), saturates: true,
            hasReferenceTargets: true, method: method)
        // One below the reference, one at it, one without any limit.
        let shares = [0.05, 1, 1e30]
        let targets = losses
        let value = { (theta: [Double]) -> [Double] in
            let values = zip(problem.scene(theta).forget, zip(targets, shares)).map { terms, limit in
                let (alphas, share) = limit
                return name == "ofmu"
                    ? min(mean(terms.map(\.loss)), share * mean(alphas))
                    : mean(zip(terms, alphas).map { min($0.loss, share * $1) })
            }
            return [mean(values)]
        }
        var inputs = problem.inputs(problem.theta, reference: ["forget": problem.logits(other, "forget")])
        inputs["forget.targets"] = HostTensor([3], shares)
        let outputs = Plan([
            ("value", objective.forgetLoss), ("gradient", objective.forgetGradient),
            ("targets", try #require(objective.referenceTargets)),
        ])
        let found = evaluate(outputs, inputs)
        let expected = value(problem.theta)[0]
        #expect(abs(found[of: "value"][0] - expected) <= 1e-6 * expected)
        #expect(relativeError(found[of: "targets"], targets.map(mean)) <= 1e-6)
        let gradient = found[of: "gradient"]
        try #require(norm(gradient) > 0)
        for seed in [41, 42] as [UInt64] {
            let random = randomVector(gradient.count, seed)
            let direction = (1 / norm(gradient)) * gradient + (1 / norm(random)) * random
            let slope = derivative(step: 1e-4) { value(problem.theta + $0 * direction) }[0]
            #expect(abs(slope - dot(gradient, direction)) <= 1e-6 * norm(gradient), "\(slope) for \(dot(gradient, direction))")
        }
        // Something saturates, and something does not.
        let limits = zip(targets, shares).map { alphas, share in share * mean(alphas) }
        let means = problem.scene(problem.theta).forget.map { mean($0.map(\.loss)) }
        #expect(Set(zip(means, limits).map { $0 < $1 }).count == 2)
    }

    private func run(_ change: (inout UnlearningSettings) throws -> Void) throws -> TestRun<LanguageModelLoss> {
        var settings = UnlearningSettings()
        try settings.set(["method": "ofmu", "forget-target": "reference", "forget-objective": "term-saturation", "beta": "0"])
        (settings.forgetBatch, settings.retainBatch, settings.innerStep, settings.outerSteps) = (3, 3, .adamW(rate: 3e-3), 1)
        (settings.rounds, settings.retainTolerance, settings.holdRounds) = (60, 1000, 2)
        try change(&settings)
        let set = { (rows: [TokenExample]) in
            ExampleSet(count: rows.count) { places in TokenBatch(places.map { rows[$0] }, context: 8) }
        }
        return try TestRun(
            problem.loss, problem.theta, forget: set(problem.forgetRows), retain: set(problem.retainRows), reference: other, settings)
    }

    @Test(
        "a run ends where its losses are near the reference's, and its checkpoint says what those are",
        arguments: ["term-saturation", "cross-entropy"])
    func stops(objective: String) throws {
        let run = try run { try $0.set(["forget-objective": objective]) }
        let start = problem.scene(problem.theta).forget.map { mean($0.map(\.loss)) }
        try #require(zip(start, losses).contains { $0 < 0.75 * mean($1) }, "\(start) for \(losses.map(mean))")
        #expect(try run.events().stop == .target)
        let state = run.unlearner.state
        #expect(relativeError(state.referenceLosses.map { $0 ?? .nan }, losses.map(mean)) <= 1e-5)
        let reached = zip(state.lastForgetLosses, losses).allSatisfy { ($0 ?? 0) >= 0.75 * mean($1) }
        #expect(reached, "\(state.lastForgetLosses) for \(losses.map(mean))")
        #expect(RunState(json: state.json) == state)
    }

    @Test("terms stop one by one, also where the step looks from the worst place")
    func perTerm() throws {
        for sharpness in [Weight.absolute(0), .relative(0.7)] {
            let run = try run { ($0.forgetSharpness, $0.holdRounds, $0.innerStep) = (sharpness, 100, .adamW(rate: 1e-3)) }
            _ = try run.events()
            let there = problem.scene(try run.theta).forget
            let gaps = zip(there, losses).flatMap { terms, alphas in zip(terms, alphas).map { min(0, $0.loss - $1) } }
            let before = zip(problem.scene(problem.theta).forget, losses).flatMap { terms, alphas in
                zip(terms, alphas).map { min(0, $0.loss - $1) }
            }
            #expect(gaps.reduce(0, +) > 0.2 * before.reduce(0, +), "\(gaps) after \(before)")
        }
    }

    @Test("without the reference a run is refused")
    func missingReference() throws {
        var settings = UnlearningSettings()
        try settings.set(["method": "ofmu", "forget-target": "reference"])
        let set = ExampleSet(count: 3) { places in TokenBatch(places.map { problem.forgetRows[$0] }, context: 8) }
        let error = #expect(throws: UnlearningError.self) { try TestRun(problem.loss, problem.theta, forget: set, retain: set, settings) }
        #expect(error.map { "\($0)" }?.contains("never saw the forget set") == true)
    }
}
