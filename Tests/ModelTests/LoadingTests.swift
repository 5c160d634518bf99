import Backends
import Files
import Inference
import Models
import TestSupport
import Testing

@Suite("Loading and exporting")
struct LoadingTests {
    /// A golden model's folder with its configuration or some tensors changed.
    static func altered(
        _ name: String, configuration changes: [String: JSONValue?] = [:], tensors: [String: (shape: [Int], values: [Float])] = [:],
        removing: String? = nil,
        renaming: (String) -> String = { $0 }, _ body: (String) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            let original = "\(Golden.folder)/\(name)"
            var object = try #require(try JSONValue(contentsOf: "\(original)/config.json").asObject)
            for (key, value) in changes { object[key] = value }
            try put(JSONValue.object(object).serialized(), "\(folder)/config.json")

            let file = try SafetensorsFile(path: "\(original)/model.safetensors")
            var all: [String: (shape: [Int], values: [Float])] = [:]
            for name in file.names { all[name] = (try #require(file.info(name)).shape, try file.read(name)) }
            for (name, value) in tensors { all[name] = value }
            if let removing { all[removing] = nil }
            all = Dictionary(all.map { (renaming($0.key), $0.value) }) { first, _ in first }
            var writer = try SafetensorsWriter(
                path: "\(folder)/model.safetensors",
                tensors: all.map { try #require(TensorInfo(name: $0.key, type: .f32, shape: $0.value.shape)) })
            for (name, value) in all { try writer.write(name, value.values) }
            try writer.commit()
            try body(folder)
        }
    }

    static func failure(
        _ name: String, configuration: [String: JSONValue?] = [:], tensors: [String: (shape: [Int], values: [Float])] = [:],
        removing: String? = nil
    ) throws -> String {
        var text = ""
        try altered(name, configuration: configuration, tensors: tensors, removing: removing) { folder in
            text = message { _ = try ModelLoader.load(path: folder) }
            #expect(text.hasPrefix(folder))
        }
        return text
    }

    @Test("wrong weights are refused, naming the tensor")
    func wrongWeights() throws {
        let name = "model.layers.1.mlp.up_proj.weight"
        let missing = try Self.failure("llama-tied", removing: name)
        #expect(missing.contains("tensor \"\(name)\" of shape [64, 32] is missing"))
        let shape = try Self.failure("llama-tied", tensors: [name: ([32, 64], [Float](repeating: 0, count: 2048))])
        #expect(shape.contains("tensor \"\(name)\" has shape [32, 64], but the configuration calls for [64, 32]"))
        var values = [Float](repeating: 0, count: 2048)
        values[77] = .nan
        let broken = try Self.failure("llama-tied", tensors: [name: ([64, 32], values)])
        #expect(broken.contains("tensor \"\(name)\": number 77 of 2048 is nan"))
        let extra = try Self.failure("llama-tied", tensors: ["model.layers.2.mlp.up_proj.weight": ([1], [0])])
        #expect(extra.contains("no place for \"model.layers.2.mlp.up_proj.weight\""))
    }

    @Test("buffers of older files and a repeated tied head are passed over")
    func knownExtras() throws {
        let table = try SafetensorsFile(path: "\(Golden.folder)/llama-tied/model.safetensors").read("model.embed_tokens.weight")
        let extra: [String: (shape: [Int], values: [Float])] = [
            "model.layers.0.self_attn.rotary_emb.inv_freq": ([4], [1, 1, 1, 1]), "lm_head.weight": ([97, 32], table),
        ]
        try Self.altered("llama-tied", tensors: extra) { folder in
            let loaded = try ModelLoader.load(path: folder)
            #expect(try loaded.trainable == Golden("llama-tied").loaded.trainable)
            #expect(loaded.configuration["tie_word_embeddings"]?.asBool == true)
        }
        // Elsewhere the same name is no buffer.
        let text = try Self.failure("llama-tied", tensors: ["model.layers.0.attn.bias": ([1], [0])])
        #expect(text.contains("no place for \"model.layers.0.attn.bias\""))
    }

    @Test("OpenAI's names of GPT-2's tensors are understood")
    func bareGPT2() throws {
        try withTemporaryFolder { folder in
            let original = "\(Golden.folder)/gpt2"
            try FileSystem.copyFile("\(original)/config.json", to: "\(folder)/config.json")
            let file = try SafetensorsFile(path: "\(original)/model.safetensors")
            let bare = { (name: String) in String(name.dropFirst("transformer.".count)) }
            var infos = try file.names.map { try #require(TensorInfo(name: bare($0), type: .f32, shape: file.info($0)?.shape ?? [])) }
            infos.append(try #require(TensorInfo(name: "h.0.attn.bias", type: .f32, shape: [1, 1, 2, 2])))
            var writer = try SafetensorsWriter(path: "\(folder)/model.safetensors", tensors: infos)
            for name in file.names { try writer.write(bare(name), file.read(name)) }
            try writer.write("h.0.attn.bias", [1, 0, 1, 1])
            try writer.commit()
            #expect(try ModelLoader.load(path: folder).trainable == Golden("gpt2").loaded.trainable)
        }
    }

    static let configurations: [(model: String, key: String, value: JSONValue?, expected: String)] = [
        (
            "llama-tied", "model_type", "mamba",
            "the architecture is \"mamba\". Supported are llama, mistral, qwen2, qwen3, gpt2, resnet18, "
        ),
        ("llama-tied", "model_type", .none, "\"model_type\" is missing"),
        ("llama-tied", "hidden_size", .none, "\"hidden_size\" is missing"),
        ("llama-tied", "hidden_size", "large", "\"hidden_size\" should be a positive whole number, but is \"large\""),
        ("llama-tied", "num_hidden_layers", -1, "\"num_hidden_layers\" should be a positive whole number, but is -1"),
        ("llama-tied", "num_key_value_heads", 3, "\"num_key_value_heads\" is 3, which does not divide the 4 heads"),
        ("llama-tied", "head_dim", 7, "\"head_dim\" is 7; rotary positions need an even size"),
        ("llama-tied", "rms_norm_eps", 0, "\"rms_norm_eps\" should be a positive number, but is 0"),
        ("llama-tied", "tie_word_embeddings", 1, "\"tie_word_embeddings\" should be true or false, but is 1"),
        ("llama-tied", "hidden_act", "gelu", "the model uses the activation \"gelu\", which is not supported. Supported: silu."),
        ("llama-tied", "rope_scaling", ["type": "yarn", "factor": 2], "RoPE scaling of type \"yarn\""),
        ("llama-tied", "partial_rotary_factor", 0.5, "rotary positions on a part of each head"),
        ("llama-tied", "quantization_config", ["bits": 4], "quantised weights"),
        ("llama-tied", "intermediate_size", 65, "has shape [64, 32], but the configuration calls for [65, 32]"),
        ("llama-tied", "tie_word_embeddings", false, "tensor \"lm_head.weight\" of shape [97, 32] is missing"),
        ("qwen3", "head_dim", .none, "has shape [32, 16], but the configuration calls for [512, 16]"),
        ("qwen3", "num_key_value_heads", .none, "\"num_key_value_heads\" is 32, which does not divide the 4 heads"),
        ("qwen3", "attention_bias", true, "tensor \"model.layers.0.self_attn.q_proj.bias\" of shape [32] is missing"),
        ("gpt2", "activation_function", "relu", "the activation \"relu\""),
        ("gpt2", "n_head", 3, "\"n_head\" is 3, which does not divide n_embd 16"),
        ("gpt2", "scale_attn_by_inverse_layer_idx", true, "attention scaled otherwise"),
        ("gpt2", "tie_word_embeddings", false, "tensor \"lm_head.weight\" of shape [97, 16] is missing"),
        ("gpt2", "num_attention_heads", 2, "\"num_attention_heads\" is 2, but \"n_head\" says otherwise"),
    ]

    @Test("a wrong configuration is refused, naming the key", arguments: configurations)
    func wrongConfiguration(model: String, key: String, value: JSONValue?, expected: String) throws {
        let text = try Self.failure(model, configuration: [key: value])
        #expect(text.contains(expected), "\(text)")
    }

    @Test(
        "a size that no model has is refused before it can overflow",
        arguments: [
            ("llama-tied", "hidden_size"), ("llama-tied", "num_attention_heads"), ("llama-tied", "num_hidden_layers"),
            ("llama-tied", "head_dim"), ("gpt2", "n_embd"), ("gpt2", "n_layer"),
        ])
    func absurdSizes(model: String, key: String) throws {
        let text = try Self.failure(model, configuration: [key: 4_611_686_018_427_387_904])
        #expect(text.contains("\"\(key)\" is 4611686018427387904; at most"))
    }

    @Test("a model describes itself so that it is read back as the same", arguments: Golden.names)
    func configurationFile(name: String) throws {
        let model = try Golden(name).loaded.model
        let again = try ModelFamilies.model(model.configurationFile, path: "config.json")
        #expect((again as? DecoderModel)?.configuration == (model as? DecoderModel)?.configuration)
        #expect(again.specifications == model.specifications)
    }

    @Test("a sliding window only limits the length", arguments: [("mistral", 32), ("qwen2", 64)])
    func window(name: String, limit: Int) throws {
        try Self.altered(name, configuration: ["sliding_window": 32]) { folder in
            let loaded = try ModelLoader.load(path: folder)
            #expect(try loaded.model.language.dimensions.context == limit)
        }
        try Self.altered(name, configuration: ["sliding_window": 4096]) { folder in
            let loaded = try ModelLoader.load(path: folder)
            #expect(try loaded.model.language.dimensions.context == 64)
        }
    }

    @Test("linear RoPE scaling divides every frequency")
    func linearScaling() {
        let scaled = RotaryFrequencies(base: 100, scaling: .linear(factor: 4)).frequencies(headSize: 4)
        #expect(relativeError(scaled, [0.25, 0.025]) < 1e-12)
    }

    @Test("an exported model loads with the same numbers and exports to the same bytes", arguments: Golden.names)
    func roundTrip(name: String) throws {
        try withTemporaryFolder { folder in
            let loaded = try Golden(name).loaded
            let extra = [ModelExporter.ExtraFile(name: "tokenizer.json", bytes: Array("{}".utf8))]
            try ModelExporter().export(loaded, to: "\(folder)/a", extra: extra)
            let again = try ModelLoader.load(path: "\(folder)/a")
            #expect(again.trainable == loaded.trainable && again.split == loaded.split)
            #expect(again.source?.tokenizerFiles == ["tokenizer.json"])
            try ModelExporter().export(again, to: "\(folder)/b")
            #expect(try FileSystem.list("\(folder)/b").sorted() == ["config.json", "model.safetensors", "tokenizer.json"])
            for file in try FileSystem.list("\(folder)/b") {
                #expect(try bytes("\(folder)/a/\(file)") == bytes("\(folder)/b/\(file)"), "\(file)")
            }
        }
    }

    @Test("half precision is stored as asked for, and the configuration says so", arguments: [ModelExporter.Precision.f16, .bf16])
    func halfPrecision(precision: ModelExporter.Precision) throws {
        try withTemporaryFolder { folder in
            let loaded = try Golden("mistral").loaded
            try ModelExporter(precision: precision).export(loaded, to: "\(folder)/a")
            let again = try ModelLoader.load(path: "\(folder)/a")
            #expect(again.configuration["torch_dtype"]?.asString == (precision == .f16 ? "float16" : "bfloat16"))
            #expect(try #require(again.source).weights.info("lm_head.weight")?.type.name == precision.rawValue.uppercased())
            let error = relativeError(again.trainable.map(Double.init), loaded.trainable.map(Double.init))
            #expect(error > 0 && error < 0.004)
        }
    }

    @Test("nothing remains of an export that fails")
    func failedExport() throws {
        try withTemporaryFolder { folder in
            var loaded = try Golden("llama-tied").loaded
            loaded.trainable[3] = .infinity
            let text = message { try ModelExporter().export(loaded, to: "\(folder)/a") }
            #expect(text.contains("tensor \"model.embed_tokens.weight\": number 3 of 3104 is inf, so the model is not written"))
            #expect(try FileSystem.list(folder) == [])
        }
    }
}
