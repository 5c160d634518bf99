import Files
import Graph
import Inference
import Models
import TestSupport
import Testing

/// Tensors under other names than usual, heads that are stored or left out, and what an export makes of them.
@Suite("Names of tensors")
struct StoredNameTests {
    private typealias Tensors = [String: (shape: [Int], values: [Float])]

    private static func stored(_ model: String, _ name: String) throws -> (shape: [Int], values: [Float]) {
        let file = try SafetensorsFile(path: "\(Golden.folder)/\(model)/model.safetensors")
        return (try #require(file.info(name)).shape, try file.read(name))
    }

    static let prefixes: [(model: String, rename: @Sendable (String) -> String)] = [
        ("llama-tied", { $0.replacing("model.", with: "") }),
        ("llama-tied", { "module.\($0)" }),
        ("llama-tied", { "model.\($0)" }),
        ("qwen2", { "module.\($0)" }),
        ("mistral", { "module.\($0)" }),
        ("mistral", { $0.replacing("model.", with: "module.") }),
        ("gpt2", { "module.\($0)" }),
        ("gpt2", { $0.replacing("transformer.", with: "model.") }),
    ]

    @Test("that differ by model. or module. alone are understood", arguments: prefixes.indices)
    func prefix(index: Int) throws {
        let (model, rename) = Self.prefixes[index]
        try LoadingTests.altered(model, renaming: rename) { folder in
            let loaded = try ModelLoader.load(path: folder)
            #expect(try loaded.trainable == Golden(model).loaded.trainable)
        }
    }

    @Test("that begin otherwise are refused, and the beginning is named")
    func foreignPrefix() throws {
        try LoadingTests.altered("llama-tied", renaming: { "language_model.\($0)" }) { folder in
            let text = message { _ = try ModelLoader.load(path: folder) }
            #expect(text.contains("begin with \"language_model.model.\" where \"model.\" is expected"), "\(text)")
        }
    }

    @Test("that are missing come with what was found instead")
    func missing() throws {
        try LoadingTests.altered("llama-tied", renaming: { $0.replacing("input_layernorm", with: "attention_norm") }) { folder in
            let text = message { _ = try ModelLoader.load(path: folder) }
            #expect(text.contains("\"model.layers.0.input_layernorm.weight\" of shape [32] is missing; the file has"))
            #expect(text.contains("\"model.layers.0.attention_norm.weight\""))
        }
    }

    @Test(
        "a head in the place of the tied embedding is the embedding",
        arguments: [
            ("llama-tied", "model.embed_tokens.weight"), ("gpt2", "transformer.wte.weight"),
        ])
    func onlyTheHead(model: String, table: String) throws {
        try LoadingTests.altered(model, renaming: { $0 == table ? "lm_head.weight" : $0 }) { folder in
            let loaded = try ModelLoader.load(path: folder)
            #expect(try loaded.trainable == Golden(model).loaded.trainable)
            #expect(loaded.model.specifications.contains { $0.name == "lm_head.weight" } == false)
        }
    }

    @Test(
        "a stored head that is not the embedding is used, and the export keeps it",
        arguments: [
            ("llama-tied", "model.embed_tokens.weight"), ("gpt2", "transformer.wte.weight"),
        ])
    func foreignHead(model: String, table: String) throws {
        let (shape, values) = try Self.stored(model, table)
        let head = values.map { $0 + 0.5 }
        try LoadingTests.altered(model, tensors: ["lm_head.weight": (shape, head)]) { folder in
            let loaded = try ModelLoader.load(path: folder)
            let entry = try #require(loaded.split.trainable["lm_head.weight"])
            #expect(Array(loaded.trainable[entry.range]) == head)
            #expect(loaded.configuration["tie_word_embeddings"]?.asBool == false)
            try ModelExporter().export(loaded, to: "\(folder)/out")
            #expect(try JSONValue(contentsOf: "\(folder)/out/config.json")["tie_word_embeddings"]?.asBool == false)
            #expect(try SafetensorsFile(path: "\(folder)/out/model.safetensors").read("lm_head.weight") == head)
            #expect(try ModelLoader.load(path: "\(folder)/out").trainable == loaded.trainable)
        }
    }

    @Test("GPT-2's own head projects, and has its own derivative")
    func untiedGPT2() throws {
        let (shape, values) = try Self.stored("gpt2", "transformer.wte.weight")
        try LoadingTests.altered("gpt2", tensors: ["lm_head.weight": (shape, values.map { -$0 })]) { folder in
            let golden = try Golden("gpt2"), loaded = try ModelLoader.load(path: folder)
            let plan = { (model: LoadedModel) throws in
                let language = try model.model.language
                let graph = ComputationGraph()
                let theta = graph.input("theta", .real, [model.split.trainable.count])
                let weights = WeightNodes(model.split, trainable: theta)
                let ids = graph.indices([5], [3, 4, 5, 6, 7])
                let tokens = TokenNodes(causal: ids, batch: 1, length: 5)
                let logits = language.logits(weights, language.hidden(weights, tokens, cache: nil))
                let inputs = ["theta": HostTensor([model.trainable.count], model.trainable.map(Double.init))]
                return try #require(Plan([("logits", logits)]).program.evaluate(inputs)["logits"]).values
            }
            #expect(try plan(loaded) == plan(golden.loaded).map { -$0 })
        }
    }

    @Test("an export names its class and its numbers, whatever the folder said")
    func exportedConfiguration() throws {
        let stale: [String: JSONValue?] = ["architectures": ["LlamaModel"], "torch_dtype": "float16", "dtype": "float16"]
        for changes in [stale, ["architectures": .none]] {
            try LoadingTests.altered("llama-tied", configuration: changes) { folder in
                try ModelExporter(precision: .bf16).export(ModelLoader.load(path: folder), to: "\(folder)/out")
                let written = try JSONValue(contentsOf: "\(folder)/out/config.json")
                #expect(written["architectures"] == ["LlamaForCausalLM"])
                #expect(written["torch_dtype"]?.asString == "bfloat16")
                #expect(written["dtype"]?.asString == (changes["dtype"] == nil ? nil : "bfloat16"))
            }
        }
    }

    @Test(
        "numbers that half precision cannot hold are refused, not written as infinity",
        arguments: [
            (ModelExporter.Precision.f16, Float(65520)), (.f16, -1e5), (.bf16, 3.4e38),
        ])
    func overflow(precision: ModelExporter.Precision, value: Float) throws {
        try withTemporaryFolder { folder in
            var loaded = try Golden("llama-tied").loaded
            loaded.trainable[3] = value
            let text = message { try ModelExporter(precision: precision).export(loaded, to: "\(folder)/a") }
            #expect(text.hasPrefix("\(folder)/a: tensor \"model.embed_tokens.weight\": number 3 of 3104 is \(value), which"), "\(text)")
            #expect(try FileSystem.list(folder) == [])
            loaded.trainable[3] = precision == .f16 ? 65519 : 3.38e38
            try ModelExporter(precision: precision).export(loaded, to: "\(folder)/a")
            #expect(try ModelLoader.load(path: "\(folder)/a").trainable[3].isFinite)
        }
    }
}
