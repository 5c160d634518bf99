import Backends
import Files
import Inference
import Models
import TestSupport
import Testing

@Suite("GGUF models")
struct GGUFTests {
    /// A golden model as llama.cpp's converter writes it.
    static func converted(_ name: String) throws -> GGUFBuilder {
        let loaded = try Golden(name).loaded
        let c = try #require(loaded.model as? DecoderModel).configuration
        let kind = loaded.model.architecture == "mistral" ? "llama" : loaded.model.architecture
        var file = GGUFBuilder()
        file.metadata = [
            ("general.architecture", .text(kind)),
            ("\(kind).block_count", .integer(UInt32(c.layers))),
            ("\(kind).context_length", .integer(UInt32(c.context))),
            ("\(kind).embedding_length", .integer(UInt32(c.width))),
            ("\(kind).feed_forward_length", .integer(UInt32(c.intermediateSize))),
            ("\(kind).attention.head_count", .integer(UInt32(c.heads))),
            ("\(kind).attention.head_count_kv", .integer(UInt32(c.keyValueHeads))),
            ("\(kind).attention.key_length", .integer(UInt32(c.headSize))),
            ("\(kind).attention.layer_norm_rms_epsilon", .real(Float(c.epsilon))),
            ("\(kind).rope.freq_base", .real(Float(try #require(c.rotary).base))),
            ("\(kind).rope.dimension_count", .integer(UInt32(c.headSize))),
            ("tokenizer.ggml.bos_token_id", .integer(1)),
            ("tokenizer.ggml.eos_token_id", .integer(2)),
        ]
        for entry in loaded.split.trainable.entries {
            var values = Array(loaded.trainable[entry.range])
            if kind == "llama", entry.name.contains("q_proj") { values = interleaved(values, heads: c.heads, rows: entry.shape[0]) }
            if kind == "llama", entry.name.contains("k_proj") {
                values = interleaved(values, heads: c.keyValueHeads, rows: entry.shape[0])
            }
            file.tensors.append((ggufName(entry.name), entry.shape, values))
        }
        return file
    }

    /// The converter's reshape(heads, 2, half, columns).swapaxes(1, 2).
    static func interleaved(_ values: [Float], heads: Int, rows: Int) -> [Float] {
        let columns = values.count / rows, half = rows / heads / 2
        var result: [Float] = []
        for head in 0..<heads {
            for channel in 0..<half {
                for part in 0..<2 {
                    let row = (head * 2 + part) * half + channel
                    result += values[(row * columns)..<((row + 1) * columns)]
                }
            }
        }
        return result
    }

    static func ggufName(_ name: String) -> String {
        let pieces = [
            ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output"),
            ("model.layers", "blk"), ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
            ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
            ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"),
            ("self_attn.o_proj", "attn_output"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"),
            ("mlp.down_proj", "ffn_down"),
        ]
        for (from, to) in pieces where name.contains(from) {
            let parts = name.split(separator: ".")
            if from == "model.layers" { continue }
            return parts.count >= 5 ? "blk.\(parts[2]).\(to).\(parts[parts.count - 1])" : "\(to).weight"
        }
        return name
    }

    static func load(_ file: GGUFBuilder, _ body: (LoadedModel, String) throws -> Void = { _, _ in }) throws {
        try withTemporaryFolder { folder in
            try file.write(to: "\(folder)/model.gguf")
            try body(ModelLoader.load(path: "\(folder)/model.gguf"), folder)
        }
    }

    @Test("give the model that was converted, and export as a folder that does", arguments: ["llama-tied", "qwen2", "qwen3", "mistral"])
    func roundTrip(name: String) throws {
        let original = try Golden(name).loaded
        try Self.load(Self.converted(name)) { loaded, folder in
            #expect(loaded.trainable == original.trainable)
            #expect(loaded.configuration["eos_token_id"]?.asInt == 2)
            #expect(loaded.configuration["rms_norm_eps"] == original.configuration["rms_norm_eps"])
            try ModelExporter().export(loaded, to: "\(folder)/out")
            let again = try ModelLoader.load(path: "\(folder)/out")
            #expect(again.trainable == original.trainable)
            #expect(again.model.architecture == (name.hasPrefix("qwen") ? name : "llama"))
        }
    }

    @Test("with Llama 3's divisors get Llama 3's scaling, and others are refused")
    func divisors() throws {
        let plain = RotaryFrequencies(base: 10_000), count = 4
        let scaling = RotaryFrequencies.Scaling.llama3(factor: 8, lowFrequency: 1, highFrequency: 4, originalContext: 8192)
        let scaled = RotaryFrequencies(base: 10_000, scaling: scaling)
        let divisors = zip(plain.frequencies(headSize: 2 * count), scaled.frequencies(headSize: 2 * count)).map { Float($0 / $1) }
        var file = try Self.converted("llama-tied")
        // Only long wavelengths are divided; give the model one.
        file.metadata = file.metadata.map { $0.key == "llama.rope.freq_base" ? ($0.key, .real(1e8)) : $0 }
        let wide = RotaryFrequencies(base: 1e8), wideScaled = RotaryFrequencies(base: 1e8, scaling: scaling)
        let right = zip(wide.frequencies(headSize: 8), wideScaled.frequencies(headSize: 8)).map { Float($0 / $1) }
        #expect(right.max() == 8)
        file.tensors.append(("rope_freqs.weight", [count], right))
        try Self.load(file) { loaded, _ in
            #expect((loaded.model as? DecoderModel)?.configuration.rotary == wideScaled)
        }
        file.tensors[file.tensors.count - 1].values = divisors.map { $0 * 3 }
        #expect(message { try Self.load(file) }.contains("that are not Llama 3's"))
    }

    @Test("of other kinds, or incomplete, are refused with the key")
    func refused() throws {
        let changed = { (change: (inout GGUFBuilder) -> Void) throws -> String in
            var file = try Self.converted("llama-tied")
            change(&file)
            return message { try Self.load(file) }
        }
        #expect(try changed { $0.metadata[0].value = .text("mamba") }.contains("a GGUF file of the architecture \"mamba\""))
        #expect(try changed { $0.metadata.remove(at: 0) }.contains("\"general.architecture\" is missing"))
        #expect(try changed { $0.metadata.remove(at: 1) }.contains("\"llama.block_count\" is missing"))
        #expect(try changed { $0.metadata[1].value = .real(2) }.contains("\"llama.block_count\" is not a whole number"))
        #expect(try changed { $0.metadata.append(("llama.expert_count", .integer(8))) }.contains("8 experts"))
        #expect(try changed { $0.metadata.append(("llama.rope.scaling.type", .text("yarn"))) }.contains("\"yarn\""))
        #expect(try changed { $0.tensors.remove(at: 3) }.contains("tensor \"blk.0.attn_k.weight\" of shape [16, 32] is missing"))
    }

    @Test("a rope factor without its type is linear, under the old key too")
    func linearFactor() throws {
        let factors: [(keys: [(String, GGUFBuilder.Value)], expected: RotaryFrequencies.Scaling)] = [
            ([("rope.scaling.factor", .real(4))], .linear(factor: 4)),
            ([("rope.scale_linear", .real(2.5))], .linear(factor: 2.5)),
            ([("rope.scaling.type", .text("linear")), ("rope.scaling.factor", .real(4))], .linear(factor: 4)),
            ([("rope.scaling.type", .text("none")), ("rope.scaling.factor", .real(4))], .none),
            ([("rope.scaling.factor", .real(0))], .none),
            ([("rope.scale_linear", .real(1))], .none),
        ]
        for (keys, expected) in factors {
            var file = try Self.converted("llama-tied")
            file.metadata += keys.map { ("llama.\($0.0)", $0.1) }
            try Self.load(file) { loaded, folder in
                #expect((loaded.model as? DecoderModel)?.configuration.rotary?.scaling == expected, "\(keys)")
                try ModelExporter().export(loaded, to: "\(folder)/out")
                let again = try ModelLoader.load(path: "\(folder)/out").model as? DecoderModel
                #expect(again?.configuration.rotary?.scaling == expected, "\(keys)")
            }
        }
    }

    @Test("keys that change the model and are not used are refused; those that say nothing are not")
    func unusedKeys() throws {
        let result = { (key: String, value: GGUFBuilder.Value) throws -> String in
            var file = try Self.converted("llama-tied")
            file.metadata.append((key, value))
            return message { try Self.load(file) }
        }
        for (key, value) in [
            ("llama.logit_scale", GGUFBuilder.Value.real(0.25)), ("llama.attention.value_length", .integer(4)),
            ("llama.attention.clamp_kqv", .real(8)), ("llama.attention.sliding_window", .integer(16)),
            ("llama.residual_scale", .real(0.22)), ("llama.something_new", .text("on")),
        ] {
            #expect(try result(key, value).contains("the model uses \"\(key)\""), "\(key)")
        }
        for (key, value) in [
            ("llama.logit_scale", GGUFBuilder.Value.real(1)), ("llama.attention.value_length", .integer(8)),
            ("llama.attention.sliding_window", .integer(64)), ("llama.vocab_size", .integer(97)),
            ("llama.rope.scaling.original_context_length", .integer(64)), ("general.type", .text("model")),
            ("other.logit_scale", .real(3)),
        ] {
            #expect(try result(key, value) == "", "\(key)")
        }
        #expect(try result("general.type", .text("adapter")).contains("a GGUF file of the type \"adapter\""))
    }
}
