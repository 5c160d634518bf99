import Backends
import Data
import Graph
import Inference
import Testing
import Unlearning

@Suite("Inputs of the objectives' plans")
struct ObjectiveInputTests {
    static let plans: [ObjectivePlan] = [
        .forgetLoss, .retainLoss, .forgetGradient, .retainGradient, .gradients, .invariance, .directions,
        .penalty(keepsCorrection: false),
        .penalty(keepsCorrection: true), .outer, .outerForgetOnly,
    ]

    @Test("are exactly those that the plan's case names, whatever saturates, is capped or relative", arguments: plans)
    func names(plan: ObjectivePlan) throws {
        let loss = Perceptron()
        let (forget, retain) = (ModelCase.labelled(loss, 3, seed: 5), ModelCase.labelled(loss, 4, seed: 6))
        for weight in [Weight.absolute(0.3), .relative(0.3)] {
            for (target, cap) in [(nil, nil), (1.5, nil), (nil, 6), (1.5, 6)] as [(Double?, Double?)] {
                let options = ObjectiveOptions(beta: weight, rho: weight, saturates: target != nil, capsTerms: cap != nil)
                let compiled = try plan.compile(loss, forget: loss.shape(of: forget), retain: loss.shape(of: retain), options)
                let given = plan.inputs(loss, forget: forget, retain: retain, .init(target: target, cap: cap, beta: 0.3, rho: 0.3))
                #expect(
                    given.keys.sorted() == compiled.externals.filter { $0.role == .input && $0.name != "theta" }.map(\.name).sorted())
                let backend = CPUBackend()
                let theta = try backend.upload(randomVector(loss.parameterCount, 3, 0.7).map(Float.init))
                try PlanRunner(compiled, on: backend, shared: ["theta": theta]).run(given)
            }
        }
    }

    @Test("of the batch that a plan does not look at are not needed: it may be empty")
    func oneSet() throws {
        let loss = Perceptron()
        let (some, none) = (ModelCase.labelled(loss, 3, seed: 5), LabelledBatch(features: [], labels: []))
        let options = ObjectiveOptions(beta: .absolute(0), rho: .absolute(0), saturates: false)
        for (plan, forget, retain) in [(ObjectivePlan.forgetGradient, some, none), (.retainGradient, none, some)] {
            let compiled = try plan.compile(loss, forget: loss.shape(of: forget), retain: loss.shape(of: retain), options)
            #expect(plan.inputs(loss, forget: forget, retain: retain, .init()).count == 2)
            #expect(compiled.slot("report", .output) != nil)
        }
    }

    @Test("gradient ascent runs without a retain set and to the same numbers; the other methods need one")
    func ascentAlone() throws {
        let problem = SmallProblem()
        var settings = SmallProblem.fullBatch
        settings.method = .gradientAscent
        settings.rounds = 3
        let empty = ExampleSet<LabelledBatch>(count: 0) { _ in LabelledBatch(features: [], labels: []) }
        let alone = try TestRun(problem.loss, problem.theta, forget: problem.forget, retain: empty, settings)
        #expect(try alone.events().records.map(\.retainLoss) == [nil, nil, nil])
        let both = try problem.run(settings)
        _ = try both.events()
        #expect(try alone.floats == both.floats)
        #expect(try alone.floats != problem.theta.map(Float.init))
        for method in [UnlearningMethod.ofmu, .gradientDifference] {
            settings.method = method
            #expect(throws: UnlearningError.self) {
                try TestRun(problem.loss, problem.theta, forget: problem.forget, retain: empty, settings)
            }
        }
    }
}
