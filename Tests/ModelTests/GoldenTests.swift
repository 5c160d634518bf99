import Backends
import Graph
import Models
import Testing

@Suite("Models agree with transformers")
struct GoldenTests {
    /// Logits of every position, the loss, its gradient and a Hessian-vector product in one plan.
    static func plan(_ golden: Golden) -> Plan {
        let graph = ComputationGraph()
        let theta = graph.input("theta", .real, [golden.loaded.split.trainable.count])
        let shape = golden.batch.shape
        let weights = WeightNodes(golden.loaded.split, trainable: theta)
        let ids = graph.input("b.ids", .index, [shape.examples * shape.length])
        let tokens = TokenNodes(causal: ids, batch: shape.examples, length: shape.length)
        let logits = golden.model.logits(weights, golden.model.hidden(weights, tokens, cache: nil))
        let losses = golden.loss.losses(theta, shape, role: "b")
        let loss = losses.sum().scaled(by: 1 / Double(shape.examples))
        let slope = gradient(of: loss, theta)
        let product = hessianVectorProduct(slope, theta, graph.input("u", .real, theta.shape))
        return Plan([("logits", logits), ("loss", loss), ("grad", slope), ("hvp", product)])
    }

    static func check(_ golden: Golden, _ results: [String: [Double]], logits: Double, derivatives: Double) throws {
        let shape = golden.batch.shape
        let length = golden.examples[0].ids.count, vocabulary = golden.model.dimensions.vocabulary
        let all = try #require(results["logits"])
        // Padding is left out.
        let found = (0..<shape.examples).flatMap { example in
            all[(example * shape.length * vocabulary)...].prefix(length * vocabulary)
        }
        let error = relativeError(found, try golden.real("logits"))
        #expect(error <= logits, "logits")
        #expect(relativeError(try #require(results["loss"]), try golden.real("loss")) <= logits, "loss")
        for kind in ["grad", "hvp"] {
            let flat = try #require(results[kind])
            for entry in golden.loaded.split.trainable.entries {
                let error = relativeError(Array(flat[entry.range]), try golden.real("\(kind)/\(entry.name)"))
                #expect(error <= derivatives, "\(kind)/\(entry.name)")
            }
        }
    }

    @Test("every family of the registry among them")
    func families() throws {
        #expect(
            try Set(Golden.names.map { try Golden($0).model.architecture })
                == Set(ModelFamilies.all.filter { $0 is any DecoderFamily }.map(\.name)))
    }

    @Test("in float64: logits, loss, gradient and Hessian-vector product", arguments: Golden.names)
    func reference(name: String) throws {
        let golden = try Golden(name)
        let plan = Self.plan(golden)
        let u = try golden.flat("u", golden.loaded.split.trainable)
        let results = plan.program.evaluate(golden.inputs(role: "b", ["u": u])).mapValues(\.values)
        try Self.check(golden, results, logits: 1e-6, derivatives: 1e-5)
    }
}
