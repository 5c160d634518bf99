import Files

/// What transformers 5 makes of a folder's tokenizer: its classes of these names take vocabulary, merges and frame from
/// `tokenizer.json`, and cut texts by rules of their own, whatever that file says of normalisers and pre-tokenisers.
enum TokenizerClass: String {
    case gpt2 = "GPT2Tokenizer"
    case qwen2 = "Qwen2Tokenizer"
    case llama = "LlamaTokenizer"

    /// The class for a folder; nil for one that takes `tokenizer.json` as it stands.
    /// - Parameters:
    ///   - name: `tokenizer_class`, with or without "Fast".
    ///   - family: the `model_type`. Qwen 2's class is always its own, and Mistral's never one of these.
    ///   - isByteLevel: whether `tokenizer.json` is; Llama's class takes such a file as it stands.
    init?(_ name: String?, family: String?, isByteLevel: Bool) {
        let fast = "Fast"
        let plain = name.map { $0.hasSuffix(fast) ? String($0.dropLast(fast.count)) : $0 }
        switch family {
        case "qwen2": self = .qwen2
        case "mistral": return nil
        case "gpt2" where plain == nil: self = .gpt2
        default:
            guard let known = plain.flatMap(TokenizerClass.init(rawValue:)), known != .llama || !isByteLevel else { return nil }
            self = known
        }
    }

    /// Roles that the class fills where the files leave them open.
    var defaultRoles: [(name: String, text: String)] {
        switch self {
        case .gpt2: ["unk_token", "bos_token", "eos_token"].map { ($0, "<|endoftext|>") }
        case .qwen2: ["unk_token", "eos_token", "pad_token"].map { ($0, "<|endoftext|>") }
        case .llama: [("unk_token", "<unk>"), ("bos_token", "<s>"), ("eos_token", "</s>")]
        }
    }
}

extension TokenizerDescription {
    /// Puts the class's own rules in the place of those read from `tokenizer.json`.
    mutating func cut(as tokenizerClass: TokenizerClass, _ configuration: JSONValue?) throws(TextError) {
        let wantsSpace = configuration?["add_prefix_space"]?.asBool
        if tokenizerClass == .llama {
            let older = configuration?["legacy"]?.asBool ?? false
            normalization = .none
            preTokenizer = .metaspace(prefix: wantsSpace == false ? .never : older ? .always : .first, splits: false)
            fallsBackToBytes = true
            fusesUnknown = true
            stripsLeadingSpace = wantsSpace ?? true
            ignoresMerges = false
            return
        }
        guard preTokenizer.isByteLevel else {
            throw .unsupported(
                part: "tokenizer_class", found: "\"\(tokenizerClass.rawValue)\" beside a tokenizer.json that is not byte-level",
                supported: "the class that the tokenizer was saved with")
        }
        if tokenizerClass == .qwen2, wantsSpace == true {
            throw .unsupported(part: "add_prefix_space", found: "true with Qwen2Tokenizer", supported: "false")
        }
        normalization = tokenizerClass == .qwen2 ? .nfc : .none
        preTokenizer = tokenizerClass == .qwen2 ? .qwen2 : .gpt2
        addsPrefixSpace = wantsSpace ?? false
        ignoresMerges = false
    }
}
