extension TokenizerDescription {
    /// Builds a description from the metadata of a GGUF file.
    /// - Parameters:
    ///   - ggufModel: `tokenizer.ggml.model`: "gpt2" (byte-level BPE) or "llama" (SentencePiece BPE).
    ///   - pre: `tokenizer.ggml.pre`, needed for "gpt2".
    ///   - tokens: `tokenizer.ggml.tokens`, in order of id.
    ///   - tokenTypes: `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused,
    ///     6 byte. Empty if the file has none.
    ///   - scores: `tokenizer.ggml.scores`, needed for "llama".
    ///   - merges: `tokenizer.ggml.merges`, needed for "gpt2", as "left right".
    ///   - addBOS, addEOS, addSpacePrefix: the flags of those names, `nil` if the file has none.
    ///   - ends: further ids that end a turn or a message (`eot_token_id`, `eom_token_id`).
    ///   - namedTemplates: the names of `tokenizer.chat_templates`, which are for other uses.
    ///   - maximumLength: the context length in tokens.
    /// - Throws: `TextError.unsupported` for other models and pre-tokenisers, `TextError.invalid` for lists
    ///   that do not fit together.
    package init(
        ggufModel: String, pre: String?, tokens: [String], tokenTypes: [Int] = [], scores: [Float] = [],
        merges: [String] = [], bos: Int? = nil, eos: Int? = nil, padding: Int? = nil, unknown: Int? = nil,
        addBOS: Bool? = nil, addEOS: Bool? = nil, addSpacePrefix: Bool? = nil, ends: [Int] = [], chatTemplate: String? = nil,
        namedTemplates: [String] = [], maximumLength: Int? = nil
    ) throws(TextError) {
        guard tokenTypes.isEmpty || tokenTypes.count == tokens.count else {
            throw .invalid(
                part: "tokenizer.ggml.token_type", problem: "\(tokenTypes.count) entries for \(tokens.count) tokens")
        }
        var addsBOS = false
        switch ggufModel {
        case "gpt2":
            let rule = try GGUFTokens.preTokenizer(pre)
            self.init(
                tokens: tokens, merges: try GGUFTokens.merges(merges),
                normalization: rule == .qwen2 ? .nfc : .none, preTokenizer: rule)
            ignoresMerges = rule == .llama3
            addsBOS = rule == .llama3
        case "llama":
            guard scores.count == tokens.count else {
                throw .invalid(
                    part: "tokenizer.ggml.scores", problem: "\(scores.count) entries for \(tokens.count) tokens")
            }
            let prefixed = addSpacePrefix ?? true
            self.init(
                tokens: tokens,
                merges: GGUFTokens.merges(tokens: tokens, scores: scores, types: tokenTypes),
                normalization: .metaspace(prefixed: prefixed), preTokenizer: .whole)
            fallsBackToBytes = true
            fusesUnknown = true
            stripsLeadingSpace = prefixed
            addsBOS = true
        default:
            throw .unsupported(
                part: "tokenizer.ggml.model", found: "\"\(ggufModel)\"", supported: "\"gpt2\", \"llama\"")
        }
        for (id, type) in tokenTypes.enumerated() where (2...4).contains(type) && !tokens[id].isEmpty {
            addedTokens.append(AddedToken(id: Int32(id), content: tokens[id], isSpecial: type != 4))
        }
        func role(_ value: Int?, _ key: String) throws(TextError) -> Int32? {
            guard let value else { return nil }
            guard tokens.indices.contains(value) else {
                throw .invalid(part: key, problem: "id \(value) is beyond the \(tokens.count) tokens")
            }
            return Int32(value)
        }
        beginID = try role(bos, "tokenizer.ggml.bos_token_id")
        endID = try role(eos, "tokenizer.ggml.eos_token_id")
        paddingID = try role(padding, "tokenizer.ggml.padding_token_id")
        let unknownToken = try role(unknown, "tokenizer.ggml.unknown_token_id")
        // Byte-level text is never unknown; files name a stand-in all the same.
        unknownID = preTokenizer.isByteLevel ? nil : unknownToken ?? id(of: "<unk>")
        if addBOS ?? addsBOS, let beginID { prefix = [beginID] }
        if addEOS ?? false, let endID { suffix = [endID] }
        // Control tokens that are known to end a turn count even where the metadata are silent about them.
        let known = tokens.indices.filter { EndTokens.wellKnown.contains(tokens[$0]) }
        stopIDs = EndTokens.union(
            [endID].compactMap { $0 } + (ends + known).compactMap { Int32(exactly: $0) }, count: tokens.count)
        self.chatTemplate = chatTemplate
        self.namedTemplates = namedTemplates
        self.maximumLength = maximumLength
    }
}

private enum GGUFTokens {
    static func preTokenizer(_ name: String?) throws(TextError) -> PreTokenizer {
        switch name {
        case "gpt-2", "gpt2", "phi-2", "olmo": return .gpt2
        case "smollm", "starcoder", "refact", "codeshell": return .smolLM
        case "llama-bpe", "llama3", "llama-v3": return .llama3
        case "qwen2", "deepseek-r1-qwen": return .qwen2
        default:
            throw .unsupported(
                part: "tokenizer.ggml.pre", found: name.map { "\"\($0)\"" } ?? "no value",
                supported: "\"gpt-2\", \"smollm\", \"llama-bpe\", \"qwen2\"")
        }
    }

    static func merges(_ lines: [String]) throws(TextError) -> [TokenMerge] {
        guard !lines.isEmpty else {
            throw .invalid(part: "tokenizer.ggml.merges", problem: "missing")
        }
        var result: [TokenMerge] = []
        result.reserveCapacity(lines.count)
        for line in lines {
            let sides = line.split(separator: " ", omittingEmptySubsequences: false)
            guard sides.count == 2 else {
                throw .invalid(part: "tokenizer.ggml.merges", problem: "\"\(line)\" is not two tokens and one space")
            }
            result.append(TokenMerge(String(sides[0]), String(sides[1])))
        }
        return result
    }

    /// SentencePiece stores scores instead of merges: every split of a token into two tokens is a merge, the
    /// higher the token's score the sooner; among the splits of one token, the longest left part first.
    static func merges(tokens: [String], scores: [Float], types: [Int]) -> [TokenMerge] {
        var ids = ByteTable(capacity: tokens.count)
        // Only normal tokens take part; bytes and control tokens never come from merges.
        func isNormal(_ id: Int) -> Bool { types.isEmpty ? !tokens[id].hasPrefix("<") : types[id] == 1 }
        for id in tokens.indices where isNormal(id) { ids.insert(Array(tokens[id].utf8), Int32(id)) }
        var rules: [(score: Float, cut: Int, result: Int, left: Int32, right: Int32)] = []
        for id in tokens.indices where isNormal(id) {
            Array(tokens[id].utf8).withUnsafeBufferPointer { bytes in
                for cut in bytes.indices.dropFirst() where bytes[cut] & 0xC0 != 0x80 {
                    guard let left = ids.find(UnsafeBufferPointer(rebasing: bytes[..<cut])),
                        let right = ids.find(UnsafeBufferPointer(rebasing: bytes[cut...]))
                    else { continue }
                    rules.append((scores[id], cut, id, left, right))
                }
            }
        }
        rules.sort { ($1.score, $1.cut, $0.result) < ($0.score, $0.cut, $1.result) }
        return rules.map { TokenMerge(tokens[Int($0.left)], tokens[Int($0.right)]) }
    }
}
