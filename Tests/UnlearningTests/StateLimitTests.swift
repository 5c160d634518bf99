import Files
import TestSupport
import Testing
import Unlearning

@Suite("Every number of a saved state has limits")
struct StateLimitTests {
    private let problem = SmallProblem()

    /// Saves a run in its middle, changes its state, and tries to continue it.
    /// - Returns: whether the changed state was accepted.
    private func resumes(_ variant: Int = 1, _ change: (inout JSONObject) -> Void) throws -> Bool {
        let settings = CheckpointTests.variants[variant].settings
        let run = try problem.run(settings).unlearner
        for _ in 0..<4 { _ = try run.advance() }
        var isAccepted = false
        try withTemporaryFolder { folder in
            try run.save(to: "\(folder)/run", identity: "same")
            let file = try CheckpointFile(path: "\(folder)/run")
            var state = try #require(file.header["state"]?.asObject)
            change(&state)
            var writer = try CheckpointWriter(path: "\(folder)/changed")
            for section in file.sections { try writer.write(section.name, file.floats(section.name)) }
            try writer.commit(header: ["identity": "same", "state": .object(state)])
            let other = try problem.run(settings).unlearner
            do {
                try other.resume(from: "\(folder)/changed", identity: "same")
                _ = try other.advance()
                isAccepted = true
            } catch UnlearningError.checkpoint {}
        }
        return isAccepted
    }

    @Test("The state as it was saved is accepted")
    func intact() throws {
        #expect(try resumes { _ in })
    }

    @Test(
        "A number that no run can have is refused",
        arguments: [
            ("round", -1), ("round", 3), ("round", .integer(.max)), ("rollbacks", -1), ("rollbacks", 1e18), ("innerSteps", -3),
            ("innerMoments", .integer(.max)), ("outerMoments", .integer(.max - 1)), ("heldRounds", 9), ("rho", -0.5), ("damping", 0),
            ("damping", 2), ("seconds", -1), ("gradientEquivalents", -1), ("innerRate", -1e-3), ("outerRate", "far"), ("beta", -1),
            ("workspace", -8), ("initialRetainLoss", "low"), ("retainAverage", "low"), ("lastForgetLosses", [0.5]),
            ("referenceLosses", [0.5]), ("referenceLosses", nil),
            ("phase", ["forget", -1]), ("phase", ["forget", 4]),
            ("phase", ["restore", .integer(.max)]), ("phase", ["finished", "tired"]),
            ("forgetCursor", ["seed": "1", "epoch": 0, "position": 9_007_199_254_740_992]),
            ("forgetCursor", ["seed": "1", "epoch": 0, "position": 6]), ("retainCursor", ["seed": "1", "epoch": -1, "position": 0]),
            ("retainCursor", ["seed": "1", "epoch": 0, "position": -1]), ("history", [1]), ("history", []),
        ] as [(String, JSONValue)])
    func refused(_ key: String, _ value: JSONValue) throws {
        #expect(
            try !resumes { state in
                state[key] = value
                // An empty history is right for the first round only.
                if key == "history" { state["round"] = 1 }
            })
    }

    @Test(
        "Sums of a round hold numbers only",
        arguments: [
            ("forgetLosses", ["x"]), ("similarity", "x"), ("innerFactor", nil),
        ] as [(String, JSONValue)])
    func tally(_ key: String, _ value: JSONValue) throws {
        #expect(
            try !resumes { state in
                guard var tally = state["tally"]?.asObject else { return }
                tally[key] = value
                state["tally"] = .object(tally)
            })
    }

    @Test("A run that has taken a trillion steps goes on at once")
    func manySteps() throws {
        #expect(
            try resumes(2) { state in
                for key in ["innerSteps", "innerMoments", "outerSteps", "outerMoments"] { state[key] = 1_000_000_000_000 }
            })
    }

    @Test("A place that a run goes back to is finite", arguments: [Float.nan, -.infinity])
    func finite(_ value: Float) throws {
        let settings = CheckpointTests.variants[1].settings
        let run = try problem.run(settings).unlearner
        try withTemporaryFolder { folder in
            try run.save(to: "\(folder)/run", identity: "same")
            let file = try CheckpointFile(path: "\(folder)/run")
            var writer = try CheckpointWriter(path: "\(folder)/changed")
            for section in file.sections {
                var numbers = try file.floats(section.name)
                if section.name == "good" { numbers[3] = value }
                try writer.write(section.name, numbers)
            }
            try writer.commit(header: file.header)
            let error = #expect(throws: UnlearningError.self) { try run.resume(from: "\(folder)/changed", identity: "same") }
            #expect(error.map { "\($0)" }?.contains("number 3 of its vector \"good\"") == true)
        }
    }
}

@Suite("Every setting has limits, and the message names them")
struct SettingLimitTests {
    static let runs: [(String, @Sendable (inout UnlearningSettings) -> Void)] = [
        ("rounds", { $0.rounds = .max }), ("rounds", { $0.rounds = 0 }), ("inner steps", { $0.innerSteps = 1 << 40 }),
        ("outer steps", { $0.outerSteps = -1 }), ("forget batch", { $0.forgetBatch = 1 << 31 }),
        ("retain batch", { $0.retainBatch = .max }), ("refresh", { $0.refreshEvery = 0 }), ("hold rounds", { $0.holdRounds = -1 }),
        ("most rollbacks", { $0.mostRollbacks = .max }), ("rho growth", { $0.rhoGrowth = .infinity }),
        ("rho limit", { $0.rhoLimit = .nan }), ("beta", { $0.beta = .absolute(.nan) }), ("rho", { $0.rho = .relative(-1) }),
        ("inner step", { $0.innerStep = .sgd(rate: 0) }), ("outer step", { $0.outerStep = .trust(radius: .infinity) }),
        ("clip", { $0.clip = .nan }), ("rise limit", { $0.riseLimit = .infinity }), ("token cap", { $0.termCap = 0 }),
        ("forget target", { $0.forgetTarget = .mean(.nan) }), ("retain tolerance", { $0.retainTolerance = .nan }),
        ("retain floor", { $0.retainFloor = -1 }), ("gradient tolerance", { $0.gradientTolerance = .nan }),
    ]

    @Test("Of a run", arguments: runs)
    func run(_ name: String, _ change: @Sendable (inout UnlearningSettings) -> Void) {
        var settings = UnlearningSettings()
        change(&settings)
        let error = #expect(throws: UnlearningError.self) { try settings.validate() }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("\(name): must be ") && text.contains(", not "), "\(text)")
    }

    static let trainings: [(String, @Sendable (inout TrainingSettings) -> Void)] = [
        ("epochs", { $0.epochs = .max }), ("steps", { $0.steps = .max }), ("batch size", { $0.batch = .max }),
        ("learning rate", { $0.rate = .nan }), ("warm-up", { $0.warmUp = -1 }), ("weight decay", { $0.optimiser.decay = .nan }),
        ("clip", { $0.clip = -1 }), ("final share", { $0.finalShare = 2 }),
    ]

    @Test("Of a training", arguments: trainings)
    func training(_ name: String, _ change: @Sendable (inout TrainingSettings) -> Void) {
        var settings = TrainingSettings()
        change(&settings)
        let error = #expect(throws: UnlearningError.self) { try settings.validate() }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("\(name): must be ") && text.contains(", not "), "\(text)")
    }
}
