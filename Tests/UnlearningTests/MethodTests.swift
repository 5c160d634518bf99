import Glibc
import Graph
import Inference
import Testing
import Unlearning

/// Methods as compositions: each objective against a plain formula in float64, under every combination.
@Suite("Methods")
struct MethodTests {
    private let problem = SmallProblem()

    /// NPO's definition on losses and sums, and what it is multiplied with in the gradient.
    private func npo(_ losses: [Double], _ terms: [Double], _ original: [Double]) -> (value: Double, factors: [Double]) {
        let beta = 0.1, count = Double(losses.count)
        var value = 0.0, factors: [Double] = []
        for (loss, (terms, original)) in zip(losses, zip(terms, original)) {
            let sigmoid = 1 / (1 + exp(-beta * (terms * loss - original)))
            value += 2 / beta * log(sigmoid) / count
            factors.append(2 * (1 - sigmoid) * terms / count)
        }
        return (value, factors)
    }

    @Test("NPO is its formula, and its gradient that of each loss times 2σ(β(S₀ − S))", arguments: [-40.0, -3, 0, 3, 60])
    func negativePreference(shift: Double) throws {
        for test in ModelCase.kinds {
            let objective = try test.methodObjective(.npo)
            let theta = objective.parameters
            var outputs: [(name: String, node: Node)] = [
                ("value", objective.forgetLoss), ("gradient", objective.forgetGradient), ("losses", objective.forgetLosses),
            ]
            for index in 0..<test.forgetTerms.count {
                outputs.append(("g\(index)", gradient(of: objective.forgetLosses.element(index), theta)))
            }
            let plan = Plan(outputs)
            let losses = evaluate(plan, test.bound([:], ["forget.terms": test.forgetTerms, "forget.original": test.forgetTerms]))[
                of: "losses"]
            let original = zip(losses, test.forgetTerms).map { $0 * $1 + shift }
            let found = evaluate(plan, test.bound([:], ["forget.terms": test.forgetTerms, "forget.original": original]))
            let (value, factors) = npo(losses, test.forgetTerms, original)
            #expect(abs(found[of: "value"][0] - value) <= 1e-12 * abs(value))
            var expected = [Double](repeating: 0, count: test.count)
            for (index, factor) in factors.enumerated() { expected = expected + factor * found[of: "g\(index)"] }
            #expect(relativeError(found[of: "gradient"], expected) <= 1e-12, "\(test.name)")
        }
    }

    @Test("under OFMU's combination NPO has exact derivatives too")
    func negativePreferenceInTheInnerObjective() throws {
        let test = ModelCase.llama
        let vectors = ["forget.terms": test.forgetTerms, "forget.original": test.forgetTerms.map { 2 * $0 }]
        let objective = try test.methodObjective(.npo)
        let penalty = objective.penalty(.cosine, .absolute(0))
        let outer = OuterGradient(objective, penalty, differentiating: penalty.gradient, .absolute(0))
        let plan = Plan([("v", penalty.gradient), ("product", outer.product), ("value", objective.value(.cosine))])
        let at = { (theta: [Double]) in evaluate(plan, test.bound(["beta": 0.7, "rho": 0.3], theta: theta, vectors)) }
        let here = at(test.theta)
        let direction = randomVector(test.count, 31)
        let slope = derivative(step: 1e-4) { at(test.theta + $0 * direction)[of: "value"] }[0]
        #expect(abs(slope - dot(here[of: "v"], direction)) <= 1e-6 * abs(slope))
        let v = here[of: "v"], size = norm(v)
        let product = size * derivative { at(test.theta + ($0 / size) * v)[of: "v"] }
        #expect(relativeError(here[of: "product"], product) <= 1e-6)
    }

    @Test("the sums of the model as it was are measured once, by position, and survive a resume")
    func originalSums() throws {
        var settings = UnlearningSettings()
        (settings.method, settings.rounds, settings.innerSteps) = (.npo, 2, 2)
        (settings.forgetBatch, settings.retainBatch, settings.innerStep) = (4, 4, .sgd(rate: 0.05))
        let run = try problem.run(settings)
        let forecast = try run.unlearner.forecast(measures: false)
        #expect(run.unlearner.state.originalSums == nil)
        _ = try run.unlearner.advance()
        let sums = try #require(run.unlearner.state.originalSums)
        let plan = try Plan([("l", problem.model.objective(false).forgetLosses)])
        #expect(relativeError(sums, evaluate(plan, problem.model.inputs)[of: "l"]) <= 1e-5)
        // Two looks at up to four examples, a third of a gradient each, and one step.
        #expect(abs(run.unlearner.state.gradientEquivalents - (2.0 / 3 + 2)) <= 1e-9)
        #expect(abs(forecast.once - 2.0 / 3) <= 1e-9)
        _ = try run.events()
        #expect(run.unlearner.state.originalSums == sums)
        // At the start NPO's gradient is that of ascent, so that a first step is the same.
        settings.rounds = 1
        settings.innerSteps = 1
        let first = try problem.run(settings)
        _ = try first.events()
        settings.method = .gradientDifference
        let plain = try problem.run(settings)
        _ = try plain.events()
        #expect(relativeError(try first.theta - problem.theta, try plain.theta - problem.theta) <= 1e-3)
    }

    @Test("every method is found by its name, says what it is and where it comes from, and has a name of its own")
    func registry() {
        for method in UnlearningMethod.allCases {
            #expect(UnlearningMethod(rawValue: method.name) == method)
            #expect(!method.summary.isEmpty && !method.source.isEmpty)
        }
        #expect(Set(UnlearningMethod.allCases.map(\.name)).count == UnlearningMethod.allCases.count)
        #expect(UnlearningMethod(rawValue: "forgetfulness") == nil)
    }
}
