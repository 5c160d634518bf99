import Files

/// Rebuilds the documents of a Hugging Face folder, for a model that came from a GGUF file.
extension TokenizerDescription {
    /// The names and contents of the tokenizer's files in a Hugging Face folder.
    package func folderFiles() -> [(name: String, content: String)] {
        [
            ("tokenizer.json", tokenizerJSON()), ("tokenizer_config.json", tokenizerConfigJSON()),
            ("special_tokens_map.json", specialTokensMapJSON()), ("generation_config.json", generationConfigJSON()),
        ].map { (name: $0.0, content: $0.1.serialized(pretty: true) + "\n") }
    }

    /// A `tokenizer.json` document that gives the same ids in Hugging Face's `tokenizers`.
    package func tokenizerJSON() -> JSONValue {
        [
            "version": "1.0", "truncation": nil, "padding": nil,
            "added_tokens": .array(addedTokens.sorted { $0.id < $1.id }.map(Self.document)),
            "normalizer": normalizerDocument, "pre_tokenizer": preTokenizerDocument,
            "post_processor": postProcessorDocument, "decoder": decoderDocument, "model": modelDocument,
        ]
    }

    /// The `tokenizer_config.json` document to go with it.
    package func tokenizerConfigJSON() -> JSONValue {
        var object = roles
        object["add_prefix_space"] = .bool(addsPrefixSpace)
        object["added_tokens_decoder"] = .object(
            JSONObject(
                addedTokens.sorted { $0.id < $1.id }.map { token in
                    var entry = Self.document(token).asObject ?? JSONObject()
                    entry["id"] = nil
                    return (key: String(token.id), value: .object(entry))
                }))
        object["clean_up_tokenization_spaces"] = false
        object["tokenizer_class"] = "PreTrainedTokenizerFast"
        if let maximumLength { object["model_max_length"] = .integer(maximumLength) }
        if let chatTemplate { object["chat_template"] = .string(chatTemplate) }
        return .object(object)
    }

    /// The `special_tokens_map.json` document to go with it.
    package func specialTokensMapJSON() -> JSONValue { .object(roles) }

    private var roles: JSONObject {
        var object = JSONObject()
        let unknown = unknownID
        for (name, id) in [("bos_token", beginID), ("eos_token", endID), ("pad_token", paddingID), ("unk_token", unknown)] {
            if let token = token(id) { object[name] = .string(token) }
        }
        return object
    }

    private static func document(_ token: AddedToken) -> JSONValue {
        [
            "id": .integer(Int(token.id)), "content": .string(token.content),
            "single_word": .bool(token.isSingleWord), "lstrip": .bool(token.stripsLeft),
            "rstrip": .bool(token.stripsRight), "normalized": .bool(token.isNormalized),
            "special": .bool(token.isSpecial),
        ]
    }

    private var normalizerDocument: JSONValue {
        let replace: JSONValue = ["type": "Replace", "pattern": ["String": " "], "content": "\u{2581}"]
        switch normalization {
        case .none: return nil
        case .nfc: return ["type": "NFC"]
        case .metaspace(prefixed: false): return replace
        case .metaspace(prefixed: true):
            return ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "\u{2581}"], replace]]
        }
    }

    private var preTokenizerDocument: JSONValue {
        func byteLevel(pattern: Bool) -> JSONValue {
            [
                "type": "ByteLevel", "add_prefix_space": .bool(addsPrefixSpace), "trim_offsets": true,
                "use_regex": .bool(pattern),
            ]
        }
        func split(_ pattern: String) -> JSONValue {
            [
                "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false,
            ]
        }
        func sequence(_ steps: JSONValue...) -> JSONValue {
            ["type": "Sequence", "pretokenizers": .array(steps)]
        }
        switch preTokenizer {
        case .gpt2: return byteLevel(pattern: true)
        case .smolLM: return sequence(["type": "Digits", "individual_digits": true], byteLevel(pattern: true))
        case .llama3: return sequence(split(KnownPattern.llama3), byteLevel(pattern: false))
        case .qwen2: return sequence(split(KnownPattern.qwen2), byteLevel(pattern: false))
        case .metaspace(let prefix, let splits):
            return [
                "type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": .string(prefix.rawValue),
                "split": .bool(splits),
            ]
        case .whole, .wholeBeforeSpaces: return nil
        }
    }

    private var postProcessorDocument: JSONValue {
        guard !(prefix.isEmpty && suffix.isEmpty) else {
            return preTokenizer.isByteLevel
                ? ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true] : nil
        }
        func special(_ id: Int32, _ type: Int) -> JSONValue {
            ["SpecialToken": ["id": .string(token(id) ?? ""), "type_id": .integer(type)]]
        }
        func framed(_ name: String, _ type: Int) -> [JSONValue] {
            prefix.map { special($0, type) } + [["Sequence": ["id": .string(name), "type_id": .integer(type)]]]
                + suffix.map { special($0, type) }
        }
        var ids = JSONObject()
        for id in prefix + suffix {
            let name = token(id) ?? ""
            ids[name] = ["id": .string(name), "ids": [.integer(Int(id))], "tokens": [.string(name)]]
        }
        return [
            "type": "TemplateProcessing", "single": .array(framed("A", 0)),
            "pair": .array(framed("A", 0) + framed("B", 1)), "special_tokens": .object(ids),
        ]
    }

    private var decoderDocument: JSONValue {
        if preTokenizer.isByteLevel {
            return ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true]
        }
        var steps: [JSONValue] = [
            ["type": "Replace", "pattern": ["String": "\u{2581}"], "content": " "], ["type": "ByteFallback"],
            ["type": "Fuse"],
        ]
        if stripsLeadingSpace { steps.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
        return ["type": "Sequence", "decoders": .array(steps)]
    }

    private var modelDocument: JSONValue {
        let vocabulary = tokens.enumerated().filter { !$0.element.isEmpty }
            .map { (key: $0.element, value: JSONValue.integer($0.offset)) }
        // The older "a b" form loads everywhere, but cannot hold tokens with spaces.
        let asPairs = merges.contains { $0.left.utf8.contains(0x20) || $0.right.utf8.contains(0x20) }
        let rules: [JSONValue] = merges.map {
            asPairs ? [.string($0.left), .string($0.right)] : .string($0.left + " " + $0.right)
        }
        return [
            "type": "BPE", "dropout": nil, "unk_token": token(unknownID).map(JSONValue.string) ?? .null,
            "continuing_subword_prefix": nil, "end_of_word_suffix": nil, "fuse_unk": .bool(fusesUnknown),
            "byte_fallback": .bool(fallsBackToBytes), "ignore_merges": .bool(ignoresMerges),
            "vocab": .object(JSONObject(vocabulary)), "merges": .array(rules),
        ]
    }
}
