import Graph
import Inference
import Testing
import Unlearning

/// Methods taken apart and put together.
@Suite("Compositions")
struct CompositionTests {
    private let problem = SmallProblem()

    private func settings(_ asked: [String: String]) throws -> UnlearningSettings { try UnlearningSettings(asked, vocabulary: nil) }

    @Test("parts of a method exchanged one by one make another method's steps")
    func partsAreExchanged() throws {
        func moved(_ asked: [String: String]) throws -> [Float] {
            let small = ["inner-step": "sgd:0.1", "rounds": "2", "inner-steps": "2", "forget-batch": "4", "retain-batch": "4"]
            let run = try problem.run(settings(small.merging(asked) { $1 }))
            _ = try run.events()
            return try run.floats
        }
        #expect(try moved(["method": "npo"]) == moved(["method": "grad-diff", "forget-objective": "npo"]))
        #expect(try moved(["method": "grad-ascent"]) == moved(["method": "grad-diff", "retain-objective": "none"]))
        #expect(try moved(["method": "ngdiff"]) == moved(["method": "grad-diff", "combination": "ngdiff"]))
        #expect(
            try moved([:])
                == moved([
                    "method": "npo", "forget-objective": "cross-entropy", "retain-objective": "cross-entropy", "combination": "bi-level",
                ]))
        #expect(try moved(["method": "npo"]) != moved(["method": "npo", "combination": "bi-level"]))
    }

    @Test("a composition is told from every other, and from the methods it is made of")
    func areTold() throws {
        let all = try [
            [:], ["forget-objective": "npo"], ["retain-objective": "none", "combination": "weighted-sum"], ["combination": "ngdiff"],
            ["method": "npo"], ["method": "npo", "forget-objective": "cross-entropy"],
        ].map { try settings($0).method }
        #expect(Set(all).count == all.count && Set(all.map(\.name)).count == all.count)
    }

    /// Those that climb the data's own losses, whatever else they do.
    private static let ascents = ["cross-entropy", "npo", "dpo", "counterfactual", "term-saturation"]

    @Test("every ascent forgets under every combination; the other objectives run under OFMU's and under a weighted sum")
    func everyMix() throws {
        // "none" has no forget loss to look at; see `TransformationTests`.
        for forget in ForgetPart.codes where forget != "none" {
            let isAscent = Self.ascents.contains(forget)
            for combination in isAscent ? CombinationPart.codes : ["bi-level", "weighted-sum"] {
                var settings = UnlearningSettings()
                (settings.forgetObjective, settings.combination) = (ForgetPart(rawValue: forget), CombinationPart(rawValue: combination))
                (settings.innerStep, settings.outerStep, settings.rounds) = (.trust(radius: 0.01), .trust(radius: 0.002), 6)
                (settings.forgetBatch, settings.retainBatch, settings.refreshEvery) = (6, 10, 1)
                settings.outerSteps = 1
                if !isAscent { settings.rounds = 2 }
                // This model's gradients are short; and with a quota for forgetting a step does no more of it than that.
                settings.quota = 0.001
                // What is shrunk makes shorter steps.
                (settings.shrink, settings.noise) = (0, 0)
                let climbs = isAscent && combination != "hamu-q"
                let records = try problem.run(settings).events().records
                let (first, last) = (try #require(records.first?.forgetLoss), try #require(records.last?.forgetLoss))
                #expect(
                    climbs ? last > first + 0.05 : last.isFinite && records.count == settings.rounds,
                    "\(forget) under \(combination): \(first) to \(last)")
            }
        }
    }

    @Test("a method's own defaults hold until something else is asked for")
    func defaults() throws {
        for method in UnlearningMethod.allCases {
            let found = try settings(["method": method.name])
            #expect(found.method == method)
            for (name, text) in method.defaults {
                let setting = try #require(UnlearningSettings.table.first { $0.name == name }, "\(method.name): \(name)")
                var expected = UnlearningSettings()
                try expected.set([name: text])
                #expect(setting.code(found) == setting.code(expected), "\(method.name): \(name)")
            }
        }
        #expect(UnlearningSettings.implied(by: ["method": "ngdiff"]).isEmpty)
    }

    @Test("a combination that needs a retain objective is refused without one")
    func refusesMissingRetain() throws {
        for asked in [["retain-objective": "none"], ["method": "grad-ascent", "combination": "pcgrad"]] {
            let error = #expect(throws: UnlearningError.self) { try settings(asked) }
            #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("retain objective: the combination "))
        }
    }

    @Test("a method says what it needs and what its steps cost")
    func descriptions() throws {
        let ofmu = try UnlearningMethod.ofmu.described()
        // The gradient that leads to where the step looks from, then a correction renewed every fifth step, and the retain gradient.
        #expect(abs(ofmu.forgetStepCost - (1 + (6.0 + 4) / 5)) <= 1e-12 && ofmu.restoreStepCost == 1)
        #expect(ofmu.needs == ["retain set"] && ofmu.combination == "bi-level")
        let towards = try #require(UnlearningMethod(rawValue: "ofmu-reference")).described()
        #expect(towards.needs == ["retain set", "reference model", "alternative answers"])
        let ascent = try UnlearningMethod.gradientAscent.described()
        #expect(ascent.forgetStepCost == 1 && ascent.restoreStepCost == nil && ascent.retainObjective == nil && ascent.needs.isEmpty)
        #expect(try UnlearningMethod.npo.described().needs.contains("losses of the original model"))
    }
}
