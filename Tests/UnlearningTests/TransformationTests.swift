import Graph
import Testing
import Unlearning

/// Methods that change parameters as a whole, and trainings that forget nothing, against their definitions.
@Suite("Transformations of parameters")
struct TransformationTests {
    private let problem = SmallProblem()

    private func settings(_ asked: [String: String]) throws -> UnlearningSettings {
        var settings = SmallProblem.fullBatch
        try settings.set(asked)
        return settings
    }

    private func gradients() throws -> (f: [Double], r: [Double]) {
        let objective = try problem.model.objective(false)
        let found = evaluate(Plan([("f", objective.forgetGradient), ("r", objective.retainGradient)]), problem.model.inputs)
        return (found[of: "f"], found[of: "r"])
    }

    @Test("a task vector is what a step down the forget loss changes, taken away α times", arguments: ["1", "0.25"])
    func taskVector(scale: String) throws {
        let run = try problem.run(settings(["method": "task-vector", "inner-step": "sgd:0.5", "task-scale": scale]))
        #expect(try run.events().pattern == "fR.")
        let expected = try #require(Double(scale)) * 0.5 * gradients().f
        #expect(relativeError(try run.theta - problem.theta, expected) <= 1e-4)
    }

    @Test("fine-tuning is descent on the retain loss, looks at no forget batch and costs a gradient", arguments: ["fine-tune", "retrain"])
    func fineTuning(method: String) throws {
        let run = try problem.run(settings(["method": method, "inner-step": "sgd:0.5"]))
        let events = try run.events()
        #expect(events.pattern == "rR.")
        #expect(relativeError(try run.theta - problem.theta, -0.5 * (try gradients().r)) <= 1e-4)
        let record = try #require(events.records.first)
        #expect(record.forgetLoss == nil && record.retainLoss != nil && record.gradientEquivalents == 1)
        let description = try #require(UnlearningMethod(rawValue: method)).described()
        #expect(description.forgetObjective == "none" && description.forgetStepCost == 1 && description.restoreStepCost == nil)
    }

    @Test("UNDO begins at parameters shrunk by α, and Xavier noise on matrices alone, which the seed decides")
    func shrinkAndPerturb() throws {
        func start(_ asked: [String: String]) throws -> [Double] {
            let still = ["method": "undo", "inner-step": "sgd:1e-30"].merging(asked) { $1 }
            let run = try problem.run(settings(still))
            _ = try run.events()
            return try run.theta
        }
        #expect(relativeError(try start(["noise": "0"]), 0.4 * problem.theta) <= 1e-6)
        #expect(relativeError(try start(["shrink": "0.25", "noise": "0"]), 0.75 * problem.theta) <= 1e-6)
        let noise = (1 / 0.06) * (try start([:]) - 0.4 * problem.theta)
        var place = 0
        for shape in problem.loss.tensorShapes {
            let part = Array(noise[place..<place + shape.reduce(1, *)])
            place += part.count
            let bound = shape.count > 1 ? (6 / Double(shape[0] + shape[1])).squareRoot() : 0
            #expect(part.allSatisfy { abs($0) <= bound + 1e-4 })
            // A uniform number's root mean square is the bound over √3.
            let spread = norm(part) / Double(part.count).squareRoot()
            #expect(abs(spread - bound / 3.0.squareRoot()) <= 0.2 * bound + 1e-4, "\(shape)")
        }
        #expect(try start([:]) == start([:]) && start([:]) != start(["seed": "1"]))
    }

    @Test("UNDO's steps lead back to what the model said on the retain set")
    func distillation() throws {
        var settings = try settings(["method": "undo", "inner-step": "adamw:0.02", "noise": "0", "rounds": "1", "inner-steps": "1"])
        func retainLosses() throws -> [Double] {
            let run = try problem.run(settings)
            _ = try run.events()
            let plan = Plan([("l", try problem.model.objective(false).retainLosses)])
            return evaluate(plan, problem.model.bound(theta: try run.theta))[of: "l"]
        }
        let original = evaluate(Plan([("l", try problem.model.objective(false).retainLosses)]), problem.model.inputs)[of: "l"]
        let shrunk = norm(try retainLosses() - original)
        settings.innerSteps = 400
        #expect(try norm(retainLosses() - original) < 0.2 * shrunk)
    }

    @Test(
        "what does not go together is refused before anything moves",
        arguments: [
            ["combination": "pcgrad"], ["retain-objective": "none"], ["inner-step": "adamw-rise:0.05"], ["inner-step": "adaptive:0.1"],
            ["combination": "task-negation"],
        ])
    func conflicts(asked: [String: String]) throws {
        let settings = try settings(["method": "fine-tune"].merging(asked) { $1 })
        #expect(throws: UnlearningError.self) { try settings.validate() }
    }
}
