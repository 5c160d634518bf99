import Files

extension TokenizerDescription {
    /// Reads the tokenizer of a Hugging Face folder: `tokenizer.json`, and where present `tokenizer_config.json`,
    /// `special_tokens_map.json`, `added_tokens.json`, `generation_config.json`, `config.json` and chat templates.
    /// - Throws: `FileError` if a file cannot be read or is not JSON, `TextError` if it needs what this engine lacks.
    package init(folder: String) throws {
        func document(_ name: String) throws -> JSONValue? { try JSONValue.read(ifPresent: joinPath(folder, name), for: .tokenizer) }
        guard let tokenizer = try document("tokenizer.json") else { throw Self.missingTokenizer(in: folder) }
        let configuration = try document("tokenizer_config.json")
        try self.init(
            tokenizerJSON: tokenizer, configuration: configuration, specialTokensMap: try document("special_tokens_map.json"),
            addedTokensMap: try document("added_tokens.json"),
            generationConfiguration: try document("generation_config.json"), modelConfiguration: try document("config.json"))
        let templates = try ChatTemplateFiles(folder: folder, configuration: configuration)
        chatTemplate = templates.chosen
        namedTemplates = templates.others
    }

    /// A folder without `tokenizer.json`: what it has instead, and how to make the file from that.
    private static func missingTokenizer(in folder: String) -> FileError {
        let older = [
            ["vocab.json", "merges.txt"], ["tokenizer.model"], ["spiece.model"], ["vocab.txt"], ["tekken.json"], ["vocab.json"],
        ]
        let file = joinPath(folder, "tokenizer.json")
        guard let found = older.first(where: { $0.allSatisfy { FileSystem.entry(at: joinPath(folder, $0)) != nil } }) else {
            return FileError(.missing, path: file, problem: "no such file", advice: "Download it into the model's folder")
        }
        return FileError(
            .unsupported, path: file,
            problem: "no such file; the folder has its tokenizer as \(found.joined(separator: " and ")), which is not read",
            advice: "Convert it: in Python, AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes tokenizer.json")
    }

    /// Reads a `tokenizer.json` document and the smaller documents that may lie beside it.
    ///
    /// What stands around a text is said by `tokenizer.json` alone: transformers takes no notice of `add_bos_token` and
    /// `add_eos_token` beside it.
    /// - Throws: `TextError.unsupported` for models, normalisers, pre-tokenisers and post-processors other
    ///   than those of byte-level and byte-fall-back BPE; `TextError.invalid` for missing parts.
    package init(
        tokenizerJSON: JSONValue, configuration: JSONValue? = nil, specialTokensMap: JSONValue? = nil,
        addedTokensMap: JSONValue? = nil, generationConfiguration: JSONValue? = nil, modelConfiguration: JSONValue? = nil
    ) throws(TextError) {
        var parts = try HuggingFaceParts(tokenizerJSON)
        let cutting = try HuggingFaceParts.preTokenizer(tokenizerJSON["pre_tokenizer"])
        let tokenizerClass = TokenizerClass(
            (configuration?["tokenizer_class"] ?? modelConfiguration?["tokenizer_class"])?.asString,
            family: modelConfiguration?["model_type"]?.asString, isByteLevel: cutting.rule.isByteLevel)
        let declared = try DeclaredTokens(
            configuration: configuration, map: specialTokensMap, added: addedTokensMap, tokenizerClass: tokenizerClass)
        try parts.add(declared)
        self.init(
            tokens: parts.tokens, merges: parts.merges, addedTokens: parts.addedTokens,
            normalization: try HuggingFaceParts.normalization(tokenizerJSON["normalizer"]),
            preTokenizer: .whole)
        preTokenizer = cutting.rule
        addsPrefixSpace = cutting.addsPrefixSpace
        ignoresMerges = parts.model["ignore_merges"]?.asBool ?? false
        fallsBackToBytes = parts.model["byte_fallback"]?.asBool ?? false
        fusesUnknown = parts.model["fuse_unk"]?.asBool ?? false
        unknownID = parts.model["unk_token"]?.asString.flatMap { parts.id(of: $0) }
        stripsLeadingSpace = HuggingFaceParts.stripsLeadingSpace(tokenizerJSON["decoder"])
        if let tokenizerClass { try cut(as: tokenizerClass, configuration) }
        let frame = try parts.frame(tokenizerJSON["post_processor"])
        prefix = frame?.prefix ?? []
        suffix = frame?.suffix ?? []

        roleTexts = declared.roles.map { (name: $0.name, text: $0.token.content) }
        let known = parts
        func role(_ name: String) -> Int32? { roleTexts.first { $0.name == name }.flatMap { known.id(of: $0.text) } }
        beginID = role("bos_token")
        endID = role("eos_token")
        paddingID = role("pad_token")
        unknownID = unknownID ?? (preTokenizer.isByteLevel ? nil : role("unk_token"))
        stopIDs = EndTokens.union(
            EndTokens.ids(in: generationConfiguration) + EndTokens.ids(in: modelConfiguration) + [endID].compactMap { $0 },
            count: tokens.count)
        let templates = ChatTemplateFiles(configuration?["chat_template"])
        chatTemplate = templates.chosen
        namedTemplates = templates.others
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

    mutating func place(_ token: String, _ id: JSONValue, part: String) throws(TextError) {
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
