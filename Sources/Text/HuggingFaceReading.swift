import Files
import Glibc

extension TokenizerDescription {
    /// Reads the tokenizer of a Hugging Face folder: `tokenizer.json`, and where present
    /// `tokenizer_config.json`, `special_tokens_map.json`, `generation_config.json` and `chat_template.jinja`.
    /// - Throws: `TextError` if a file cannot be read, is not JSON, or needs what this engine lacks.
    public init(folder: String) throws(TextError) {
        let template = folder + "/chat_template.jinja"
        var chatTemplate: String?
        if access(template, F_OK) == 0 { chatTemplate = String(decoding: try readFile(template), as: UTF8.self) }
        try self.init(
            tokenizerJSON: try readJSON(folder + "/tokenizer.json"),
            configuration: try readJSONIfPresent(folder + "/tokenizer_config.json"),
            specialTokensMap: try readJSONIfPresent(folder + "/special_tokens_map.json"),
            generationConfiguration: try readJSONIfPresent(folder + "/generation_config.json"),
            chatTemplate: chatTemplate)
    }

    /// Reads a `tokenizer.json` document and the smaller documents that may lie beside it.
    /// - Throws: `TextError.unsupported` for models, normalisers, pre-tokenisers and post-processors other
    ///   than those of byte-level and byte-fall-back BPE; `TextError.invalid` for missing parts.
    public init(
        tokenizerJSON: JSONValue, configuration: JSONValue? = nil, specialTokensMap: JSONValue? = nil,
        generationConfiguration: JSONValue? = nil, chatTemplate: String? = nil
    ) throws(TextError) {
        let parts = try HuggingFaceParts(tokenizerJSON)
        self.init(
            tokens: parts.tokens, merges: parts.merges, addedTokens: parts.addedTokens,
            normalization: try HuggingFaceParts.normalization(tokenizerJSON["normalizer"]),
            preTokenizer: .whole)
        let cutting = try HuggingFaceParts.preTokenizer(tokenizerJSON["pre_tokenizer"])
        preTokenizer = cutting.rule
        addsPrefixSpace = cutting.addsPrefixSpace
        ignoresMerges = parts.model["ignore_merges"]?.asBool ?? false
        fallsBackToBytes = parts.model["byte_fallback"]?.asBool ?? false
        fusesUnknown = parts.model["fuse_unk"]?.asBool ?? false
        unknownID = parts.model["unk_token"]?.asString.flatMap { parts.id(of: $0) }
        stripsLeadingSpace = HuggingFaceParts.stripsLeadingSpace(tokenizerJSON["decoder"])
        let frame = try parts.frame(tokenizerJSON["post_processor"])
        prefix = frame?.prefix ?? []
        suffix = frame?.suffix ?? []

        func role(_ name: String) -> Int32? {
            for source in [configuration?[name], specialTokensMap?[name]] {
                if let content = source?.asString ?? source?["content"]?.asString { return parts.id(of: content) }
            }
            return nil
        }
        beginID = role("bos_token")
        endID = role("eos_token")
        paddingID = role("pad_token")
        unknownID = unknownID ?? (preTokenizer.isByteLevel ? nil : role("unk_token"))
        if frame == nil {
            if configuration?["add_bos_token"]?.asBool == true, let beginID { prefix = [beginID] }
            if configuration?["add_eos_token"]?.asBool == true, let endID { suffix = [endID] }
        }
        let stops = generationConfiguration?["eos_token_id"]
        stopIDs = (stops?.asArray ?? stops.map { [$0] } ?? []).compactMap { $0.asInt.flatMap(Int32.init(exactly:)) }
        if let endID, !stopIDs.contains(endID) { stopIDs.append(endID) }
        stopIDs.removeAll { !tokens.indices.contains(Int($0)) }
        let templates = configuration?["chat_template"]
        self.chatTemplate = chatTemplate ?? templates?.asString
            ?? templates?.asArray?.first { $0["name"]?.asString == "default" }?["template"]?.asString
        // Files without a limit hold 1e30 here.
        maximumLength = configuration?["model_max_length"]?.asInt.flatMap { $0 < 1 << 40 ? $0 : nil }
    }
}

/// The sections of a `tokenizer.json` document.
struct HuggingFaceParts {
    let model: JSONValue
    var tokens: [String] = []
    var merges: [TokenMerge] = []
    var addedTokens: [AddedToken] = []
    private var ids: ByteTable

    init(_ document: JSONValue) throws(TextError) {
        guard let model = document["model"] else {
            throw .invalid(part: "model", problem: "the document has no \"model\" section")
        }
        // Files from before the type was written hold BPE when they have merges.
        let type = model["type"]?.asString ?? (model["merges"] == nil ? "no type" : "BPE")
        guard type == "BPE" else {
            throw .unsupported(part: "model", found: "\"\(type)\"", supported: "BPE")
        }
        for affix in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = model[affix]?.asString, !text.isEmpty {
                throw .unsupported(part: "model", found: "\(affix) \"\(text)\"", supported: "none")
            }
        }
        self.model = model
        guard let vocabulary = model["vocab"]?.asObject else {
            throw .invalid(part: "model.vocab", problem: "missing, or not an object of ids by token")
        }
        ids = ByteTable(capacity: vocabulary.members.count)
        tokens = [String](repeating: "", count: vocabulary.members.count)
        for (token, id) in vocabulary.members { try place(token, id, part: "model.vocab") }
        merges = try Self.merges(model["merges"])
        for token in document["added_tokens"]?.asArray ?? [] {
            guard let content = token["content"]?.asString, let id = token["id"] else {
                throw .invalid(part: "added_tokens", problem: "an entry lacks \"id\" or \"content\"")
            }
            try place(content, id, part: "added_tokens")
            addedTokens.append(
                AddedToken(
                    id: Int32(id.asInt ?? 0), content: content, isSpecial: token["special"]?.asBool ?? false,
                    stripsLeft: token["lstrip"]?.asBool ?? false, stripsRight: token["rstrip"]?.asBool ?? false,
                    isSingleWord: token["single_word"]?.asBool ?? false,
                    isNormalized: token["normalized"]?.asBool ?? false))
        }
    }

    func id(of token: String) -> Int32? { ids.find(Array(token.utf8)) }

    private mutating func place(_ token: String, _ id: JSONValue, part: String) throws(TextError) {
        // The bound keeps a lying file from asking for gigabytes.
        guard let id = id.asInt, (0..<1 << 24).contains(id) else {
            throw .invalid(part: part, problem: "the id of \"\(token)\" is not an integer from 0 to 16777215")
        }
        if id >= tokens.count { tokens.append(contentsOf: repeatElement("", count: id + 1 - tokens.count)) }
        tokens[id] = token
        ids.insert(Array(token.utf8), Int32(id))
    }

    private static func merges(_ value: JSONValue?) throws(TextError) -> [TokenMerge] {
        guard let rules = value?.asArray else {
            throw .invalid(part: "model.merges", problem: "missing, or not an array")
        }
        var result: [TokenMerge] = []
        result.reserveCapacity(rules.count)
        for (index, rule) in rules.enumerated() {
            if let text = rule.asString {
                let sides = text.split(separator: " ", omittingEmptySubsequences: false)
                if sides.count == 2 {
                    result.append(TokenMerge(String(sides[0]), String(sides[1])))
                    continue
                }
            } else if let pair = rule.asArray, pair.count == 2, let left = pair[0].asString, let right = pair[1].asString {
                result.append(TokenMerge(left, right))
                continue
            }
            throw .invalid(part: "model.merges", problem: "entry \(index) is neither \"a b\" nor [\"a\", \"b\"]")
        }
        return result
    }
}
