import Backends
import Data
import Graph
import Inference
import Models
import Testing
import Unlearning

/// How steps are spread over a run, and batches over steps.
@Suite("Schedules and accumulation")
struct ScheduleTests {
    private let problem = SmallProblem()

    @Test("rates rise to their largest over the warm-up and then fall in a line, on each level by its own steps")
    func rates() throws {
        var settings = SmallProblem.fullBatch
        (settings.rounds, settings.innerSteps, settings.outerSteps, settings.outerForm) = (4, 2, 3, .none)
        (settings.innerStep, settings.outerStep) = (.sgd(rate: 0.08), .adamW(rate: 0.001))
        let plain = try problem.run(settings).events().records
        #expect(plain.allSatisfy { $0.innerStep == 0.08 && $0.outerStep == 0.001 })
        (settings.warmUp, settings.finalShare) = (4, 0.5)
        let records = try problem.run(settings).events().records
        // The last of a round's steps: 2, 4, 6, 8 of 8 and 3, 6, 9, 12 of 12.
        let inner = [0.5, 1, 1 - 0.5 * 2 / 5, 1 - 0.5 * 4 / 5], outer = [0.75, 1 - 0.5 * 2 / 9, 1 - 0.5 * 5 / 9, 1 - 0.5 * 8 / 9]
        for (record, (inner, outer)) in zip(records, zip(inner, outer)) {
            #expect(abs(record.innerStep - 0.08 * inner) <= 1e-12)
            #expect(abs(record.outerStep - 0.001 * outer) <= 1e-12)
        }
        #expect(records.count == 4)
    }

    /// Batches in so many parts, and whole.
    private func steps<Loss: ExampleLoss>(
        _ parts: Int, _ settings: UnlearningSettings, _ start: (UnlearningSettings) throws -> TestRun<Loss>
    ) throws -> (whole: TestRun<Loss>, sliced: TestRun<Loss>) {
        var settings = settings
        let whole = try start(settings)
        _ = try whole.events()
        settings.accumulation = parts
        let sliced = try start(settings)
        _ = try sliced.events()
        return (whole, sliced)
    }

    private static let compositions: [(name: String, change: @Sendable (inout UnlearningSettings) -> Void)] = [
        ("gradient difference", { $0.method = .gradientDifference }), ("gradient ascent", { $0.method = .gradientAscent }),
        ("npo", { $0.method = .npo }), ("sam", { ($0.method, $0.forgetSharpness, $0.retainSharpness) = (.npo, .absolute(0.2), 0.1) }),
        ("ngdiff", { $0.combination = CombinationPart(rawValue: "ngdiff") }),
        ("gru", { $0.combination = CombinationPart(rawValue: "gru") }),
        ("constraint", { $0.combination = CombinationPart(rawValue: "retain-constraint") }),
        ("counterfactual", { $0.method = UnlearningMethod(rawValue: "counterfactual") ?? .ofmu }),
        ("two levels", { ($0.beta, $0.outerForm, $0.outerSteps, $0.outerStep) = (.absolute(0), .none, 2, .adamW(rate: 0.01)) }),
        ("a rate of its own", { ($0.method, $0.innerStep) = (.npo, .adaptiveAdamW(rise: 0.05)) }),
    ]

    @Test("parts of batches, however uneven, give the whole batch's steps at the whole batch's cost", arguments: compositions.indices)
    func accumulation(index: Int) throws {
        for parts in [2, 4, 100] {
            var settings = SmallProblem.fullBatch
            (settings.forgetBatch, settings.retainBatch, settings.rounds, settings.innerStep) = (5, 7, 3, .sgd(rate: 0.2))
            Self.compositions[index].change(&settings)
            let (whole, sliced) = try steps(parts, settings, problem.run)
            let moved = try whole.theta - problem.theta
            #expect(relativeError(try sliced.theta - problem.theta, moved) <= 2e-4, "\(Self.compositions[index].name)")
            let (a, b) = (whole.unlearner.state, sliced.unlearner.state)
            #expect(abs(a.gradientEquivalents - b.gradientEquivalents) <= 1e-9 || parts == 100)
            for (first, second) in zip(a.history, b.history) {
                #expect(abs((first.forgetLoss ?? 0) - (second.forgetLoss ?? 0)) <= 1e-4)
                #expect(abs((first.similarity ?? 0) - (second.similarity ?? 0)) <= 1e-3)
            }
        }
    }

    @Test("answers of different lengths weigh as in one batch")
    func tokens() throws {
        let model = DecoderModel(Llama(), ModelCase.llamaConfiguration)
        let split = try ParameterSplit(model.specifications, .all)
        let loss = LanguageModelLoss(model, split, frozen: nil)
        let set = { (seed: UInt64) in
            let rows = ModelCase.sentences(6, seed: seed)
            return ExampleSet(count: rows.count) { places in TokenBatch(places.map { rows[$0] }, context: 8) }
        }
        let theta = ModelInitialiser.values(ParameterLayout(model.specifications), seed: 1).map(Double.init)
        for method in ["npo", "undial", "pdu", "wga"] {
            var settings = SmallProblem.fullBatch
            settings.method = try #require(UnlearningMethod(rawValue: method))
            (settings.retainBatch, settings.rounds, settings.innerStep) = (6, 2, .sgd(rate: 0.5))
            let (whole, sliced) = try steps(4, settings) { try TestRun(loss, theta, forget: set(1), retain: set(2), $0) }
            #expect(relativeError(try sliced.theta - theta, try whole.theta - theta) <= 2e-4, "\(method)")
        }
    }

    @Test("what is no sum over examples is refused before a run")
    func secondOrder() throws {
        for change: (inout UnlearningSettings) -> Void in [
            { _ in }, { $0.outerForm = .exact }, { $0.combination = CombinationPart(rawValue: "ilu") }, { $0.innerForm = .oneSided },
        ] {
            var settings = UnlearningSettings()
            change(&settings)
            settings.accumulation = 2
            #expect(throws: UnlearningError.self) { try settings.validate() }
            settings.accumulation = 1
            try settings.validate()
        }
    }
}
