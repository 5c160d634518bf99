import Data
import Graph
import Inference
import Models

/// The quantities of OFMU (arXiv 2509.22483) on one forget batch and one retain batch, as nodes of one graph.
///
/// Everything is a transform of the two losses: gradients by reverse mode, H·u by forward-over-reverse on the same pass, ∇Φ from
/// both, and ∇²Φ·v as the pushforward of ∇Φ. Unused nodes cost nothing: a plan contains only what its outputs need.
package struct Objective {
    package let graph: ComputationGraph
    /// The flat trainable parameters θ, shape [P].
    package let parameters: Node
    /// Loss of each example, shapes [forget batch] and [retain batch].
    package let forgetLosses: Node
    package let retainLosses: Node
    /// What counts of each forget example: its loss with every term up to the cap, where there is one.
    package let countedLosses: Node
    /// Of each forget example the loss of a model that never saw it; nil where targets are no such losses.
    package let referenceTargets: Node?
    /// L_f as it is ascended, and L_r: scalars.
    package let forgetLoss: Node
    package let retainLoss: Node
    /// g_f and g_r, shape [P].
    package let forgetGradient: Node
    package let retainGradient: Node
    /// What layers are to keep of the retain batch; see `ExampleScores`.
    let kept: Node?

    /// - Parameters:
    ///   - alternative: the shape of the batch of alternatives, one to each forget example; nil where the method asks for none.
    ///   - saturates: take min(cᵢ, αᵢ) with αᵢ from the input "forget.targets", shape [forget batch].
    ///   - hasReferenceTargets: "forget.targets" are shares of the losses that a model has which never saw the examples.
    ///   - capsTerms: count every term of a forget example up to the input "forget.cap", a scalar.
    ///   - method: whose forget objective is climbed and whose retain objective is descended.
    /// - Throws: `UnlearningError.setting` for a loss that has not what an objective looks at.
    package init<Loss: ExampleLoss>(
        _ loss: Loss, forget: BatchShape, retain: BatchShape, alternative: BatchShape? = nil, saturates: Bool, capsTerms: Bool = false,
        hasReferenceTargets: Bool = false, method: UnlearningMethod = .ofmu
    ) throws(UnlearningError) {
        let graph = ComputationGraph()
        let parameters = graph.input("theta", .real, [loss.parameterCount])
        let scores = { (shape: BatchShape, role: String) in
            graph.part("\(role) loss") { loss.scores(parameters, shape, role: role) }
        }
        let forgetScores = scores(forget, "forget")
        let alternatives = alternative.map { RoleScores(scores($0, "alternative"), role: "alternative") }
        let forgetLosses = graph.part("forget loss") { forgetScores.losses }
        let terms =
            capsTerms
            ? forgetScores.terms.minimum(graph.input("forget.cap", .real, []).broadcast(to: forgetScores.terms.shape))
            : forgetScores.terms
        // Without a cap these are the same nodes.
        let countedLosses = graph.part("forget loss") { forgetScores.means(terms) }
        let plain = RoleScores(forgetScores, role: "forget")
        let targets = saturates ? graph.input("forget.targets", .real, forgetLosses.shape) : nil
        let reference = hasReferenceTargets ? try plain.referenceTerms() : nil
        let forgetLoss = try method.forget.value(
            ForgetScores(
                plain, counted: countedLosses, targets: targets.map { ForgetTargets($0, of: plain, reference: reference) },
                alternative: alternatives))
        let forgetGradient = Graph.gradient(of: forgetLoss, parameters)
        let retainScores = RoleScores(scores(retain, "retain"), role: "retain")
        kept = retainScores.now.kept
        let retainLosses = graph.part("retain loss") { retainScores.losses }
        let retainLoss = try (method.retain ?? CrossEntropyDescent()).value(RetainScores(retainScores, alternative: alternatives))
        self.graph = graph
        self.parameters = parameters
        self.forgetLosses = forgetLosses
        self.countedLosses = countedLosses
        referenceTargets = reference.map { forgetScores.means($0) }
        self.forgetLoss = forgetLoss
        self.forgetGradient = forgetGradient
        self.retainLosses = retainLosses
        self.retainLoss = retainLoss
        retainGradient = Graph.gradient(of: retainLoss, parameters)
    }

    /// (g_f·g_f, g_f·g_r, g_r·g_r), shape [3], in one pass.
    package func dots() -> Node { graph.node(SimilarityDots(), [forgetGradient, retainGradient]) }

    /// ∇(θ·g_r)² = 2(θ·g_r)·(g_r + H_r·θ): the derivative, by a scalar w at 1, of L_r at w·θ is θ·g_r.
    package func invarianceGradient() -> Node {
        let slope = parameters.dot(retainGradient).scaled(by: 2)
        return combine(slope, retainGradient, plus: slope, hessianVectorProduct(retainGradient, parameters, parameters))
    }

    /// The penalty part of Φ.
    /// - Parameter accumulates: fold an absolute β into the directions; see `Penalty.correction`.
    package func penalty(_ similarity: Similarity, _ weight: Weight, accumulates: Bool = false) -> Penalty {
        Penalty(self, similarity, weight, accumulates: accumulates)
    }

    /// Φ itself, for tests that differentiate it by reverse mode.
    package func value(_ similarity: Similarity) -> Node {
        let (s, _) = similarity.directions(dots())
        return forgetLoss - graph.input("beta", .real, []) * similarity.penalty(s)
    }
}

/// ∇Φ = g_f − β·(H_f·u_f + H_r·u_r) and what it is made of.
package struct Penalty {
    /// s = cos(g_f, g_r), a scalar.
    package let similarity: Node
    /// The rows u_f and u_r, shape [2, P]; times −β if it accumulates.
    package let directions: Node
    /// H_f·u_f + H_r·u_r, shape [P]; times −β if it accumulates. Then ∇Φ is g_f plus this, and the kernels that compute this can
    /// add to g_f where it lies, so that it never has memory of its own.
    package let correction: Node
    /// β, a scalar.
    package let beta: Node
    /// ∇Φ, shape [P].
    package let gradient: Node

    init(_ objective: Objective, _ kind: Similarity, _ weight: Weight, accumulates: Bool) {
        let (graph, theta) = (objective.graph, objective.parameters)
        let dots = objective.dots()
        let (similarity, unscaled) = kind.directions(dots)
        var coefficients = unscaled
        let folded: Node?
        if accumulates, case .absolute = weight {
            let beta = graph.input("beta", .real, [])
            coefficients = coefficients * beta.scaled(by: -1)
            folded = beta
        } else {
            folded = nil
        }
        let directions = graph.node(
            SimilarityDirections(), [objective.forgetGradient, objective.retainGradient, coefficients])
        let row = { (index: Int) in
            directions.slice(at: [index, 0], shape: [1, theta.count]).reshaped(to: theta.shape)
        }
        let forget = hessianVectorProduct(objective.forgetGradient, theta, row(0))
        let correction = forget + hessianVectorProduct(objective.retainGradient, theta, row(1))
        self.similarity = similarity
        self.directions = directions
        self.correction = correction
        if let folded {
            beta = folded
            // One addition of flat vectors, not part by part: the planner takes it apart.
            gradient = graph.node(Binary(function: .add), [objective.forgetGradient, correction])
        } else {
            beta = weight.node("beta", dots.element(0), over: correction.dot(correction), graph)
            gradient = combine(graph.scalar(1), objective.forgetGradient, plus: beta.scaled(by: -1), correction)
        }
    }
}
