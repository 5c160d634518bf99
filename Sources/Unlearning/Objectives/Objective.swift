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
    /// The flat moving parameters θ, shape [P].
    package let parameters: Node
    /// Loss of each example, shapes [forget batch] and [retain batch].
    package let forgetLosses: Node
    package let retainLosses: Node
    /// What counts of each forget example: its loss with every term up to the cap, where there is one.
    package let countedLosses: Node
    /// L_f as it is ascended, and L_r: scalars.
    package let forgetLoss: Node
    package let retainLoss: Node
    /// g_f and g_r, shape [P].
    package let forgetGradient: Node
    package let retainGradient: Node

    /// - Parameters:
    ///   - saturates: take min(cᵢ, αᵢ) with αᵢ from the input "forget.targets", shape [forget batch].
    ///   - capsTerms: count every term of a forget example up to the input "forget.cap", a scalar.
    ///   - method: whose forget objective is climbed.
    package init<Loss: ExampleLoss>(
        _ loss: Loss, forget: BatchShape, retain: BatchShape, saturates: Bool, capsTerms: Bool = false,
        method: UnlearningMethod = .ofmu
    ) throws(GraphError) {
        let graph = ComputationGraph()
        let parameters = try graph.input("theta", .real, [loss.parameterCount])
        let forgetLosses = try graph.part("forget loss") { () throws(GraphError) in
            try loss.losses(parameters, forget, role: "forget")
        }
        let cap = capsTerms ? try graph.input("forget.cap", .real, []) : nil
        // Without a cap these are the same nodes.
        let countedLosses = try graph.part("forget loss") { () throws(GraphError) in
            try loss.losses(parameters, forget, role: "forget", termCap: cap)
        }
        let targets = saturates ? try graph.input("forget.targets", .real, forgetLosses.shape) : nil
        let forgetLoss = try method.forget.value(
            ForgetScores(counted: countedLosses, plain: forgetLosses, targets: targets, role: "forget"))
        let forgetGradient = try Graph.gradient(of: forgetLoss, parameters)
        let retainLosses = try graph.part("retain loss") { () throws(GraphError) in
            try loss.losses(parameters, retain, role: "retain")
        }
        let retainLoss = try retainLosses.mean()
        self.graph = graph
        self.parameters = parameters
        self.forgetLosses = forgetLosses
        self.countedLosses = countedLosses
        self.forgetLoss = forgetLoss
        self.forgetGradient = forgetGradient
        self.retainLosses = retainLosses
        self.retainLoss = retainLoss
        retainGradient = try Graph.gradient(of: retainLoss, parameters)
    }

    /// (g_f·g_f, g_f·g_r, g_r·g_r), shape [3], in one pass.
    package func dots() throws(GraphError) -> Node { try graph.node(SimilarityDots(), [forgetGradient, retainGradient]) }

    /// The penalty part of Φ.
    /// - Parameter accumulates: fold an absolute β into the directions; see `Penalty.correction`.
    package func penalty(_ similarity: Similarity, _ weight: Weight, accumulates: Bool = false) throws(GraphError) -> Penalty {
        try Penalty(self, similarity, weight, accumulates: accumulates)
    }

    /// Φ itself, for tests that differentiate it by reverse mode.
    package func value(_ similarity: Similarity) throws(GraphError) -> Node {
        let (s, _) = try similarity.directions(dots())
        return try forgetLoss - graph.input("beta", .real, []) * similarity.penalty(s)
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

    init(_ objective: Objective, _ kind: Similarity, _ weight: Weight, accumulates: Bool) throws(GraphError) {
        let (graph, theta) = (objective.graph, objective.parameters)
        let dots = try objective.dots()
        let (similarity, unscaled) = try kind.directions(dots)
        var coefficients = unscaled
        let folded: Node?
        if accumulates, case .absolute = weight {
            let beta = try graph.input("beta", .real, [])
            coefficients = try coefficients * beta.scaled(by: -1)
            folded = beta
        } else {
            folded = nil
        }
        let directions = try graph.node(
            SimilarityDirections(), [objective.forgetGradient, objective.retainGradient, coefficients])
        let row = { (index: Int) throws(GraphError) in
            try directions.slice(at: [index, 0], shape: [1, theta.count]).reshaped(to: theta.shape)
        }
        let forget = try hessianVectorProduct(objective.forgetGradient, theta, row(0))
        let correction = try forget + hessianVectorProduct(objective.retainGradient, theta, row(1))
        self.similarity = similarity
        self.directions = directions
        self.correction = correction
        if let folded {
            beta = folded
            // One addition of flat vectors, not part by part: the planner takes it apart.
            gradient = try graph.node(Binary(function: .add), [objective.forgetGradient, correction])
        } else {
            beta = try weight.node("beta", dots.element(0), over: correction.dot(correction), graph)
            gradient = try combine(graph.scalar(1), objective.forgetGradient, beta.scaled(by: -1), correction)
        }
    }
}
