import Inference
import Testing
import Unlearning

/// Steps of no length: whatever is visited on the way to a direction, θ is where it was.
@Suite("What moves parameters is the step alone")
struct StillnessTests {
    private let problem = SmallProblem()

    /// Every choice that changes how directions come about.
    static let choices: [UnlearningSettings] = {
        var all: [UnlearningSettings] = []
        for method in UnlearningMethod.allCases {
            // Forms are those of the bi-level combination's derivatives.
            let hasForms = method == .ofmu
            for inner in hasForms ? InnerForm.allCases : [.exact] {
                for outer in hasForms ? OuterForm.allCases : [.exact] {
                    for refresh in hasForms ? [1, 3] : [1] {
                        var settings = UnlearningSettings.paper
                        (settings.method, settings.innerForm, settings.outerForm) = (method, inner, outer)
                        (settings.refreshEvery, settings.rounds, settings.innerSteps, settings.outerSteps) = (refresh, 2, 2, 3)
                        (settings.forgetBatch, settings.retainBatch) = (3, 4)
                        all.append(settings)
                    }
                }
            }
        }
        return all
    }()

    @Test("a rule of length 1e-30 moves no parameter by a bit, in any pair of forms", arguments: choices.indices)
    func nothingMoves(index: Int) throws {
        var settings = Self.choices[index]
        (settings.innerStep, settings.outerStep) = (.sgd(rate: 1e-30), .sgd(rate: 1e-30))
        // UNDO moves them before its steps do.
        settings.shrink = 0
        let run = try problem.run(settings)
        _ = try run.events()
        #expect(try run.floats == problem.theta.map(Float.init), "\(settings.method) \(settings.innerForm) \(settings.outerForm)")
    }

    @Test("a restore step leaves the kept correction alone", arguments: [InnerForm.exact, .oneSided, .central])
    func correctionIsKept(form: InnerForm) throws {
        func moved(_ outer: OuterForm) throws -> [Float] {
            var settings = SmallProblem.fullBatch
            (settings.innerForm, settings.outerForm, settings.refreshEvery) = (form, outer, 2)
            (settings.rounds, settings.innerSteps, settings.outerSteps) = (2, 1, 2)
            // The only step that goes anywhere is the second forget step, which reuses the correction of the first.
            (settings.innerStep, settings.outerStep) = (.sgd(rate: 1e-3), .sgd(rate: 1e-30))
            let run = try problem.run(settings)
            _ = try run.events()
            return try run.floats
        }
        #expect(try moved(.difference) == moved(.none))
    }

    @Test("bytes and gradient-equivalents are forecast as they then are", arguments: choices.indices)
    func forecast(index: Int) throws {
        var settings = Self.choices[index]
        // One whole cycle of refreshed corrections in a round.
        settings.innerSteps = 3
        (settings.innerStep, settings.outerStep) = (index % 2 == 0 ? .sgd(rate: 1e-3) : .adamW(rate: 1e-3), .sgd(rate: 1e-3))
        let forecast = try problem.run(settings).unlearner.forecast(measures: false)
        let records = try problem.run(settings).events().records
        #expect(records.map(\.bytes) == [forecast.bytes, forecast.bytes], "\(settings)")
        for record in records {
            let expected = forecast.gradientEquivalents + (record.round == 0 ? forecast.once : 0)
            #expect(abs(record.gradientEquivalents - expected) <= 1e-9, "\(settings)")
        }
    }

    @Test("a forecast that tries steps leaves the run as it was")
    func triedStepsAreTakenBack() throws {
        for rule in [StepRule.sgd(rate: 0.1), .adamW(rate: 0.1), .adaptiveAdamW(rise: 0.1), .adaptive(most: 0.1)] {
            var settings = Self.choices[0]
            (settings.innerStep, settings.outerStep, settings.refreshEvery) = (rule, rule, 2)
            let (plain, tried) = (try problem.run(settings), try problem.run(settings))
            let forecast = try tried.unlearner.forecast(measures: true)
            #expect(try #require(forecast.seconds) > 0)
            #expect(tried.unlearner.state == plain.unlearner.state)
            _ = try plain.events()
            _ = try tried.events()
            #expect(try tried.floats == plain.floats, "\(rule)")
        }
    }
}
