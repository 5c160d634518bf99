import Data
import Graph
import Inference
import Models

/// The plans a run replays; each is compiled once per pair of batch shapes.
package enum ObjectivePlan: Hashable, Sendable {
    /// L_f alone, without derivatives.
    case forgetLoss
    /// L_r alone.
    case retainLoss
    /// g_f alone: "forgetGradient".
    case forgetGradient
    /// g_r alone: "retainGradient".
    case retainGradient
    /// g_f and g_r.
    case gradients
    /// The same, and ∇(θ·g_r)² ("invarianceGradient").
    case invariance
    /// g_f, g_r and u_f, u_r ("directions"), from which the cheaper forms take differences.
    case directions
    /// ∇Φ ("direction"); with `keepsCorrection` also H_f·u_f + H_r·u_r ("correction").
    case penalty(keepsCorrection: Bool)
    /// ∇F ("direction").
    case outer
    /// ∇F with H_f·v in place of ∇²Φ·v ("direction").
    case outerForgetOnly

    /// Cost in gradient-equivalents: 1 is one forward and one backward pass over one batch. In units of one forward pass a gradient
    /// is 3, an exact Hessian-vector product on a kept gradient pass 6, and the mixed second tangent in ∇²Φ·v 12.
    package var gradientEquivalents: Double {
        switch self {
        case .forgetLoss, .retainLoss: 1.0 / 3
        case .forgetGradient, .retainGradient: 1
        case .gradients, .directions: 2
        case .invariance: 4
        case .penalty: 6
        case .outer: 18
        case .outerForgetOnly: 8
        }
    }

    /// The same with the batches of alternatives that a side's objective looks at, each as dear as the batch beside it.
    package func gradientEquivalents(_ method: UnlearningMethod) -> Double {
        let forgetShare: Double =
            switch self {
            case .forgetLoss, .retainLoss: 0
            case .forgetGradient, .gradients, .invariance, .directions: 1
            case .retainGradient: 0
            case .penalty: 3
            case .outer: 9
            case .outerForgetOnly: 5
            }
        let retainShare = usesRetain && self != .retainLoss ? gradientEquivalents - forgetShare : 0
        return gradientEquivalents + (method.forget.needs.alternatives ? forgetShare : 0)
            + (method.retain?.needs.alternatives == true ? retainShare : 0)
    }

    /// Whether all it gives is a mean over examples or a product of such means, so that a batch can be computed in parts.
    var isFirstOrder: Bool {
        switch self {
        case .forgetLoss, .retainLoss, .forgetGradient, .retainGradient, .gradients: true
        case .invariance, .directions, .penalty, .outer, .outerForgetOnly: false
        }
    }

    /// Whether the plan looks at the forget batch, and whether at the retain batch.
    var usesForget: Bool { self != .retainGradient && self != .retainLoss }
    var usesRetain: Bool { self != .forgetGradient && self != .forgetLoss }

    /// Whether it looks at other answers to the forget batch's questions.
    func usesAlternative(_ method: UnlearningMethod) -> Bool {
        switch self {
        case .forgetLoss, .retainLoss: false
        default: (usesForget && method.forget.needs.alternatives) || (usesRetain && method.retain?.needs.alternatives == true)
        }
    }

    /// Names of the entries of the output "report", a flat tensor.
    package enum Entry: Int, CaseIterable, Sendable {
        case forgetLoss, retainLoss, forgetSquare, cross, retainSquare, parameterSquare, directionSquare, similarity, beta, penaltySquare
        case curvature, rho
    }
}

/// Settings that shape the graphs.
package struct ObjectiveOptions: Hashable, Sendable {
    package var similarity: Similarity
    package var beta: Weight
    package var rho: Weight
    package var saturates: Bool
    package var capsTerms: Bool
    /// Whether targets are shares of a reference's losses.
    package var hasReferenceTargets: Bool
    /// Whose forget objective is climbed.
    package var method: UnlearningMethod

    package init(
        similarity: Similarity = .cosine, beta: Weight, rho: Weight, saturates: Bool, capsTerms: Bool = false,
        hasReferenceTargets: Bool = false, method: UnlearningMethod = .ofmu
    ) {
        self.hasReferenceTargets = hasReferenceTargets
        self.method = method
        self.similarity = similarity
        self.beta = beta
        self.rho = rho
        self.saturates = saturates
        self.capsTerms = capsTerms
    }
}

extension ObjectivePlan {
    /// The output of what layers keep of a batch.
    static let keptName = "kept"

    /// Compiles the plan.
    ///
    /// Inputs: "theta" [P], the batches' inputs under "forget." and "retain.", "forget.targets" where losses saturate, and the scalars
    /// "forget.cap", "beta" and "rho" where used. Outputs: "report" (see `Entry`), "forgetLosses" (as they count), "forgetTargets" where they
    /// are a reference's losses, "retainLosses", and those named by the case.
    /// - Parameters:
    ///   - alternative: of the batch of alternatives; nil where there is none.
    ///   - distance: see `Plan`.
    /// - Throws: `UnlearningError.setting` for a loss that has not what an objective looks at.
    package func compile<Loss: ExampleLoss>(
        _ loss: Loss, forget: BatchShape, retain: BatchShape, alternative: BatchShape? = nil, _ options: ObjectiveOptions,
        recomputingAfter distance: Int = Plan.recomputingDistance
    ) throws(UnlearningError) -> Plan {
        // A batch that the plan does not look at may be empty; its part of the graph is never compiled.
        let objective = try Objective(
            loss, forget: usesForget ? forget : retain, retain: usesRetain ? retain : forget, alternative: alternative ?? forget,
            saturates: options.saturates, capsTerms: options.capsTerms, hasReferenceTargets: options.hasReferenceTargets,
            method: options.method)
        var report = Report(objective)
        var outputs: [(name: String, node: Node)] = []
        var donating: [String: String] = [:]
        if usesForget {
            outputs.append(("forgetLosses", objective.countedLosses))
            if self != .forgetLoss, let targets = objective.referenceTargets { outputs.append(("forgetTargets", targets)) }
            report[.forgetLoss] = objective.forgetLosses.sum().scaled(by: 1 / Double(forget.examples))
        }
        if usesRetain {
            outputs.append(("retainLosses", objective.retainLosses))
            report[.retainLoss] = objective.retainLosses.sum().scaled(by: 1 / Double(retain.examples))
        }
        report[.parameterSquare] = objective.parameters.dot(objective.parameters)
        switch self {
        case .forgetLoss, .retainLoss: break
        case .forgetGradient:
            report[.forgetSquare] = objective.forgetGradient.dot(objective.forgetGradient)
            outputs.append(("forgetGradient", objective.forgetGradient))
        case .retainGradient:
            report[.retainSquare] = objective.retainGradient.dot(objective.retainGradient)
            outputs.append(("retainGradient", objective.retainGradient))
            // Where it is read from: what is kept of one batch is there for the next.
            if let kept = objective.kept {
                outputs.append((Self.keptName, kept))
                donating[Self.keptName] = WeightNodes.frozenName
            }
        case .gradients, .invariance, .directions:
            let dots = objective.dots()
            let (similarity, coefficients) = options.similarity.directions(dots)
            report.add(dots)
            report[.similarity] = similarity
            outputs.append(("forgetGradient", objective.forgetGradient))
            outputs.append(("retainGradient", objective.retainGradient))
            if self == .invariance { outputs.append(("invarianceGradient", objective.invarianceGradient())) }
            if self == .directions {
                let pair = [objective.forgetGradient, objective.retainGradient, coefficients]
                outputs.append(("directions", objective.graph.node(SimilarityDirections(), pair)))
            }
        case .penalty(let keepsCorrection):
            let penalty = objective.penalty(options.similarity, options.beta, accumulates: !keepsCorrection)
            report.add(penalty, objective)
            report[.directionSquare] = penalty.gradient.dot(penalty.gradient)
            outputs.append(("direction", penalty.gradient))
            if keepsCorrection { outputs.append(("correction", penalty.correction)) }
        case .outer, .outerForgetOnly:
            let penalty = objective.penalty(options.similarity, options.beta)
            report.add(penalty, objective)
            let differentiated = self == .outer ? penalty.gradient : objective.forgetGradient
            let outer = OuterGradient(objective, penalty, differentiating: differentiated, options.rho)
            report[.curvature] = outer.curvature
            report[.rho] = outer.rho
            report[.directionSquare] = outer.gradient.dot(outer.gradient)
            outputs.append(("direction", outer.gradient))
        }
        outputs.append(("report", report.node()))
        return Plan(outputs, donating: donating, recomputingAfter: distance)
    }
}

extension ObjectivePlan {
    /// What an objective's plans may ask for beside the batches.
    package struct Scalars: Hashable, Sendable {
        /// What losses saturate at, in nats or as a share of a reference's; nil where they do not.
        package var target: Double?
        /// What terms count up to; nil where they are not capped.
        package var cap: Double?
        package var beta: Double
        package var rho: Double
        package init(target: Double? = nil, cap: Double? = nil, beta: Double = 0, rho: Double = 0) {
            self.target = target
            self.cap = cap
            self.beta = beta
            self.rho = rho
        }
    }

    /// The data for the inputs that the compiled plan has besides "theta", and for no others.
    package func inputs<Loss: ExampleLoss>(
        _ loss: Loss, forget: Loss.Batch, retain: Loss.Batch, _ scalars: Scalars
    ) -> [String: HostInput] {
        var inputs: [String: HostInput] = [:]
        if usesForget {
            inputs = loss.inputs(forget, role: "forget")
            if let cap = scalars.cap { inputs["forget.cap"] = .real([Float(cap)]) }
            // The losses themselves are reported as they are; the objective only matters to their gradient.
            if self != .forgetLoss, let target = scalars.target {
                inputs["forget.targets"] = .real([Float](repeating: Float(target), count: loss.shape(of: forget).examples))
            }
        }
        if usesRetain { inputs.merge(loss.inputs(retain, role: "retain")) { first, _ in first } }
        if usesPenalty { inputs["beta"] = .real([Float(scalars.beta)]) }
        if self == .outer || self == .outerForgetOnly { inputs["rho"] = .real([Float(scalars.rho)]) }
        return inputs
    }

    private var usesPenalty: Bool {
        switch self {
        case .penalty, .outer, .outerForgetOnly: true
        case .forgetLoss, .retainLoss, .forgetGradient, .retainGradient, .gradients, .invariance, .directions: false
        }
    }
}

/// ∇F = g_r + 2ρ·∇²Φ·v with v = ∇Φ.
package struct OuterGradient {
    /// ∇²Φ·v, shape [P].
    package let product: Node
    /// v·∇²Φ·v, a scalar; divided by ‖v‖² it is the curvature of Φ along v.
    package let curvature: Node
    package let rho: Node
    package let gradient: Node

    /// - Parameter differentiated: the gradient whose derivative along v is taken: ∇Φ, or g_f for the cheaper form.
    package init(_ objective: Objective, _ penalty: Penalty, differentiating differentiated: Node, _ weight: Weight) {
        let v = penalty.gradient
        product = hessianVectorProduct(differentiated, objective.parameters, v)
        curvature = v.dot(product)
        rho = weight.node(
            "rho", objective.dots().element(2), over: product.dot(product).scaled(by: 4), objective.graph)
        gradient = combine(objective.graph.scalar(1), objective.retainGradient, plus: rho.scaled(by: 2), product)
    }
}

/// Gathers scalars into one flat output, so that a step reads the device once.
private struct Report {
    private let graph: ComputationGraph
    private var entries: [ObjectivePlan.Entry: Node] = [:]

    init(_ objective: Objective) { graph = objective.graph }

    subscript(_ entry: ObjectivePlan.Entry) -> Node? {
        get { entries[entry] }
        set { entries[entry] = newValue }
    }

    mutating func add(_ dots: Node) {
        for (entry, index) in [(ObjectivePlan.Entry.forgetSquare, 0), (.cross, 1), (.retainSquare, 2)] {
            entries[entry] = dots.element(index)
        }
    }

    mutating func add(_ penalty: Penalty, _ objective: Objective) {
        add(objective.dots())
        entries[.similarity] = penalty.similarity
        entries[.beta] = penalty.beta
        entries[.penaltySquare] = penalty.gradient.dot(penalty.gradient)
    }

    func node() -> Node {
        var parts: [([Int], Node)] = []
        // In the order of entries, not of the dictionary: the same plan every time.
        for entry in ObjectivePlan.Entry.allCases {
            if let node = entries[entry] { parts.append(([entry.rawValue], node.reshaped(to: [1]))) }
        }
        return graph.assemble(parts, shape: [ObjectivePlan.Entry.allCases.count])
    }
}
