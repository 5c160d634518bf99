import Backends
import Graph
import Inference
import TestSupport
import Testing
import Unlearning

/// The cheaper forms through the scheduler: one step at rate one shows the direction.
@Suite("Cheaper forms against the exact ones")
struct CheaperFormTests {
    private let problem = SmallProblem()

    /// Exact values in float64 at some parameters.
    private func exact(_ theta: [Double], beta: Double = 2) throws -> [String: [Double]] {
        let model = problem.model
        let objective = try model.objective(false)
        let penalty = objective.penalty(.cosine, .absolute(0))
        let outer = OuterGradient(objective, penalty, differentiating: penalty.gradient, .absolute(0))
        let plan = Plan([
            ("f", objective.forgetGradient), ("r", objective.retainGradient), ("c", penalty.correction), ("v", penalty.gradient),
            ("outer", outer.gradient), ("product", outer.product),
            ("hv", hessianVectorProduct(objective.forgetGradient, objective.parameters, penalty.gradient)),
        ])
        return evaluate(plan, model.bound(["beta": beta, "rho": 0.5], theta: theta))
    }

    /// Δθ of the only step, and what it cost.
    private func step(_ change: (inout UnlearningSettings) -> Void) throws -> (moved: [Double], cost: Double) {
        var settings = SmallProblem.fullBatch
        change(&settings)
        let run = try problem.run(settings)
        _ = try run.events()
        return (try run.theta - problem.theta, run.unlearner.state.gradientEquivalents)
    }

    // Parameters near 0.7 in float32 hold Δθ to about 3e-8 in each place, far less than any tolerance here. Differences are taken over
    // a step of 1e-2: one-sided they err in its first order, central in its second; rounding adds about 1e-7/1e-2.
    @Test(
        "H·u by differences", arguments: [(InnerForm.exact, 1e-4, 6.0), (.oneSided, 3e-2, 4), (.central, 1e-3, 6)])
    func inner(form: InnerForm, tolerance: Double, cost: Double) throws {
        let expected = try exact(problem.theta)
        let found = try step { $0.innerForm = form }
        #expect(relativeError(found.moved, expected[of: "v"]) <= tolerance)
        let correction = 0.5 * ((expected[of: "f"]) - found.moved)
        let error = relativeError(correction, expected[of: "c"])
        #expect(error <= tolerance)
        if form == .oneSided { #expect(error > 1e-4, "one-sided differences cannot be that good: the exact form was used") }
        #expect(found.cost == cost)
    }

    @Test("relative β is the same number in every form", arguments: InnerForm.allCases)
    func relativeBeta(form: InnerForm) throws {
        let values = try exact(problem.theta)
        let beta = 0.4 * norm(values[of: "f"]) / norm(values[of: "c"])
        let found = try step {
            $0.innerForm = form
            $0.beta = .relative(0.4)
        }
        #expect(relativeError(found.moved, (values[of: "f"]) - beta * (values[of: "c"])) <= 2e-2)
    }

    @Test("a correction kept for m steps is the one of the last refresh", arguments: [2, 3])
    func refresh(every: Int) throws {
        var settings = SmallProblem.fullBatch
        settings.innerSteps = 4
        settings.refreshEvery = every
        settings.innerStep = .sgd(rate: 0.05)
        let run = try problem.run(settings)
        var theta = problem.theta, kept: [Double] = [], cost = 0.0
        for number in 0..<4 {
            let values = try exact(theta)
            if number % every == 0 { kept = values[of: "c"] }
            cost += number % every == 0 ? 6 : 1
            let expected = theta + 0.05 * ((values[of: "f"]) - 2 * kept)
            _ = try run.unlearner.advance()
            let found = try run.theta
            #expect(relativeError(found - theta, expected - theta) <= 1e-4, "step \(number)")
            #expect(run.unlearner.state.gradientEquivalents == cost)
            theta = found
        }
        // A step that reuses the correction differs from the exact one by what the correction has changed: first order in the step.
        let (first, second) = (try exact(problem.theta), try exact(problem.theta + 0.05 * (exact(problem.theta)["v"] ?? [])))
        let change = relativeError(first[of: "c"], second[of: "c"])
        #expect(change > 1e-3 && change < 0.5)
    }

    /// An ascent step too small to move anything, then one descent step at rate one.
    private func descent(_ change: (inout UnlearningSettings) -> Void) throws -> (moved: [Double], cost: Double) {
        try step {
            $0.innerStep = .sgd(rate: 1e-30)
            $0.outerSteps = 1
            change(&$0)
        }
    }

    @Test(
        "∇²Φ·v in its forms",
        arguments: [(OuterForm.exact, 18.0, 1e-4), (.forgetOnly, 8, 1e-4), (.difference, 13, 3e-2), (.none, 1, 1e-4)])
    func outer(form: OuterForm, cost: Double, tolerance: Double) throws {
        let values = try exact(problem.theta)
        let term: [Double] =
            switch form {
            case .exact, .difference: values[of: "product"]
            case .forgetOnly: values[of: "hv"]
            case .none: 0 * (values[of: "hv"])
            }
        // The term must weigh, and dropping the similarity's curvature must make a difference.
        try #require(relativeError(values[of: "hv"], values[of: "product"]) > 0.05)
        let found = try descent { $0.outerForm = form }
        #expect(found.cost - 6 == cost)
        let gradient = -1 * found.moved
        // 2ρ = 1.
        #expect(relativeError(gradient, (values[of: "r"]) + term) <= tolerance)
        if form != .none { #expect(relativeError(gradient - (values[of: "r"]), term) <= 3 * tolerance) }
    }

    @Test("differences of differences still point the same way", arguments: [(InnerForm.oneSided, 9.0), (.central, 13.0)])
    func nested(form: InnerForm, cost: Double) throws {
        let values = try exact(problem.theta)
        let found = try descent {
            $0.outerForm = .difference
            $0.innerForm = form
        }
        #expect(found.cost - (form == .oneSided ? 4 : 6) == cost)
        #expect(relativeError(-1 * found.moved, (values[of: "r"]) + (values[of: "product"])) <= 0.1)
    }

    @Test("relative ρ is the same number in every form", arguments: [OuterForm.exact, .forgetOnly, .difference])
    func relativeRho(form: OuterForm) throws {
        let values = try exact(problem.theta)
        let term = values[form == .forgetOnly ? "hv" : "product"] ?? []
        let found = try descent {
            $0.outerForm = form
            $0.rho = .relative(0.3)
        }
        let rho = 0.3 * norm(values[of: "r"]) / (2 * norm(term))
        #expect(relativeError(-1 * found.moved, (values[of: "r"]) + (2 * rho) * term) <= 2e-2)
    }

    @Test("a stationarity term taken at every m-th restore step is m times as heavy there, and costs nothing in between")
    func sparseStationarity() throws {
        let values = try exact(problem.theta)
        let found = try descent {
            $0.outerForm = .forgetOnly
            $0.stationarityEvery = 3
        }
        #expect(relativeError(-1 * found.moved - (values[of: "r"]), 3 * (values[of: "hv"])) <= 1e-3)
        var settings = SmallProblem.fullBatch
        (settings.outerForm, settings.stationarityEvery, settings.outerSteps) = (.forgetOnly, 3, 7)
        let run = try problem.run(settings)
        let costs = try (0..<9).map { _ in
            let before = run.unlearner.state.gradientEquivalents
            _ = try run.unlearner.advance()
            return run.unlearner.state.gradientEquivalents - before
        }
        // Between the two levels the phase alone moves on.
        #expect(costs == [6, 0, 8, 1, 1, 8, 1, 1, 8])
    }

    @Test("settings name the approximations in use")
    func names() {
        var settings = UnlearningSettings.paper
        #expect(settings.approximations.isEmpty)
        (settings.innerForm, settings.outerForm, settings.refreshEvery) = (.central, .forgetOnly, 3)
        #expect(
            settings.approximations == [
                "Hessian-vector products by central-difference", "similarity correction reused for 3 steps",
                "stationarity term: forget-only",
            ])
        settings.rho = .absolute(0)
        #expect(settings.approximations.count == 2)
        settings.method = .gradientAscent
        #expect(settings.approximations.isEmpty)
    }
}
