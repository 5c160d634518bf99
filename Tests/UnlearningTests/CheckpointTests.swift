import Backends
import Data
import Files
import Glibc
import Inference
import TestSupport
import Testing
import Unlearning

extension RunState {
    /// - Parameter work: also what was computed; what frozen models say is kept in memory alone, and asked again after a resume.
    fileprivate mutating func forgetSessions(work: Bool) {
        (seconds, tally.seconds) = (0, 0)
        for place in history.indices { history[place].seconds = 0 }
        guard work else { return }
        (gradientEquivalents, tally.gradientEquivalents) = (0, 0)
        for place in history.indices { history[place].gradientEquivalents = 0 }
    }
}

@Suite("Checkpoints of runs")
struct CheckpointTests {
    private let problem = SmallProblem()

    static let variants: [(name: String, settings: UnlearningSettings)] = {
        var plain = UnlearningSettings.paper
        (plain.rounds, plain.innerSteps, plain.outerSteps, plain.forgetBatch, plain.retainBatch) = (2, 3, 2, 4, 3)
        (plain.innerStep, plain.outerStep) = (.sgd(rate: 0.05), .sgd(rate: 0.02))
        plain.rhoGrowth = 1.5
        var adam = plain
        (adam.innerStep, adam.outerStep, adam.refreshEvery) = (.adamW(rate: 0.01), .adamW(rate: 0.02), 2)
        (adam.beta, adam.rho) = (.relative(0.3), .relative(0.1))
        var cheap = adam
        (cheap.innerForm, cheap.outerForm, cheap.innerStep) = (.oneSided, .difference, .automatic(radius: 0.01))
        (cheap.forgetTarget, cheap.rounds) = (.mean(1.2), 4)
        var adaptive = plain
        (adaptive.innerStep, adaptive.outerStep, adaptive.riseLimit) = (.adaptive(most: 1), .adaptive(most: 1), 0.1)
        var tried = adam
        (tried.innerStep, tried.outerStep) = (.adaptiveAdamW(rise: 0.1), .adaptiveAdamW(rise: 0.1))
        var npo = adam
        (npo.method, npo.rounds) = (.npo, 4)
        var constrained = adam
        (constrained.method, constrained.rounds) = (.gradientDifference, 4)
        constrained.combination = CombinationPart(rawValue: "retain-constraint")
        (constrained.forgetSharpness, constrained.retainSharpness) = (.absolute(0.1), 0.1)
        var rectified = constrained
        rectified.combination = CombinationPart(rawValue: "gru")
        var negated = adam, undone = adam
        (negated.method, negated.rounds) = (UnlearningMethod(rawValue: "task-vector") ?? .npo, 4)
        (undone.method, undone.rounds) = (UnlearningMethod(rawValue: "undo") ?? .npo, 4)
        return [
            ("a task vector", negated), ("UNDO", undone), ("npo", npo), ("a multiplier, SAM", constrained),
            ("a running mean, SAM", rectified), ("adaptive", adaptive),
            ("adaptive AdamW", tried), ("plain", plain), ("adamw, refresh, relative", adam),
            ("differences, automatic, mean target", cheap),
        ]
    }()

    @Test("A run resumed at any transition ends in the same bytes as one never interrupted", arguments: variants.indices)
    func resume(variant: Int) throws {
        let settings = Self.variants[variant].settings
        let identity = JSONValue.string(Self.variants[variant].name)
        try withTemporaryFolder { folder in
            let whole = try problem.run(settings)
            var trace = [try whole.floats], states = [whole.unlearner.state]
            try whole.unlearner.save(to: "\(folder)/0", identity: identity)
            while !whole.unlearner.state.isFinished {
                _ = try whole.unlearner.advance()
                trace.append(try whole.floats)
                states.append(whole.unlearner.state)
                try whole.unlearner.save(to: "\(folder)/\(trace.count - 1)", identity: identity)
            }
            try #require(trace.count > 10)
            try #require(trace.first != trace.last)
            for start in trace.indices {
                let resumed = try problem.run(settings)
                try resumed.unlearner.resume(from: "\(folder)/\(start)", identity: identity)
                #expect(resumed.unlearner.state == states[start])
                #expect(try resumed.floats == trace[start])
                for place in (start + 1)..<max(start + 1, trace.count) {
                    _ = try resumed.unlearner.advance()
                    #expect(try resumed.floats == trace[place], "from \(start), at \(place)")
                    var state = resumed.unlearner.state, expected = states[place]
                    // The time taken is all that may differ.
                    let asksAgain = Self.variants[variant].name == "UNDO"
                    state.forgetSessions(work: asksAgain)
                    expected.forgetSessions(work: asksAgain)
                    #expect(state == expected, "from \(start), at \(place)")
                }
                #expect(resumed.unlearner.state.isFinished)
            }
        }
    }

    @Test("A checkpoint of another run is refused and changes nothing")
    func otherIdentity() throws {
        try withTemporaryFolder { folder in
            let run = try problem.run(Self.variants[4].settings)
            _ = try run.unlearner.advance()
            try run.unlearner.save(to: "\(folder)/run", identity: .object(JSONObject([("seed", .integer(1))])))
            let other = try problem.run(Self.variants[4].settings)
            let error = #expect(throws: UnlearningError.self) {
                try other.unlearner.resume(from: "\(folder)/run", identity: .object(JSONObject([("seed", .integer(2))])))
            }
            #expect(error.map { "\($0)" }?.hasPrefix("\(folder)/run: it belongs to a run with other settings") == true)
            #expect(try other.theta == problem.theta)
            #expect(other.unlearner.state.phase == .inner(0))
            #expect(throws: FileError.self) {
                try other.unlearner.resume(from: "\(folder)/none", identity: .null)
            }
        }
    }

    @Test(
        "The state survives JSON",
        arguments: [
            RunState.Phase.inner(3), .outer(2), .finished(.rounds), .finished(.target), .finished(.stationary), .finished(.exhausted),
        ])
    func stateRoundTrip(phase: RunState.Phase) throws {
        var state = try problem.run(Self.variants[4].settings).unlearner.state
        func check(_ state: RunState) throws {
            let text = state.json.serialized()
            #expect(try RunState(json: JSONValue(parsing: text)) == state)
        }
        try check(state)
        state.phase = phase
        (state.round, state.rho, state.damping, state.rollbacks) = (7, 0.1 + 0.2, 1.0 / 64, 5)
        state.forgetCursor = BatchCursor(seed: .max)
        (state.forgetCursor.epoch, state.forgetCursor.position) = (4, 9)
        state.retainCursor = BatchCursor(seed: 1 << 63)
        (state.innerSteps, state.outerSteps, state.innerRate, state.outerRate) = (100, 33, 1e-17, 1.0 / 3)
        (state.gradientEquivalents, state.seconds, state.initialRetainLoss, state.workspace) = (
            12345, 1e9 / 7, .leastNonzeroMagnitude, 1 << 40
        )
        (state.heldRounds, state.isReleased, state.beta) = (2, true, .greatestFiniteMagnitude)
        state.history = [
            RoundRecord(
                round: 0, forgetLoss: nil, retainLoss: 0.1, saturatedShare: 1 / 3, similarity: -0.0, forgetGradientNorm: 1e-300,
                retainGradientNorm: .pi, penaltyGradientNorm: 3, outerGradientNorm: 4, curvature: -5, rho: 6, beta: 7, multiplier: 1.0 / 7,
                innerStep: 8,
                outerStep: 9, gradientEquivalents: 10, seconds: 11, bytes: 12, isReleased: true)
        ]
        (state.innerMoments, state.outerMoments) = (3, 4)
        state.tally.forgetLosses = [0.1, 2, -0.0]
        state.tally.retainLosses = [.pi]
        (state.tally.similarity, state.retainAverage, state.multiplier) = (-1.0 / 7, 1.0 / 3, 1.0 / 11)
        state.lastForgetLosses[1] = 1.0 / 9
        (state.tally.forgetNorm, state.tally.retainNorm, state.tally.penaltyNorm, state.tally.outerNorm) = (1, 1e-30, 1e30, 0.7)
        (state.tally.curvature, state.tally.innerFactor, state.tally.outerFactor) = (-3, 1e-5, 2e-5)
        (state.tally.gradientEquivalents, state.tally.seconds) = (18, 0.25)
        try check(state)
    }

    @Test("A state with something missing is refused")
    func damagedState() throws {
        let state = try problem.run(Self.variants[4].settings).unlearner.state
        guard case .object(let whole) = state.json else { throw MissingObject() }
        let optional: Set<String> = ["innerRate", "outerRate", "initialRetainLoss"]
        for key in whole.keys where !optional.contains(key) {
            var part = whole
            part[key] = nil
            #expect(RunState(json: .object(part)) == nil, "without \(key)")
        }
    }

    private struct MissingObject: Error {}
}
