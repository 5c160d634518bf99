import Backends
import Data
import Graph
import Inference
import TestSupport
import Testing
import Unlearning

@Suite("The scheduler")
struct SchedulerTests {
    private let problem = SmallProblem()

    private var base: UnlearningSettings {
        var settings = UnlearningSettings.paper
        settings.rounds = 2
        settings.innerSteps = 2
        settings.forgetBatch = 3
        settings.retainBatch = 4
        settings.innerStep = .sgd(rate: 0.01)
        settings.outerStep = .sgd(rate: 0.01)
        return settings
    }

    private func run(_ change: (inout UnlearningSettings) -> Void) throws -> (run: TestRun<Perceptron>, events: [UnlearningEvent]) {
        var settings = base
        change(&settings)
        let run = try problem.run(settings)
        return (run, try run.events())
    }

    @Test("events come in the order of the loop, and all rounds done is the reason to stop")
    func order() throws {
        let (run, events) = try run { $0.outerSteps = 3 }
        #expect(events.pattern == "ffrrrRffrrrR.")
        #expect(events.stop == .rounds)
        #expect(run.unlearner.state.isFinished)
        #expect(try run.unlearner.advance().isEmpty)
        #expect(run.unlearner.state.innerSteps == 4 && run.unlearner.state.outerSteps == 6)
        #expect(events.records.map(\.round) == [0, 1])
        for (round, step) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            #expect(events.contains { if case .innerStep(round, step, _, _) = $0 { true } else { false } })
        }
    }

    @Test("gradient-equivalents are counted as documented")
    func cost() throws {
        let cost = { (change: (inout UnlearningSettings) -> Void) in
            let events = try run(change).events
            return events.records.map(\.gradientEquivalents)
        }
        #expect(try cost { _ in } == [30, 30])  // 2·6 + 18
        #expect(try cost { $0.outerForm = .forgetOnly } == [20, 20])
        #expect(try cost { $0.outerForm = .none } == [13, 13])
        #expect(try cost { $0.rho = .absolute(0) } == [13, 13])
        #expect(try cost { ($0.beta, $0.outerForm) = (.absolute(0), .none) } == [5, 5])
        #expect(try cost { ($0.innerForm, $0.outerForm) = (.oneSided, .none) } == [9, 9])
        #expect(try cost { $0.method = .gradientAscent } == [2, 2])
        #expect(try cost { $0.method = .gradientDifference } == [4, 4])
    }

    @Test("ρ grows by γ after each round, up to its limit")
    func rhoGrowth() throws {
        let (_, events) = try run {
            ($0.rounds, $0.rho, $0.rhoGrowth, $0.rhoLimit) = (4, .absolute(0.1), 2, 0.3)
        }
        let found = events.records.map(\.rho)
        #expect(relativeError(found, [0.1, 0.2, 0.3, 0.3]) <= 1e-12)
    }

    @Test("a trust-region step has exactly the length asked for", arguments: [0.001, 0.05])
    func trustRegion(radius: Double) throws {
        var settings = base
        settings.innerStep = .trust(radius: radius)
        settings.outerStep = .trust(radius: 2 * radius)
        let run = try problem.run(settings)
        for expected in [radius, radius, 2 * radius] {
            var before = try run.theta
            if run.unlearner.state.phase == .inner(2) {
                _ = try run.unlearner.advance()
                before = try run.theta
            }
            _ = try run.unlearner.advance()
            let moved = norm(try run.theta - before) / norm(before)
            #expect(abs(moved - expected) <= 1e-4 * expected)
        }
    }

    @Test("adaptive steps raise the forget loss by at most the limit, and lower the retain loss", arguments: [0.05, 0.3])
    func adaptive(limit: Double) throws {
        let (run, events) = try run {
            ($0.rounds, $0.innerSteps, $0.outerSteps, $0.forgetBatch, $0.retainBatch) = (6, 4, 4, 6, 10)
            ($0.innerStep, $0.outerStep, $0.riseLimit) = (.adaptive(most: 10), .adaptive(most: 10), limit)
            ($0.beta, $0.outerForm) = (.absolute(0), .none)
        }
        // Every batch is the whole set, so that one step's loss is the one before it, moved.
        var forget: [Double] = [], retain: [Double] = []
        for event in events {
            switch event {
            case .innerStep(_, let step, let loss, _):
                if step > 0, let last = forget.last { #expect(loss - last <= limit + 1e-5) }
                forget.append(loss)
            case .outerStep(_, let step, let loss):
                if step > 0, let last = retain.last { #expect(loss <= max(last, 0.01) + 1e-6) }
                retain.append(loss)
            default: break
            }
        }
        #expect(forget.count == 24 && retain.count == 24)
        #expect(try #require(forget.max()) > forget[0] + limit)
        // Ten times the norm of θ was too far, and the radius did not shrink to nothing.
        for radius in [run.unlearner.state.innerRate, run.unlearner.state.outerRate] {
            #expect(try (1e-4..<10).contains(#require(radius)))
        }
        // Measured steps are paid for.
        let plain = try self.run { ($0.rounds, $0.outerSteps, $0.beta, $0.outerForm) = (1, 4, .absolute(0), .none) }
        #expect(try #require(events.records.first).gradientEquivalents > #require(plain.events.records.first).gradientEquivalents)
    }

    @Test("an adaptive step goes the whole way where nothing is at stake, and no further")
    func adaptiveGrows() throws {
        let (run, _) = try run {
            ($0.rounds, $0.innerSteps, $0.outerSteps) = (3, 4, 0)
            ($0.innerStep, $0.riseLimit, $0.beta) = (.adaptive(most: 1e-4), 0.5, .absolute(0))
        }
        #expect(run.unlearner.state.innerRate == 1e-4)
        #expect(run.unlearner.state.outerRate == nil)
    }

    @Test("adaptive restore steps do not grow where hardly any loss is left")
    func adaptiveRests() throws {
        var settings = base
        (settings.rounds, settings.innerSteps, settings.outerSteps) = (1, 1, 8)
        (settings.outerStep, settings.outerForm, settings.beta) = (.adaptive(most: 10), .none, .absolute(0))
        let scaled = Scaled(inner: problem.loss, forget: 1, retain: 1e-3)
        let run = try TestRun(scaled, problem.theta, forget: problem.forget, retain: problem.retain, settings)
        var radii: [Double] = []
        while !run.unlearner.state.isFinished {
            _ = try run.unlearner.advance()
            if let radius = run.unlearner.state.outerRate { radii.append(radius) }
        }
        #expect(radii.count >= 8)
        #expect(zip(radii, radii.dropFirst()).allSatisfy { $1 <= $0 })
    }

    @Test("clipping shortens long directions and leaves short ones")
    func clip() throws {
        let moved = { (clip: Double?) in
            try run { ($0.rounds, $0.innerSteps, $0.outerSteps, $0.clip) = (1, 1, 0, clip) }.run.theta - problem.theta
        }
        let free = try moved(nil)
        let length = norm(free) / 0.01
        #expect(relativeError(try moved(2 * length), free) <= 1e-6)
        let short = try moved(length / 4)
        #expect(relativeError(short, 0.25 * free) <= 1e-4)
    }

    @Test("the automatic rate is fixed by the first step")
    func automatic() throws {
        var settings = base
        settings.innerStep = .automatic(radius: 0.01)
        let run = try problem.run(settings)
        _ = try run.unlearner.advance()
        let rate = try #require(run.unlearner.state.innerRate)
        #expect(abs(norm(try run.theta - problem.theta) - 0.01 * norm(problem.theta)) <= 1e-4 * norm(problem.theta))
        let middle = try run.theta
        _ = try run.unlearner.advance()
        #expect(run.unlearner.state.innerRate == rate)
        #expect(run.unlearner.state.outerRate == nil)
        #expect(try run.theta != middle)
    }

    @Test("AdamW climbs inside and descends outside, each level with its own moments")
    func adamLevels() throws {
        // The first step of Adam moves every parameter by the rate along the sign of its derivative.
        var settings = base
        settings.innerSteps = 1
        settings.forgetBatch = 6
        settings.retainBatch = 10
        settings.innerStep = .adamW(rate: 0.01)
        settings.outerStep = .adamW(rate: 0.003)
        settings.outerForm = .none
        let run = try problem.run(settings)
        let first = try gradients(problem.theta)
        _ = try run.unlearner.advance()
        let middle = try run.theta
        #expect(relativeError(middle - problem.theta, first.penalty.map { $0 > 0 ? 0.01 : -0.01 }) <= 0.02)
        _ = try run.unlearner.advance()
        let second = try gradients(middle)
        _ = try run.unlearner.advance()
        // With moments of the inner level this would not be the sign of g_r times the rate.
        #expect(relativeError(try run.theta - middle, second.retain.map { $0 > 0 ? -0.003 : 0.003 }) <= 0.02)
    }

    @Test("the rate of adaptive AdamW is the largest whose first step keeps to the rise", arguments: [0.02, 0.08])
    func adaptiveAdam(rise: Double) throws {
        var settings = base
        (settings.innerSteps, settings.outerSteps, settings.rounds) = (2, 1, 1)
        (settings.forgetBatch, settings.retainBatch) = (6, 10)
        (settings.innerStep, settings.outerStep) = (.adaptiveAdamW(rise: rise), .adaptiveAdamW(rise: rise))
        (settings.beta, settings.outerForm) = (.absolute(0), .none)
        let run = try problem.run(settings)
        let before = try loss(problem.theta)
        _ = try run.unlearner.advance()
        let moved = try run.theta
        let rate = try #require(run.unlearner.state.innerRate)
        #expect(try loss(moved) - before <= rise + 1e-5)
        #expect(relativeError(moved - problem.theta, moved.indices.map { moved[$0] > problem.theta[$0] ? rate : -rate }) <= 1e-3)
        // A fifth more would have gone too far.
        #expect(try loss(problem.theta + 1.2 * (moved - problem.theta)) - before > rise)
        _ = try run.events()
        #expect(run.unlearner.state.innerRate == rate && run.unlearner.state.outerRate == rate, "one rate serves both levels")
    }

    private func loss(_ theta: [Double]) throws -> Double {
        let objective = try problem.model.objective(false)
        return evaluate(Plan([("l", objective.forgetLoss)]), problem.model.bound([:], theta: theta))[of: "l"][0]
    }

    private func gradients(_ theta: [Double]) throws -> (penalty: [Double], retain: [Double]) {
        let objective = try problem.model.objective(false)
        let plan = Plan([
            ("v", objective.penalty(.cosine, .absolute(0)).gradient), ("r", objective.retainGradient),
        ])
        let found = evaluate(plan, problem.model.bound(["beta": 0.1], theta: theta))
        return (found[of: "v"], found[of: "r"])
    }

    @Test("gradient ascent follows g_f, gradient difference g_f − g_r")
    func otherMethods() throws {
        let model = problem.model
        let objective = try model.objective(false)
        let exact = evaluate(
            Plan([("f", objective.forgetGradient), ("r", objective.retainGradient)]), model.inputs)
        for (method, expected) in [
            (UnlearningMethod.gradientAscent, exact[of: "f"]), (.gradientDifference, exact[of: "f"] - exact[of: "r"]),
        ] {
            var settings = SmallProblem.fullBatch
            settings.method = method
            settings.outerSteps = 3
            let run = try problem.run(settings)
            #expect(try run.events().pattern == "fR.", "these methods have no outer level")
            #expect(relativeError(try run.theta - problem.theta, expected) <= 1e-4)
        }
    }

    // MARK: Targets

    @Test("a saturating target stops each answer at its loss, and the run when that holds")
    func perExampleTarget() throws {
        let (_, free) = try run { ($0.rounds, $0.innerStep, $0.beta) = (30, .trust(radius: 0.02), .absolute(0)) }
        let (_, events) = try run {
            ($0.rounds, $0.innerStep, $0.beta) = (30, .trust(radius: 0.02), .absolute(0))
            ($0.forgetTarget, $0.holdRounds, $0.retainTolerance) = (.perExample(3), 2, 1000)
            ($0.outerForm, $0.innerSteps, $0.forgetBatch) = (.none, 4, 6)
        }
        #expect(free.stop == .rounds)
        #expect(events.stop == .target)
        let records = events.records
        #expect(records.count < 30)
        #expect(records.suffix(2).allSatisfy { $0.saturatedShare >= 0.95 })
        #expect(try #require(records.first).saturatedShare < 0.5)
        #expect(try #require(records.last?.forgetLoss) < #require(free.records.last?.forgetLoss))
    }

    @Test("the target alone does not stop a run whose retain loss is lost")
    func retainLost() throws {
        let (_, events) = try run {
            ($0.rounds, $0.innerStep, $0.beta, $0.outerForm) = (12, .trust(radius: 0.05), .absolute(0), .none)
            ($0.outerStep, $0.forgetTarget, $0.holdRounds) = (.sgd(rate: 1e-9), .perExample(2), 1)
            ($0.retainTolerance, $0.retainFloor, $0.innerSteps) = (0.01, 0.001, 4)
        }
        #expect(events.records.contains { $0.saturatedShare >= 0.95 })
        #expect(events.stop == .unmet)
    }

    @Test("without a number of rounds, every forget example is seen as often as asked", arguments: [(20, 4), (3, 40), (1, 1)])
    func budget(passes: Int, batch: Int) {
        var settings = UnlearningSettings()
        (settings.forgetPasses, settings.forgetBatch, settings.innerSteps) = (passes, batch, 5)
        for count in [1, 20, 400, 4001] {
            let rounds = settings.roundCount(forgetExamples: count)
            // A batch cannot hold an example twice.
            let seen = rounds * settings.innerSteps * min(batch, count)
            #expect(seen >= passes * count)
            #expect(rounds == 10 || seen - settings.innerSteps * min(batch, count) < passes * count)
        }
        settings.rounds = 7
        #expect(settings.roundCount(forgetExamples: 4000) == 7)
    }

    @Test("a mean target releases: from then on only descent")
    func meanTarget() throws {
        let (run, events) = try run {
            ($0.rounds, $0.innerStep, $0.beta) = (12, .trust(radius: 0.05), .absolute(0))
            ($0.forgetTarget, $0.holdRounds, $0.outerSteps) = (.mean(2.5), 100, 2)
        }
        let parts = events.pattern.split(separator: "L", omittingEmptySubsequences: false)
        try #require(parts.count == 2, "released once: \(events.pattern)")
        #expect(parts[0].contains("f") && parts[0].last == "f")
        #expect(!parts[1].contains("f"))
        #expect(parts[1].contains("rrR"))
        #expect(run.unlearner.state.isReleased)
        #expect(events.records.last?.isReleased == true)
        // Descent after the release is on L_r alone: one gradient a step.
        #expect(events.records.last?.gradientEquivalents == 2)
    }

    @Test("a small outer gradient ends the run")
    func stationary() throws {
        let (_, events) = try run { ($0.rounds, $0.gradientTolerance) = (5, 1e6) }
        #expect(events.stop == .stationary && events.records.count == 1)
    }

    // MARK: Numbers that are not finite

    @Test("numbers that are not finite roll back to the last good round and halve the step")
    func rollBack() throws {
        // θ₀ climbs towards the cliff at 1; the first rate jumps over it.
        var settings = base
        (settings.beta, settings.outerForm, settings.innerSteps, settings.rounds) = (.absolute(0), .forgetOnly, 2, 2)
        settings.innerStep = .sgd(rate: 4)
        settings.outerStep = .sgd(rate: 0.5)
        settings.mostRollbacks = 10
        let set = ExampleSet<Int>(count: 1) { $0[0] }
        let run = try TestRun(Cliff(), [0, 0.5, -0.5], forget: set, retain: set, settings)
        var rolledBack = 0, good: [Double] = [0, 0.5, -0.5], events: [UnlearningEvent] = []
        while !run.unlearner.state.isFinished {
            for event in try run.unlearner.advance() {
                events.append(event)
                if case .rolledBack(_, let damping) = event {
                    rolledBack += 1
                    #expect(try run.theta == good)
                    var expected = 1.0
                    for _ in 0..<rolledBack { expected /= 2 }
                    #expect(damping == expected && run.unlearner.state.damping == expected)
                    #expect(run.unlearner.state.phase == .inner(0))
                }
                if case .round = event { good = try run.theta }
            }
        }
        #expect(rolledBack >= 2)
        #expect(events.stop == .rounds && events.records.count == 2)
        #expect(try run.theta.allSatisfy(\.isFinite))
    }

    @Test("after the most rollbacks in a row the run is given up")
    func diverged() throws {
        var settings = base
        (settings.beta, settings.outerForm, settings.mostRollbacks) = (.absolute(0), .none, 3)
        let set = ExampleSet<Int>(count: 1) { $0[0] }
        // Beyond the cliff from the start: no step is small enough.
        let run = try TestRun(Cliff(), [2, 0, 0], forget: set, retain: set, settings)
        var events: [UnlearningEvent] = []
        let error = #expect(throws: UnlearningError.self) { try run.unlearner.run { events.append($0) } }
        #expect(events.pattern == "bbb")
        guard case .diverged(round: 0, attempts: 4)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect("\(try #require(error))".hasPrefix("Round 1 gave numbers that are not finite 4 times in a row"))
        #expect(try run.theta == [2, 0, 0])
    }

    @Test("a step that leaves infinite parameters at the end of a round is caught there")
    func hugeStep() throws {
        var settings = base
        (settings.innerStep, settings.outerForm, settings.mostRollbacks) = (.sgd(rate: 1e-6), .none, 2)
        settings.outerStep = .sgd(rate: 1e38)
        let run = try problem.run(settings)
        #expect(throws: UnlearningError.self) { try run.unlearner.run() }
        #expect(try run.theta == problem.theta)
    }

    // MARK: Settings

    @Test("settings that make no sense are refused by name")
    func validation() {
        let message = { (change: (inout UnlearningSettings) -> Void) -> String in
            var settings = UnlearningSettings()
            change(&settings)
            do {
                try settings.validate()
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(message { _ in } == "")
        #expect(message { $0.rounds = 0 } == "rounds: must be from 1 to 1000000, not 0")
        #expect(message { $0.innerSteps = 0 } == "inner steps: must be from 1 to 100000, not 0")
        #expect(message { $0.refreshEvery = -1 } == "refresh: must be from 1 to 1000000, not -1")
        #expect(message { $0.forgetBatch = 0 } == "forget batch: must be from 1 to 4096, not 0")
        #expect(message { $0.retainBatch = 0 } == "retain batch: must be from 1 to 4096, not 0")
        #expect(message { $0.outerSteps = -1 } == "outer steps: must be from 0 to 100000, not -1")
        #expect(message { $0.rhoGrowth = 0.5 } == "rho growth: must be from 1 to 1000000, not 0.5")
        #expect(message { $0.rhoGrowth = .nan } == "rho growth: must be from 1 to 1000000, not nan")
        #expect(message { $0.clip = 0 } == "clip: must be above 0 and at most 1e+38, not 0")
        #expect(message { $0.forgetTarget = .mean(-1) } == "forget target: must be above 0 and at most 1000000, not -1")
    }

    @Test("empty sets are refused by role")
    func emptySets() throws {
        let empty = SmallProblem.set(LabelledBatch(features: [], labels: []))
        for (forget, retain, role) in [(empty, problem.retain, "forget"), (problem.forget, empty, "retain")] {
            let error = #expect(throws: UnlearningError.self) {
                try TestRun(problem.loss, problem.theta, forget: forget, retain: retain, base)
            }
            #expect(error.map { "\($0)" } == "The \(role) set has no examples.")
        }
    }

    @Test("weights and step rules read what they write")
    func texts() {
        for text in ["0.3", "0.3rel"] { #expect(Weight(text)?.description == text) }
        for text in ["-1", "x", "inf", "rel", "1e-3 rel"] { #expect(Weight(text) == nil, "\(text)") }
        for text in ["sgd:0.001", "trust:0.002", "adaptive:0.25", "auto:0.5", "adamw:0.25", "adamw-rise:0.5"] {
            #expect(StepRule(text)?.description == text)
        }
        for text in ["sgd", "sgd:0", "sgd:-1", "sgd:nan", "adam:1", "sgd:1:2"] { #expect(StepRule(text) == nil, "\(text)") }
    }
}
