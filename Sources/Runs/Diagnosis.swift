import Backends
import Data
import Graph
import Inference
import Models
import Unlearning

/// The derivatives of one forget batch and one retain batch, and what they say about how hard forgetting will be.
package struct Diagnosis {
    /// The four flat vectors, as in arXiv 2509.22483.
    package struct Vectors {
        package var forgetGradient: [Float]
        package var retainGradient: [Float]
        /// ∇Φ
        package var penaltyGradient: [Float]
        /// ∇²Φ·v with v = ∇Φ
        package var product: [Float]
    }

    /// Inner products of g_f and g_r over some of the parameters.
    package struct Part {
        package var name: String
        package var forgetSquare = 0.0
        package var cross = 0.0
        package var retainSquare = 0.0

        package var forgetNorm: Double { forgetSquare.squareRoot() }
        package var retainNorm: Double { retainSquare.squareRoot() }
        /// Zero where a gradient vanishes.
        package var cosine: Double {
            let product = forgetNorm * retainNorm
            return product > 0 ? cross / product : 0
        }
    }

    package var forgetLoss: Double
    package var retainLoss: Double
    /// β as used: a relative one has been multiplied out.
    package var beta: Double
    package var vectors: Vectors
    package var whole: Part
    package var layers: [Part]
    package var penaltyNorm: Double
    /// v·∇²Φ·v / ‖v‖² along v = ∇Φ.
    package var curvature: Double

    /// - Throws: `ModelError.notFinite` naming the first number that is not.
    package func check() throws(ModelError) {
        let numbers = [
            ("loss on the forget batch", forgetLoss), ("loss on the retain batch", retainLoss),
            ("forget gradient", whole.forgetNorm), ("retain gradient", whole.retainNorm), ("gradient of Phi", penaltyNorm),
            ("curvature of Phi", curvature),
        ]
        if let (name, _) = numbers.first(where: { !$0.1.isFinite }) { throw .notFinite("The \(name) is not finite") }
    }

    package init(
        _ session: LanguageModelSession, forget: TokenBatch, retain: TokenBatch, similarity: Similarity, beta: Weight
    ) throws {
        let loss = session.loss
        let objective = try Objective(loss, forget: forget.shape, retain: retain.shape, saturates: false)
        let penalty = objective.penalty(similarity, beta)
        let outer = OuterGradient(objective, penalty, differentiating: penalty.gradient, .absolute(0))
        let plan = Plan([
            ("forgetLoss", objective.forgetLoss), ("retainLoss", objective.retainLoss), ("beta", penalty.beta),
            ("g_f", objective.forgetGradient), ("g_r", objective.retainGradient), ("grad_phi", penalty.gradient),
            ("hessian_phi_v", outer.product),
        ])
        let runner = try PlanRunner(plan, on: session.backend, shared: session.parameters)
        var inputs = loss.inputs(forget, role: "forget")
        inputs.merge(loss.inputs(retain, role: "retain")) { first, _ in first }
        inputs["beta"] = .real([Float(beta.value)])
        try runner.run(inputs)
        func scalar(_ name: String) throws -> Double { Double(try runner.read(name).first ?? .nan) }
        forgetLoss = try scalar("forgetLoss")
        retainLoss = try scalar("retainLoss")
        // A plan's output that is an input all the same comes back as it went in.
        self.beta = try scalar("beta")
        vectors = Vectors(
            forgetGradient: try runner.read("g_f"), retainGradient: try runner.read("g_r"),
            penaltyGradient: try runner.read("grad_phi"), product: try runner.read("hessian_phi_v"))
        whole = Self.part("all", vectors, 0..<session.split.trainable.count)
        layers = Self.layers(session.split.trainable, vectors)
        let square = Self.dot(vectors.penaltyGradient, vectors.penaltyGradient)
        penaltyNorm = square.squareRoot()
        curvature = square > 0 ? Self.dot(vectors.penaltyGradient, vectors.product) / square : 0
    }

    /// The parameters grouped by layer, in the order of the flat vector; what belongs to no layer goes by its own name.
    private static func layers(_ layout: ParameterLayout, _ vectors: Vectors) -> [Part] {
        var parts: [Part] = []
        for entry in layout.entries {
            let one = part(group(entry.name), vectors, entry.range)
            if let known = parts.firstIndex(where: { $0.name == one.name }) {
                parts[known].forgetSquare += one.forgetSquare
                parts[known].cross += one.cross
                parts[known].retainSquare += one.retainSquare
            } else {
                parts.append(one)
            }
        }
        return parts
    }

    private static func group(_ name: String) -> String {
        let pieces = name.split(separator: ".")
        if let number = pieces.first(where: { Int($0) != nil }) { return "layer \(number)" }
        return name.hasSuffix(".weight") ? String(name.dropLast(7)) : name
    }

    private static func part(_ name: String, _ vectors: Vectors, _ range: Range<Int>) -> Part {
        var part = Part(name: name)
        for index in range {
            let f = Double(vectors.forgetGradient[index]), r = Double(vectors.retainGradient[index])
            part.forgetSquare += f * f
            part.cross += f * r
            part.retainSquare += r * r
        }
        return part
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += Double(a[index]) * Double(b[index]) }
        return sum
    }
}
