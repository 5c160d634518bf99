import Backends
import Graph
import Inference
import TestSupport
import Testing
import Unlearning

@Suite("Vanishing gradients")
struct DegenerateTests {
    private static func scaled(forget: Double = 1, retain: Double = 1) -> ModelCase {
        let loss = Perceptron()
        return ModelCase(
            "scaled", Scaled(inner: loss, forget: forget, retain: retain), theta: randomVector(loss.parameterCount, 3, 0.7),
            forget: ModelCase.labelled(loss, 3, seed: 5), retain: ModelCase.labelled(loss, 4, seed: 6))
    }

    /// Everything ∇F is made of, in float64 and on the CPU.
    private func outcomes(_ test: ModelCase, _ similarity: Similarity, targets: [Double]? = nil) throws -> [[String: [Double]]] {
        let objective = try test.objective(targets != nil)
        let penalty = objective.penalty(similarity, .absolute(0))
        let outer = OuterGradient(objective, penalty, differentiating: penalty.gradient, .absolute(0))
        let plan = Plan([
            ("s", penalty.similarity), ("correction", penalty.correction), ("gradient", penalty.gradient),
            ("outer", outer.gradient), ("product", outer.product), ("f", objective.forgetGradient),
            ("r", objective.retainGradient),
        ])
        let inputs = test.bound(["beta": 0.7, "rho": 0.3], targets.map { ["forget.targets": $0] } ?? [:])
        return [evaluate(plan, inputs), try run(plan, on: CPUBackend(), inputs)]
    }

    @Test("with g_f = 0, all examples being saturated: s = 0, ∇Φ = 0 and ∇F = g_r", arguments: Similarity.allCases)
    func saturated(similarity: Similarity) throws {
        for found in try outcomes(.perceptron, similarity, targets: [0, 0, 0]) {
            #expect(found["s"] == [0])
            for name in ["f", "correction", "gradient", "product"] {
                #expect(found[name]?.allSatisfy { $0 == 0 } == true, "\(name)")
            }
            #expect(norm(found[of: "r"]) > 0.01)
            #expect(found["outer"] == found["r"])
        }
    }

    @Test("a saturated example stops pulling, the others go on")
    func partlySaturated() throws {
        let test = ModelCase.perceptron
        let losses = evaluate(try Plan([("losses", test.objective(false).forgetLosses)]), test.inputs)["losses"] ?? []
        let middle = losses.sorted()[1]
        let target = (middle + (losses.min() ?? 0)) / 2
        let objective = try test.objective(true)
        let found = evaluate(
            Plan([("mean", objective.forgetLoss), ("f", objective.forgetGradient)]),
            test.bound(["": 0], ["forget.targets": [target, target, target]]))
        #expect(abs((found["mean"]?[0] ?? 0) - ((losses.min() ?? 0) + 2 * target) / 3) <= 1e-12)
        // Only the example below the target has a gradient: a third of its own.
        let lowest = losses.firstIndex(of: losses.min() ?? 0) ?? 0
        let plain = try test.objective(false)
        let one =
            evaluate(
                Plan([("g", gradient(of: plain.forgetLosses.element(lowest), plain.parameters))]), test.inputs)["g"] ?? []
        #expect(relativeError(found[of: "f"], (1.0 / 3) * one) <= 1e-12)
    }

    @Test("a token counts up to the cap and then stops pulling", arguments: [1e9, 3.3, 1e-9])
    func cappedTokens(cap: Double) throws {
        let test = ModelCase.llama
        let objective = try test.cappedObjective()
        let plan = Plan([
            ("plain", objective.forgetLosses), ("counted", objective.countedLosses), ("l", objective.forgetLoss),
            ("g", objective.forgetGradient),
        ])
        let at = { (theta: [Double]) in evaluate(plan, test.bound(["forget.cap": cap], theta: theta)) }
        let found = at(test.theta)
        let (plain, counted) = (found[of: "plain"], found[of: "counted"])
        switch cap {
        case 1e9: #expect(counted == plain)
        case 3.3:
            // Some tokens of a fresh model lie above, some below.
            #expect(zip(counted, plain).allSatisfy { $0 <= $1 && $0 > 0.5 * $1 })
            #expect(zip(counted, plain).contains { $0 < $1 - 1e-3 } && counted.contains { $0 < cap - 1e-3 })
        default: #expect(relativeError(counted, counted.map { _ in cap }) <= 1e-6 && norm(found[of: "g"]) == 0)
        }
        // The gradient is that of what counts.
        let direction = randomVector(test.count, 12, 0.2)
        let slope = derivative { step in at(test.theta + step * direction)[of: "l"] }[0]
        let product = zip(found[of: "g"], direction).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(slope - product) <= 1e-6 * max(1e-3, abs(slope)))
    }

    @Test("with g_r = 0: s = 0 and ∇Φ = g_f", arguments: Similarity.allCases)
    func noRetainGradient(similarity: Similarity) throws {
        for found in try outcomes(Self.scaled(retain: 0), similarity) {
            #expect(found["s"] == [0])
            #expect(found["correction"]?.allSatisfy { $0 == 0 } == true)
            #expect(found["gradient"] == found["f"])
            #expect(norm(found[of: "f"]) > 0.01)
            #expect(found["outer"]?.allSatisfy(\.isFinite) == true)
            #expect(norm(found[of: "product"]) > 1e-4, "H_f·g_f is left")
        }
    }

    @Test("below 1e-12 a norm counts as zero", arguments: Similarity.allCases)
    func tinyNorms(similarity: Similarity) throws {
        for test in [Self.scaled(forget: 1e-14), Self.scaled(retain: 1e-14), Self.scaled(forget: 1e-14, retain: 1e-14)] {
            for found in try outcomes(test, similarity) {
                #expect(found["s"] == [0])
                #expect(found["correction"]?.allSatisfy { $0 == 0 } == true)
                #expect(found["gradient"] == found["f"])
                for name in ["outer", "product"] { #expect(found[name]?.allSatisfy(\.isFinite) == true, "\(name)") }
            }
        }
    }

    @Test("small norms above it still give the similarity and its correction", arguments: [1e-4, 1e-6, 1e-8, 1e-10])
    func smallNorms(factor: Double) throws {
        let plain = try outcomes(Self.scaled(), .cosine)[0]
        for test in [Self.scaled(forget: factor), Self.scaled(retain: factor)] {
            for found in try outcomes(test, .cosine) {
                #expect(relativeError(found[of: "s"], plain[of: "s"]) <= 1e-3)
                #expect(relativeError(found[of: "correction"], plain[of: "correction"]) <= 5e-3)
                for name in ["gradient", "outer", "product"] { #expect(found[name]?.allSatisfy(\.isFinite) == true, "\(name)") }
            }
        }
    }
}
