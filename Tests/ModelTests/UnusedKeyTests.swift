import Files
import Inference
import Models
import Testing

/// What a folder says about the computation is either computed or refused.
@Suite("Keys of a configuration that matter")
struct UnusedKeyTests {
    static let refused: [(model: String, key: String, value: JSONValue, expected: String)] = [
        ("llama-tied", "attn_logit_softcapping", 50, "soft-capped logits or attention (\"attn_logit_softcapping\" is 50)"),
        ("llama-tied", "final_logit_softcapping", 30.0, "soft-capped"),
        ("llama-tied", "clip_qkv", 8, "clipped queries"),
        ("llama-tied", "query_pre_attn_scalar", 256, "scaled attention"),
        ("llama-tied", "embedding_multiplier", 12.0, "scaled embeddings, residuals or logits"),
        ("llama-tied", "residual_multiplier", 0.22, "\"residual_multiplier\" is 0.22"),
        ("llama-tied", "logits_scaling", 8.0, "\"logits_scaling\" is 8.0"),
        ("llama-tied", "rope_interleaved", true, "pairs of neighbours"),
        ("llama-tied", "no_rope_layers", [1, 0], "layers without rotary positions"),
        ("llama-tied", "use_qk_norm", true, "normalised queries and keys"),
        ("llama-tied", "num_local_experts", 8, "experts (\"num_local_experts\" is 8)"),
        ("llama-tied", "is_causal", false, "attention in both directions"),
        ("llama-tied", "is_encoder_decoder", true, "cross-attention"),
        ("llama-tied", "pruned_heads", ["0": [1]], "pruned heads"),
        ("llama-tied", "sliding_window", 32, "sliding-window attention in a Llama"),
        ("llama-tied", "layer_types", ["full_attention", "linear_attention"], "layers of the kind \"linear_attention\""),
        ("llama-tied", "layer_types", ["full_attention"], "should name the kind of each of the 2 layers"),
        ("llama-tied", "rope_scaling", ["factor": 4.0], "\"factor\" in RoPE scaling of type \"default\""),
        (
            "llama-tied", "rope_scaling", ["rope_type": "linear", "factor": 2, "attention_factor": 1.3],
            "\"attention_factor\" in RoPE scaling"
        ),
        ("llama-tied", "rope_scaling", ["mrope_section": [1, 1, 2], "type": "default"], "\"mrope_section\""),
        ("llama-tied", "rope_parameters", ["full_attention": ["rope_theta": 1e6]], "\"full_attention\" in RoPE scaling"),
        ("llama-tied", "rope_parameters", ["partial_rotary_factor": 0.5], "a part of each head"),
        ("llama-tied", "architectures", ["LlamaForSequenceClassification"], "the class \"LlamaForSequenceClassification\""),
        ("mistral", "attention_bias", true, "other biases than its family"),
        ("qwen2", "mlp_bias", true, "other biases than its family"),
        ("qwen3", "mlp_bias", true, "other biases than its family"),
        ("qwen3", "num_experts", 128, "experts (\"num_experts\" is 128)"),
        ("gpt2", "quantization_config", ["bits": 4], "quantised weights in safetensors"),
        ("gpt2", "architectures", ["GPT2DoubleHeadsModel"], "the class \"GPT2DoubleHeadsModel\""),
    ]

    @Test("are refused where they have an effect that is not computed", arguments: refused)
    func refusal(model: String, key: String, value: JSONValue, expected: String) throws {
        let text = try LoadingTests.failure(model, configuration: [key: value])
        #expect(text.contains(expected), "\(text)")
        #expect(text.contains("config.json"))
    }

    static let harmless: [(model: String, key: String, value: JSONValue)] = [
        ("llama-tied", "attn_logit_softcapping", .null), ("llama-tied", "clip_qkv", .null),
        ("llama-tied", "embedding_multiplier", 1.0), ("llama-tied", "rope_interleaved", false),
        ("llama-tied", "no_rope_layers", [1, 1]), ("llama-tied", "num_local_experts", 1), ("llama-tied", "is_causal", true),
        ("llama-tied", "pruned_heads", [:]), ("llama-tied", "sliding_window", 64), ("llama-tied", "sliding_window", .null),
        ("llama-tied", "layer_types", ["full_attention", "full_attention"]), ("llama-tied", "pretraining_tp", 2),
        ("llama-tied", "rope_scaling", ["type": "default", "factor": 1.0]), ("llama-tied", "rope_scaling", [:]),
        ("llama-tied", "architectures", .null), ("llama-tied", "architectures", ["LlamaModel"]),
        ("llama-tied", "some_training_note", "anything"), ("gpt2", "n_ctx", 32), ("gpt2", "reorder_and_upcast_attn", true),
        ("gpt2", "num_attention_heads", 4),
    ]

    @Test("are passed over where they mean what is computed anyway", arguments: harmless)
    func neutral(model: String, key: String, value: JSONValue) throws {
        try LoadingTests.altered(model, configuration: [key: value]) { folder in
            let loaded = try ModelLoader.load(path: folder), original = try Golden(model).loaded
            #expect((loaded.model as? DecoderModel)?.configuration == (original.model as? DecoderModel)?.configuration)
        }
    }

    /// The same positions in every spelling that versions of transformers have written or read.
    @Test("the base of rotary positions is read wherever it stands", arguments: 0..<7)
    func rotaryBase(spelling: Int) throws {
        let original = try #require((try Golden("llama-scaled").loaded.model as? DecoderModel)?.configuration.rotary)
        let scaling = try #require(
            try JSONValue(contentsOf: "\(Golden.folder)/llama-scaled/config.json")["rope_scaling"]?.asObject)
        var withBase = scaling, other = scaling
        withBase["rope_theta"] = 500.0
        other["rope_theta"] = 7.0
        let none = JSONValue?.none
        let spellings: [[String: JSONValue?]] = [
            [:],
            ["rope_theta": none, "rope_scaling": .object(withBase)],
            ["rope_theta": none, "rope_scaling": none, "rope_parameters": .object(withBase)],
            ["rope_theta": 500.0, "rope_scaling": none, "rope_parameters": .object(scaling)],
            // The table's own base comes first, and the older table before the newer one.
            ["rope_theta": 7.0, "rope_scaling": .object(withBase)],
            ["rope_theta": 500.0, "rope_scaling": .object(scaling), "rope_parameters": .object(other)],
            ["rope_scaling": .null, "rope_theta": 500.0, "rope_parameters": .object(scaling)],
        ]
        try LoadingTests.altered("llama-scaled", configuration: spellings[spelling]) { folder in
            let model = try ModelLoader.load(path: folder).model as? DecoderModel
            #expect(model?.configuration.rotary == original)
        }
    }

    @Test("Llama 3's original context may stand outside its table, or be the context itself")
    func originalContext() throws {
        let table: JSONValue = ["rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0]
        for (outside, expected) in [(JSONValue.integer(128), 128.0), (.null, 512)] {
            let changes: [String: JSONValue?] = ["rope_scaling": table, "original_max_position_embeddings": outside]
            try LoadingTests.altered("llama-scaled", configuration: changes) { folder in
                let rotary = (try ModelLoader.load(path: folder).model as? DecoderModel)?.configuration.rotary
                #expect(rotary?.scaling == .llama3(factor: 8, lowFrequency: 1, highFrequency: 4, originalContext: expected))
            }
        }
    }

    @Test("a base without a table, and none at all")
    func plainBase() throws {
        for (base, expected) in [(JSONValue?.some(500_000.0), 500_000.0), (.none, 10_000)] {
            let changes: [String: JSONValue?] = ["rope_scaling": .none, "rope_parameters": ["rope_type": "default"], "rope_theta": base]
            try LoadingTests.altered("llama-tied", configuration: changes) { folder in
                let rotary = (try ModelLoader.load(path: folder).model as? DecoderModel)?.configuration.rotary
                #expect(rotary == RotaryFrequencies(base: expected))
            }
        }
    }
}
