import Backends
import Graph
import Inference
import Models
import Testing

@Suite("Moving parameters")
struct TrainableParametersTests {
    static let patterns: [(pattern: String, name: String, matches: Bool)] = [
        ("layers.3-7", "model.layers.5.mlp.up_proj.weight", true),
        ("layers.3-7", "model.layers.8.mlp.up_proj.weight", false),
        ("layers.3-7", "model.layers.13.mlp.up_proj.weight", false),
        ("mlp", "model.layers.0.mlp.up_proj.weight", true),
        ("*_proj.bias", "model.layers.0.self_attn.q_proj.bias", true),
        ("*_proj.bias", "model.layers.0.self_attn.q_proj.weight", false),
        ("layers.*.mlp", "model.layers.0.mlp.up_proj.weight", true),
        ("layers.mlp", "model.layers.0.mlp.up_proj.weight", false),
        ("proj", "model.layers.0.mlp.up_proj.weight", false),
        ("model.norm.weight", "model.norm.weight", true),
        ("model.norm.weight.x", "model.norm.weight", false),
        ("*", "lm_head.weight", true),
        ("7-3", "layers.5", false),
    ]

    @Test("patterns match neighbouring pieces of a name", arguments: patterns)
    func pattern(pattern: String, name: String, matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }

    @Test("a pattern that matches nothing, no pattern and a senseless adapter are refused")
    func refused() throws {
        let model = try freshLlama().model
        let split = { (choice: TrainableParameters) in message { _ = try ParameterSplit(model.specifications, choice) } }
        #expect(split(.matching(["layers.5-9"])).hasPrefix("No parameter matches \"layers.5-9\". Names look like model.embed"))
        #expect(split(.matching([])).contains("Give at least one pattern"))
        #expect(split(.lora(LowRankAdapter(rank: 0, alpha: 1))).contains("a rank from 1 to"))
        #expect(split(.lora(LowRankAdapter(rank: 1, alpha: 1, targets: ["embed_tokens"]))).contains("matches \"embed_tokens\""))
    }

    @Test("the trainable and the frozen vector together hold every parameter once", arguments: Golden.names)
    func partition(name: String) throws {
        let model = try Golden(name).loaded.model
        let split = try ParameterSplit(
            model.specifications,
            .matching(
                ["1", "*norm*"].filter { pattern in
                    model.specifications.contains { NamePattern(pattern).matches($0.name) }
                }))
        let names = (split.trainable.entries + split.frozen.entries).map(\.name)
        #expect(names.sorted() == model.specifications.map(\.name).sorted())
        #expect(split.trainable.count + split.frozen.count == model.specifications.reduce(0) { $0 + $1.count })
        for layout in [split.trainable, split.frozen] {
            #expect(zip(layout.entries, layout.entries.dropFirst()).allSatisfy { $0.range.upperBound == $1.offset })
        }
    }

    @Test("a subset's gradient is that part of the whole gradient", arguments: ["llama-tied", "gpt2"])
    func subset(name: String) throws {
        let golden = try Golden(name, trainable: .matching(["1"]))
        #expect(golden.loaded.frozen.count > 0)
        let plan = GoldenTests.plan(golden)
        let u = try golden.flat("u", golden.loaded.split.trainable)
        let results = plan.program.evaluate(golden.inputs(role: "b", ["u": u]))
        let slope = try #require(results["grad"]).values
        for entry in golden.loaded.split.trainable.entries {
            #expect(relativeError(Array(slope[entry.range]), try golden.real("grad/\(entry.name)")) <= 1e-5, "\(entry.name)")
        }
    }

    @Test("equal seeds give equal tensors whatever else moves, and deviations are as asked for")
    func initialisation() throws {
        let all = try freshLlama(), part = try freshLlama(.matching(["layers.1"])), other = try freshLlama(seed: 2)
        let name = "model.layers.1.mlp.down_proj.weight"
        let specification = try #require(all.model.specifications.first { $0.name == name })
        #expect(all.merged(specification) == part.merged(specification))
        #expect(all.merged(specification) != other.merged(specification))
        // 0.02 / √(2 · 2 layers)
        let values = all.merged(specification).map(Double.init)
        let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
        #expect(abs(deviation - 0.01) < 0.0006)
        let norm = try #require(all.split.trainable["model.norm.weight"])
        #expect(all.trainable[norm.range].allSatisfy { $0 == 1 })
    }
}
