import Files

/// Where a model's tensors are in its files.
struct TensorNames {
    /// How a tensor's rows lie in the file.
    enum RowOrder: Hashable {
        case plain
        /// In each head the two halves of the channels alternate, as llama.cpp wants them for rotary positions.
        case interleaved(heads: Int)
    }

    struct Place {
        var name: String
        var order = RowOrder.plain
    }

    private let isGGUF: Bool
    private let dimensions: LanguageDimensions
    private let architecture: String
    /// What the names in the file lack at their beginning.
    private let omitted: String

    init(_ model: any LanguageModel, _ source: ModelFolder) {
        isGGUF = source.gguf != nil
        dimensions = model.dimensions
        architecture = model.architecture
        // OpenAI's own GPT-2 files hold the inner model without its wrapper.
        omitted = architecture == "gpt2" && source.weights.info("wte.weight") != nil ? "transformer." : ""
    }

    /// The place of the tensor that Hugging Face calls `name`.
    func place(_ name: String) -> Place {
        guard isGGUF else { return Place(name: name.hasPrefix(omitted) ? String(name.dropFirst(omitted.count)) : name) }
        let parts = name.split(separator: ".").map(String.init)
        if let known = Self.outer[name] { return Place(name: known) }
        guard parts.count >= 5, let last = parts.last, let inner = Self.inner[parts[parts.count - 2]] else {
            return Place(name: name)
        }
        var place = Place(name: "blk.\(parts[2]).\(inner).\(last)")
        if architecture == "llama", inner == "attn_q" { place.order = .interleaved(heads: dimensions.heads) }
        if architecture == "llama", inner == "attn_k" { place.order = .interleaved(heads: dimensions.keyValueHeads) }
        return place
    }

    /// Tensors that are no parameters, or that repeat one: buffers of older versions of transformers, and a tied head.
    func isKnownExtra(_ name: String) -> Bool {
        if isGGUF { return name == "rope_freqs.weight" }
        let suffixes = ["rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"]
        return name == "lm_head.weight" || suffixes.contains { name.hasSuffix($0) }
    }

    private static let outer = [
        "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    ]
    private static let inner = [
        "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "q_proj": "attn_q", "k_proj": "attn_k",
        "v_proj": "attn_v", "o_proj": "attn_output", "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
    ]

    /// Brings interleaved rows into Hugging Face's order: row p·half + i of a head comes from row 2i + p.
    /// - Parameter values: [heads·size, columns], row-major.
    static func separate(_ values: UnsafeMutableBufferPointer<Float>, heads: Int, rows: Int) {
        guard heads > 0, rows > 0, rows % (2 * heads) == 0 else { return }
        let columns = values.count / rows, size = rows / heads, half = size / 2
        let stored = Array(values)
        for head in 0..<heads {
            for channel in 0..<size {
                let from = head * size + 2 * (channel % half) + channel / half
                let to = head * size + channel
                for column in 0..<columns { values[to * columns + column] = stored[from * columns + column] }
            }
        }
    }
}
