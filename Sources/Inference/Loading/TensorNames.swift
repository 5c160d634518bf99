import Files
import Models

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
    private let weights: any WeightSource
    private let prefix: NamePrefix
    /// The name of the head where it is the embedding; nil for a model with a head of its own.
    private let tiedHead: String?

    /// - Throws: `ModelError.foreignPrefix` if the names match but for their beginning.
    init(_ model: any LanguageModel, _ source: ModelFolder) throws(ModelError) {
        isGGUF = source.gguf != nil
        dimensions = model.dimensions
        architecture = model.architecture
        weights = source.weights
        prefix = try NamePrefix(model, source.weights)
        let hasHead = model.specifications.contains { $0.name == Self.head }
        tiedHead = hasHead || source.gguf != nil ? nil : prefix.stored(Self.head, in: source.weights)
    }

    static let head = "lm_head.weight"
    private var embedding: String { architecture == "gpt2" ? "transformer.wte.weight" : "model.embed_tokens.weight" }

    /// The place of the tensor that Hugging Face calls `name`.
    func place(_ name: String) -> Place {
        guard isGGUF else {
            let stored = prefix.stored(name, in: weights)
            // Some writers keep one of two tied tensors, and some of them the head.
            if name == embedding, let tiedHead, weights.info(stored) == nil, weights.info(tiedHead) != nil {
                return Place(name: tiedHead)
            }
            return Place(name: stored)
        }
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
        let suffixes = architecture == "gpt2" ? [".attn.bias", ".attn.masked_bias"] : ["rotary_emb.inv_freq"]
        return name == tiedHead || suffixes.contains { name.hasSuffix($0) }
    }

    /// Whether a head is stored that should be the embedding and is not: the head of a merged adapter, for example. The model
    /// then has a head of its own, whatever its configuration says.
    func hasForeignHead() throws(ModelError) -> Bool {
        let table = prefix.stored(embedding, in: weights)
        guard let tiedHead, weights.info(table) != nil, weights.info(tiedHead) != nil else { return false }
        return try ModelError.files { () throws(FileError) in try weights.read(table) != weights.read(tiedHead) }
    }

    private static let outer = [
        "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", head: "output.weight",
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
