import Backends
import Graph
import Inference
import TestSupport
import Testing
import Unlearning

/// The plan of everything the derivative tests look at.
struct DerivedObjective {
    let test: ModelCase
    let plan: Plan
    let scalars = ["beta": 0.7, "rho": 0.3]
    let exact: [String: [Double]]

    init(_ test: ModelCase, _ similarity: Similarity, saturating target: Double? = nil) throws {
        self.test = test
        let objective = try test.objective(target != nil)
        let penalty = objective.penalty(similarity, .absolute(0))
        let outer = OuterGradient(objective, penalty, differentiating: penalty.gradient, .absolute(0))
        let graph = objective.graph, theta = objective.parameters
        let a = graph.input("a", .real, theta.shape), b = graph.input("b", .real, theta.shape)
        let value = objective.value(similarity)
        plan = Plan([
            ("forgetLoss", objective.forgetLoss), ("value", value), ("s", penalty.similarity),
            ("forgetGradient", objective.forgetGradient), ("retainGradient", objective.retainGradient),
            ("directions", penalty.directions), ("correction", penalty.correction), ("gradient", penalty.gradient),
            ("reverse", gradient(of: value, theta)), ("product", outer.product), ("outer", outer.gradient),
            ("curvature", outer.curvature),
            ("forget a", hessianVectorProduct(objective.forgetGradient, theta, a)),
            ("forget b", hessianVectorProduct(objective.forgetGradient, theta, b)),
            ("retain a", hessianVectorProduct(objective.retainGradient, theta, a)),
            ("retain b", hessianVectorProduct(objective.retainGradient, theta, b)),
            ("penalty a", hessianVectorProduct(penalty.gradient, theta, a)),
            ("penalty b", hessianVectorProduct(penalty.gradient, theta, b)),
        ])
        exact = evaluate(plan, Self.inputs(test, scalars))
    }

    static func inputs(_ test: ModelCase, _ scalars: [String: Double], theta: [Double]? = nil) -> [String: HostTensor] {
        test.bound(
            scalars, theta: theta, ["a": randomVector(test.count, 21), "b": randomVector(test.count, 22)])
    }

    var inputs: [String: HostTensor] { Self.inputs(test, scalars) }

    subscript(_ name: String) -> [Double] { exact[name] ?? [] }

    /// A plan of some nodes, for differences of them.
    func moved(_ outputs: (Objective) throws -> [(name: String, node: Node)]) throws -> (Double, [Double]) -> [String: [Double]] {
        let plan = try Plan(outputs(test.objective(false)))
        return { step, direction in
            evaluate(plan, test.bound(scalars, theta: test.theta + step * direction))
        }
    }
}

struct ObjectiveCase: Sendable, CustomTestStringConvertible {
    var model: ModelCase
    var similarity: Similarity
    var testDescription: String { "\(model.name), \(similarity.rawValue)" }

    static let all = ModelCase.kinds.flatMap { model in Similarity.allCases.map { ObjectiveCase(model: model, similarity: $0) } }
}

func cosine(_ a: [Double], _ b: [Double]) -> Double { dot(a, b) / (norm(a) * norm(b)) }

extension Similarity {
    /// h(s), as the documentation defines it.
    func shaped(_ s: Double) -> Double {
        switch self {
        case .cosine: s
        case .squaredCosine: s * s
        case .positiveCosine: max(0, s)
        }
    }
}

@Suite("Derivatives of the objective in float64")
struct ObjectiveDerivativeTests {
    @Test("s, u_f and u_r are the cosine and its derivatives", arguments: ObjectiveCase.all)
    func similarityDirections(_ test: ObjectiveCase) throws {
        let derived = try DerivedObjective(test.model, test.similarity)
        let (f, r) = (derived["forgetGradient"], derived["retainGradient"])
        let s = cosine(f, r)
        #expect(abs(derived["s"][0] - s) <= 1e-12)
        // Otherwise the positive cosine would have nothing to differentiate.
        try #require(s > 0.01)
        let n = f.count
        let (uf, ur) = (Array(derived["directions"][..<n]), Array(derived["directions"][n...]))
        for seed in UInt64(31)...33 {
            let d = randomVector(n, seed)
            let size = 1e-3 / norm(d)
            let byForget = derivative { t in [test.similarity.shaped(cosine(f + t * size * norm(f) * d, r))] }[0]
            let byRetain = derivative { t in [test.similarity.shaped(cosine(f, r + t * size * norm(r) * d))] }[0]
            #expect(abs(dot(uf, d) * size * norm(f) - byForget) <= 1e-6 * size * norm(uf) * norm(d) * norm(f))
            #expect(abs(dot(ur, d) * size * norm(r) - byRetain) <= 1e-6 * size * norm(ur) * norm(d) * norm(r))
        }
        // Along the directions themselves, where the derivative is largest.
        let along = derivative { t in [test.similarity.shaped(cosine(f + (t * norm(f) / norm(uf)) * uf, r))] }[0]
        #expect(abs(along - norm(uf) * norm(f)) <= 1e-6 * abs(along))
    }

    @Test("H·u is the derivative of the gradients along u", arguments: ObjectiveCase.all)
    func correction(_ test: ObjectiveCase) throws {
        let derived = try DerivedObjective(test.model, test.similarity)
        let n = test.model.count
        let gradients = try derived.moved { [("f", $0.forgetGradient), ("r", $0.retainGradient)] }
        var sum = [Double](repeating: 0, count: n)
        for (name, start) in [("f", 0), ("r", n)] {
            let u = Array(derived["directions"][start..<(start + n)])
            let unit = (1 / norm(u)) * u
            sum = sum + norm(u) * derivative { t in gradients(t, unit)[name] ?? [] }
        }
        #expect(relativeError(derived["correction"], sum) <= 1e-6)
    }

    @Test("∇Φ is the derivative of Φ, forward-over-reverse and reverse-over-reverse alike", arguments: ObjectiveCase.all)
    func penaltyGradient(_ test: ObjectiveCase) throws {
        let derived = try DerivedObjective(test.model, test.similarity)
        let g = derived["gradient"]
        let value = try derived.moved { [("value", $0.value(test.similarity))] }
        let unit = (1 / norm(g)) * g
        let slope = derivative { t in value(t, unit)["value"] ?? [] }[0]
        #expect(abs(slope - norm(g)) <= 1e-6 * norm(g))
        for seed in UInt64(41)...43 {
            let d = randomVector(g.count, seed)
            let unit = (1 / norm(d)) * d
            let slope = derivative { t in value(t, unit)["value"] ?? [] }[0]
            #expect(abs(slope - dot(g, unit)) <= 1e-6 * norm(g))
        }
        #expect(relativeError(g, derived["reverse"]) <= 1e-10)
        #expect(relativeError(g, derived["forgetGradient"] - 0.7 * derived["correction"]) <= 1e-12)
        #expect(relativeError(g, derived["forgetGradient"]) > 1e-3, "the similarity must matter")
    }

    @Test("∇²Φ·v is the derivative of ∇Φ along v, and ∇F is made of it", arguments: ObjectiveCase.all)
    func outerGradient(_ test: ObjectiveCase) throws {
        let derived = try DerivedObjective(test.model, test.similarity)
        let v = derived["gradient"]
        let penalty = try derived.moved { [("g", $0.penalty(test.similarity, .absolute(0)).gradient)] }
        let unit = (1 / norm(v)) * v
        let difference = norm(v) * derivative { t in penalty(t, unit)["g"] ?? [] }
        #expect(relativeError(derived["product"], difference) <= 1e-6)
        #expect(relativeError(derived["outer"], derived["retainGradient"] + 0.6 * derived["product"]) <= 1e-12)
        #expect(abs(derived["curvature"][0] - dot(v, derived["product"])) <= 1e-12 * norm(v) * norm(derived["product"]))
        // ∇F is the derivative of F = L_r + ρ‖∇Φ‖².
        let parts = try derived.moved { [("l", $0.retainLoss), ("g", $0.penalty(test.similarity, .absolute(0)).gradient)] }
        let outer = derived["outer"]
        let along = (1 / norm(outer)) * outer
        let slope = derivative { t in
            let values = parts(t, along)
            let g = values[of: "g"]
            return [(values["l"]?[0] ?? .nan) + 0.3 * dot(g, g)]
        }[0]
        #expect(abs(slope - norm(outer)) <= 1e-6 * norm(outer))
    }

    @Test("Hessians are symmetric: a·(H b) = b·(H a)", arguments: ObjectiveCase.all)
    func symmetry(_ test: ObjectiveCase) throws {
        let derived = try DerivedObjective(test.model, test.similarity)
        let a = randomVector(test.model.count, 21), b = randomVector(test.model.count, 22)
        for role in ["forget", "retain", "penalty"] {
            let left = dot(a, derived["\(role) b"]), right = dot(b, derived["\(role) a"])
            #expect(abs(left - right) <= 1e-10 * abs(left), "\(role)")
            #expect(norm(derived["\(role) a"]) > 1e-6)
        }
    }

    @Test("The positive cosine leaves gradients alone that point apart")
    func negativeSimilarity() throws {
        // The same row with two labels.
        let loss = Perceptron()
        let forget = ModelCase.labelled(loss, 1, seed: 5)
        let retain = LabelledBatch(features: forget.features, labels: [1])
        let model = ModelCase(
            "opposed", loss, theta: randomVector(loss.parameterCount, 3, 0.3), forget: forget, retain: retain)
        let derived = try DerivedObjective(model, .positiveCosine)
        try #require(derived["s"][0] < -0.01)
        #expect(derived["correction"].allSatisfy { $0 == 0 })
        #expect(derived["gradient"] == derived["forgetGradient"])
        #expect(norm(try DerivedObjective(model, .cosine)["correction"]) > 1e-3)
    }

    @Test("Scaling L_f leaves s and ĝ_f as they are and scales u_f by 1/c", arguments: [1e-3, 7.0, 1e4])
    func scaleInvariance(factor: Double) throws {
        let loss = Perceptron()
        let theta = randomVector(loss.parameterCount, 3, 0.7)
        let make = { (c: Double) in
            try DerivedObjective(
                ModelCase(
                    "scaled", Scaled(inner: loss, forget: c), theta: theta, forget: ModelCase.labelled(loss, 3, seed: 5),
                    retain: ModelCase.labelled(loss, 4, seed: 6)), .cosine)
        }
        let (plain, scaled) = (try make(1), try make(factor))
        let n = loss.parameterCount
        #expect(abs(plain["s"][0] - scaled["s"][0]) <= 1e-12)
        let unit = { (g: [Double]) in (1 / norm(g)) * g }
        #expect(relativeError(unit(scaled["forgetGradient"]), unit(plain["forgetGradient"])) <= 1e-12)
        #expect(relativeError(scaled["forgetGradient"], factor * plain["forgetGradient"]) <= 1e-12)
        #expect(relativeError(factor * Array(scaled["directions"][..<n]), Array(plain["directions"][..<n])) <= 1e-11)
        #expect(relativeError(Array(scaled["directions"][n...]), Array(plain["directions"][n...])) <= 1e-11)
        // So H_f·u_f + H_r·u_r = ∇s does not change either.
        #expect(relativeError(scaled["correction"], plain["correction"]) <= 1e-10)
    }

    @Test("Relative weights balance the two norms and are held fixed under differentiation")
    func relativeWeights() throws {
        let test = ModelCase.perceptron
        let objective = try test.objective(false)
        let penalty = objective.penalty(.cosine, .relative(0.3))
        let outer = OuterGradient(objective, penalty, differentiating: penalty.gradient, .relative(0.1))
        let results = evaluate(
            Plan([
                ("beta", penalty.beta), ("rho", outer.rho), ("f", objective.forgetGradient), ("r", objective.retainGradient),
                ("c", penalty.correction), ("product", outer.product),
            ]), test.bound(["beta": 0.3, "rho": 0.1]))
        let size = { (name: String) in norm(results[name] ?? []) }
        let beta = try #require(results["beta"]?[0]), rho = try #require(results["rho"]?[0])
        #expect(abs(beta - 0.3 * size("f") / size("c")) <= 1e-12 * beta)
        #expect(abs(rho - 0.1 * size("r") / (2 * size("product"))) <= 1e-12 * rho)
        // With β at that number but absolute, ∇²Φ·v is the same.
        let fixed = try test.objective(false)
        let same = fixed.penalty(.cosine, .absolute(0))
        let product = OuterGradient(fixed, same, differentiating: same.gradient, .absolute(0)).product
        let expected = evaluate(Plan([("product", product)]), test.bound(["beta": beta, "rho": 0.1]))
        #expect(relativeError(results[of: "product"], expected[of: "product"]) <= 1e-12)
    }
}

extension DeviceTests {
    @Suite("on the CPU and OpenCL")
    struct FloatTests {
        @Test("s, u, H·u, ∇Φ and ∇²Φ·v agree with float64", arguments: ObjectiveCase.all, Device.allCases)
        func floatDerivatives(_ test: ObjectiveCase, _ device: Device) throws {
            let derived = try DerivedObjective(test.model, test.similarity)
            let found = try run(derived.plan, on: device.backend(), derived.inputs)
            for name in ["s", "directions", "correction", "gradient", "product", "outer", "forget a", "retain b", "penalty a"] {
                #expect(relativeError(found[name] ?? [], derived[name]) <= 5e-3, "\(name)")
            }
        }

        @Test("CPU and OpenCL give the same ∇Φ and ∇F", arguments: ModelCase.families)
        func backendsAgree(_ model: ModelCase) throws {
            let options = ObjectiveOptions(similarity: .cosine, beta: .absolute(0), rho: .absolute(0), saturates: false)
            for plan in [ObjectivePlan.penalty(keepsCorrection: false), .outer, .outerForgetOnly] {
                let compiled = try model.plan(plan, options)
                let inputs = model.bound(["beta": 0.7, "rho": 0.3])
                let cpu = try run(compiled, on: Device.cpu.backend(), inputs)["direction"] ?? []
                let openCL = try run(compiled, on: Device.openCL.backend(), inputs)["direction"] ?? []
                #expect(relativeError(openCL, cpu) <= 1e-4, "\(plan)")
                #expect(relativeError(cpu, evaluate(compiled, inputs)["direction"] ?? []) <= 5e-3, "\(plan)")
            }
        }

        @Test("Values that are computed again rather than kept change no bit", arguments: ModelCase.families)
        func recomputes(_ model: ModelCase) throws {
            let options = ObjectiveOptions(similarity: .cosine, beta: .absolute(0), rho: .absolute(0), saturates: false)
            let inputs = model.bound(["beta": 0.7, "rho": 0.3])
            for plan in [ObjectivePlan.penalty(keepsCorrection: false), .outer] {
                let kept = try model.plan(plan, options, recomputingAfter: .max)
                let recomputed = try model.plan(plan, options, recomputingAfter: 0)
                #expect(recomputed.calls.count > kept.calls.count)
                let expected = try run(kept, on: Device.cpu.backend(), inputs)["direction"] ?? []
                #expect(!expected.isEmpty)
                #expect(try run(recomputed, on: Device.cpu.backend(), inputs)["direction"] == expected, "\(plan)")
            }
        }
    }
}
