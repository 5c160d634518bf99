import Backends
import Data
import Graph
import Inference
import Testing
import Unlearning

/// Every forget and retain objective against its published loss in plain numbers, on a decoder with several terms an example.
@Suite("Objectives")
struct ObjectiveFormulaTests {
    private let problem: ObjectiveProblem
    /// Of methods whose steps are a weighted sum of the two gradients.
    static let names = ObjectiveFormula.all.filter { $0.parameters == nil }.map(\.method)
        .filter { !$0.hasPrefix("ofmu") && $0 != "task-vector" }

    init() throws { problem = try ObjectiveProblem() }

    private func unit(_ vector: [Double]) -> [Double] { (1 / norm(vector)) * vector }

    @Test("value, gradient and curvature are those of the formula", arguments: ObjectiveFormula.all.indices)
    func formula(index: Int) throws {
        let formula = ObjectiveFormula.all[index]
        var settings = UnlearningSettings()
        try settings.set(["method": formula.method, "forget-parameters": formula.parameters ?? "auto"])
        try settings.validate()
        let objective = try problem.objective(settings.method)
        let (value, gradient) =
            formula.isRetain ? (objective.retainLoss, objective.retainGradient) : (objective.forgetLoss, objective.forgetGradient)
        let along = objective.graph.input("along", .real, [problem.theta.count])
        let product = hessianVectorProduct(gradient, objective.parameters, along)
        let first = evaluate(Plan([("value", value), ("gradient", gradient)]), problem.inputs(problem.theta))
        let fixed = problem.scene(problem.theta)
        let expected = formula.value(problem, fixed, fixed)
        #expect(abs(first[of: "value"][0] - expected) <= 1e-6 * (1e-6 + abs(expected)), "\(first[of: "value"]) for \(expected)")

        let g = first[of: "gradient"]
        try #require(norm(g) > 0, "nothing to compare")
        for seed in [41, 42] as [UInt64] {
            let direction = unit(unit(g) + unit(randomVector(g.count, seed)))
            let at = { (step: Double) in
                [formula.value(problem, problem.scene(problem.theta + step * direction), fixed)]
            }
            let slope = derivative(step: 1e-3, at)[0]
            #expect(abs(slope - dot(g, direction)) <= 1e-6 * norm(g), "\(slope) for \(dot(g, direction))")
            var inputs = problem.inputs(problem.theta)
            inputs["along"] = HostTensor([g.count], direction)
            let curvature = dot(evaluate(Plan([("product", product)]), inputs)[of: "product"], direction)
            let h = 2e-3
            let near = at(h)[0] + at(-h)[0], far = at(2 * h)[0] + at(-2 * h)[0]
            let found = (16 * near - far - 30 * expected) / (12 * h * h)
            #expect(abs(found - curvature) <= 1e-4 * (abs(curvature) + norm(g)), "\(curvature) for \(found)")
        }
    }

    @Test("every method's objectives have a formula here, or elsewhere in these tests")
    func allHaveFormulas() throws {
        var (forget, retain): (Set<String>, Set<String>) = (["cross-entropy", "npo", "none"], ["cross-entropy"])
        for formula in ObjectiveFormula.all {
            let method = try #require(UnlearningMethod(rawValue: formula.method)).described()
            if formula.isRetain { retain.insert(method.retainObjective ?? "") } else { forget.insert(method.forgetObjective) }
        }
        for method in UnlearningMethod.allCases {
            let description = try method.described()
            #expect(forget.contains(description.forgetObjective), "\(method.name)")
            #expect(description.retainObjective.map(retain.contains) ?? true, "\(method.name)")
        }
    }

    @Test("every parameter has a formula at another value, or a test here")
    func allParameters() throws {
        var known: Set<[String]> = [["asu", "temperature"]]
        for formula in ObjectiveFormula.all {
            let objective = try #require(UnlearningMethod(rawValue: formula.method)).described().forgetObjective
            for part in (formula.parameters ?? "").split(separator: ",") {
                known.insert([objective, String(part.prefix { $0 != "=" })])
            }
        }
        for method in UnlearningMethod.allCases {
            let description = try method.described()
            // SatImp is WGA's formula with other numbers, and the two references parts of the third.
            let formula = ["satimp": "wga", "reference-kl": "reference", "reference-targets": "reference"]
            let code = formula[description.forgetObjective] ?? description.forgetObjective
            for parameter in description.forgetParameters { #expect(known.contains([code, parameter.name]), "\(method.name)") }
        }
    }

    @Test("ASU's teacher at temperature one is the original, from which there is nothing to learn at first")
    func teacherTemperature() throws {
        func moved(_ parameters: String) throws -> Double {
            var settings = UnlearningSettings()
            try settings.set(["method": "asu", "retain-objective": "none", "forget-parameters": parameters])
            (settings.rounds, settings.innerSteps, settings.innerStep) = (1, 1, .sgd(rate: 1))
            (settings.forgetBatch, settings.retainBatch, settings.clip) = (3, 3, nil)
            let rows = problem.forgetRows
            let set = ExampleSet(count: rows.count) { places in TokenBatch(places.map { rows[$0] }, context: 8) }
            let run = try TestRun(problem.loss, problem.theta, forget: set, retain: set, settings)
            _ = try run.events()
            return norm(try run.theta - problem.theta)
        }
        #expect(try moved("temperature=1") < 1e-4 * moved("temperature=2"))
        #expect(try moved("temperature=2") < moved("temperature=4"))
    }

    @Test(
        "parameters that the objective does not have, or values beyond their range, are refused by name",
        arguments: [
            ("npo", "betta=0.1", "did you mean \"beta\"?"), ("ofmu", "beta=0.1", "it has none"), ("npo", "beta=0", "beta must be above 0"),
            ("bs-t", "breadth=2.5", "whole number"), ("blade", "tau=2", "from 0 to 1"),
        ])
    func refusedParameters(_ method: String, _ text: String, _ problem: String) throws {
        var settings = UnlearningSettings()
        try settings.set(["method": method, "forget-parameters": text])
        let error = #expect(throws: UnlearningError.self) { try settings.validate() }
        #expect(error.map { "\($0)" }?.contains(problem) == true, "\(error.map { "\($0)" } ?? "")")
        for text in ["beta", "beta=", "=1", "beta=1,beta=2", "beta=nan", ""] {
            #expect(throws: UnlearningError.self, "\(text)") { try settings.set(["forget-parameters": text]) }
        }
    }

    @Test("a run's first step follows the gradients, with what frozen models say looked up", arguments: names)
    func steps(name: String) throws {
        var settings = UnlearningSettings()
        try settings.set(["method": name])
        (settings.rounds, settings.innerSteps, settings.innerStep) = (1, 1, .sgd(rate: 1))
        (settings.forgetBatch, settings.retainBatch, settings.clip) = (3, 3, nil)
        let method = try #require(UnlearningMethod(rawValue: name))
        let other = randomVector(problem.theta.count, 12, 0.7).map { Double(Float($0)) }
        func set(_ rows: [TokenExample]) -> ExampleSet<TokenBatch> {
            ExampleSet(count: rows.count) { places in TokenBatch(places.map { rows[$0] }, context: 8) }
        }
        let (forget, retain, alternatives) = (set(problem.forgetRows), set(problem.retainRows), set(problem.alternativeRows))
        let run = try TestRun(
            problem.loss, problem.theta, forget: forget, retain: retain, alternatives: alternatives, reference: other, settings)
        #expect(try run.events().pattern == "fR.")
        let moved = try run.theta - problem.theta

        let frozen = { (theta: [Double], blur: Double) in
            Dictionary(uniqueKeysWithValues: problem.roles.map { ($0.name, problem.logits(theta, $0.name, blur: blur)) })
        }
        let states = Dictionary(uniqueKeysWithValues: problem.roles.map { ($0.name, problem.states(problem.theta, $0.name)) })
        let start = problem.scene(problem.theta)
        let sum = { (terms: [ChosenTerm]) in terms.reduce(0) { $0 + $1.loss } }
        let sums = ["forget": start.forget.map(sum), "alternative": start.alternative.map(sum)]
        let objective = try problem.objective(method, saturates: false)
        let plan = Plan([("f", objective.forgetGradient), ("r", objective.retainGradient), ("l", objective.retainLoss)])
        let found = evaluate(
            plan,
            problem.inputs(
                problem.theta, original: frozen(problem.theta, 1), reference: frozen(other, 1), blurred: frozen(problem.theta, 2.4),
                states: states,
                sums: sums))
        var weight = method.usesRetain ? settings.retainWeight : 0
        if method.defaults["retain-limit"] != nil {
            let limit = settings.retainLimit
            let most = if case .relative(let share) = limit { share * found[of: "l"][0] } else { limit.value }
            weight = max(0, settings.multiplierStart + settings.constraintWeight * (found[of: "l"][0] - most))
        }
        let expected = settings.forgetWeight * found[of: "f"] - weight * found[of: "r"]
        #expect(relativeError(moved, expected) <= 2e-3, "\(name): \(norm(moved)) for \(norm(expected))")
    }

    @Test("attention at temperature τ is attention with queries divided by τ")
    func blurredAttention() throws {
        var theta = problem.theta
        let layout = problem.loss.split.trainable
        let queries = layout.entries.filter { $0.name.contains("q_proj") }
        try #require(queries.count == 2)
        for entry in queries {
            for place in entry.range { theta[place] /= 3 }
        }
        let blurred = problem.logits(problem.theta, "forget", blur: 3)
        #expect(relativeError(blurred, problem.logits(theta, "forget")) <= 1e-12)
        #expect(relativeError(blurred, problem.logits(problem.theta, "forget")) > 1e-2)
    }

    @Test("a method of distributions is refused for a loss that chooses nothing")
    func refusesLossesWithoutChoices() throws {
        let loss = Quadratic(parameterCount: 2)
        let set = ExampleSet(count: 1) { _ in Quadratic.Batch(matrix: [[1, 0], [0, 1]], centre: [0, 1]) }
        for name in ["ce-u", "shred", "grad-kl", "asu", "rmu"] {
            var settings = UnlearningSettings()
            try settings.set(["method": name])
            #expect(throws: UnlearningError.self) { try TestRun(loss, [1, 2], forget: set, retain: set, settings) }
        }
    }
}
