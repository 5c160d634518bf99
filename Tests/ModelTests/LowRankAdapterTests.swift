import Backends
import Data
import Graph
import Inference
import Models
import Testing

@Suite("Low-rank adapters")
struct LowRankAdapterTests {
    /// A golden model with adapters whose B is not zero.
    static func adapted(_ name: String, _ targets: [String]) throws -> Golden {
        try Golden(name, trainable: .lora(LowRankAdapter(rank: 3, alpha: 5, targets: targets)))
    }

    static func shaken(_ golden: Golden) -> [Double] {
        var random = SeededRandom(seed: 5)
        return golden.loaded.trainable.map { Double($0 + Float(0.2 * random.normalPair().0)) }
    }

    /// The losses of the golden batch in float64.
    static func losses(_ golden: Golden, _ theta: [Double]) throws -> [Double] {
        let graph = ComputationGraph()
        let losses = golden.loss.losses(graph.input("theta", .real, [theta.count]), golden.batch.shape, role: "b")
        let plan = Plan([("losses", losses)])
        return try #require(plan.program.evaluate(golden.inputs(role: "b", ["theta": theta]))["losses"]).values
    }

    @Test("change nothing at first", arguments: ["llama-tied", "gpt2"])
    func startsAtModel(name: String) throws {
        let golden = try Self.adapted(name, [])
        let losses = try Self.losses(golden, golden.loaded.trainable.map(Double.init))
        #expect(relativeError([losses.reduce(0, +) / 2], try golden.real("loss")) <= 1e-6)
    }

    @Test("have the gradient that finite differences have", arguments: ["llama-tied", "gpt2"])
    func gradientByDifferences(name: String) throws {
        let golden = try Self.adapted(name, name == "gpt2" ? ["c_attn", "c_fc"] : ["q_proj", "layers.1.mlp"])
        let theta = Self.shaken(golden)
        let graph = ComputationGraph()
        let input = graph.input("theta", .real, [theta.count])
        let total = golden.loss.losses(input, golden.batch.shape, role: "b").sum()
        let plan = Plan([("grad", gradient(of: total, input))])
        let slope = try #require(plan.program.evaluate(golden.inputs(role: "b", ["theta": theta]))["grad"]).values
        // Along a few random directions, so that every factor takes part.
        var random = SeededRandom(seed: 9)
        for _ in 0..<3 {
            let direction = theta.map { _ in random.normalPair().0 }
            let at = { (step: Double) in
                try Self.losses(golden, zip(theta, direction).map { $0 + step * $1 }).reduce(0, +)
            }
            let measured = try (at(1e-5) - at(-1e-5)) / 2e-5
            let expected = zip(slope, direction).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(measured - expected) <= 1e-6 * max(1, abs(expected)))
        }
    }

    @Test("merge into weights that give the same losses", arguments: ["llama-tied", "qwen2", "gpt2"])
    func merge(name: String) throws {
        let golden = try Self.adapted(name, [])
        var adapted = golden.loaded
        adapted.trainable = Self.shaken(golden).map(Float.init)
        let expected = try Self.losses(golden, adapted.trainable.map(Double.init))
        let merged = try LoadedModel(
            model: adapted.model, split: ParameterSplit(adapted.model.specifications, .all),
            trainable: adapted.model.specifications.flatMap { adapted.merged($0) }, frozen: [], configuration: adapted.configuration,
            source: nil)
        let plain = try Golden(name)
        #expect(relativeError(try Self.losses(plain, merged.trainable.map(Double.init)), expected) <= 1e-5)
        #expect(relativeError(try Self.losses(plain, plain.loaded.trainable.map(Double.init)), expected) > 1e-3)

        let evaluated = { (model: LoadedModel) in
            try LossEvaluator(LanguageModelSession(model, on: CPUBackend())).losses(golden.batch).map(Double.init)
        }
        #expect(relativeError(try evaluated(adapted), expected) <= 1e-4)
        #expect(relativeError(try evaluated(merged), expected) <= 1e-4)
    }
}
