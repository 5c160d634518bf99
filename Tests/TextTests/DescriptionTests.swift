import Files
import TestSupport
import Testing
import Text

@Suite("Tokenizer descriptions")
struct DescriptionTests {
    private func text(_ error: (any CustomStringConvertible)?) -> String { error?.description ?? "no error" }

    /// The description that a GGUF file holding this family's vocabulary would give.
    private func throughGGUF(_ family: String, pre: String) throws -> TokenizerDescription {
        let original = try Fixture.description(family)
        var types = [Int](repeating: 1, count: original.tokens.count)
        for token in original.addedTokens { types[Int(token.id)] = token.isSpecial ? 3 : 4 }
        return try TokenizerDescription(
            ggufModel: "gpt2", pre: pre, tokens: original.tokens, tokenTypes: types,
            merges: original.merges.map { "\($0.left) \($0.right)" }, bos: original.prefix.first.map { Int($0) },
            eos: original.id(of: "<|im_end|>").map { Int($0) }, chatTemplate: "<|im_start|>", maximumLength: 2048)
    }

    @Test(
        "GGUF metadata give the ids of the tokenizer.json they were made from, also once exported",
        arguments: [("gpt2", "gpt-2"), ("smollm", "smollm"), ("llama3", "llama-bpe"), ("qwen2", "qwen2")])
    func gguf(family: String, pre: String) throws {
        let description = try throughGGUF(family, pre: pre)
        let exported = try TokenizerDescription(
            tokenizerJSON: JSONValue(parsing: description.tokenizerJSON().serialized(pretty: true)),
            configuration: JSONValue(parsing: description.tokenizerConfigJSON().serialized()))
        #expect(exported.endID == description.endID)
        #expect(exported.beginID == description.beginID)
        #expect(exported.prefix == description.prefix)
        #expect(exported.chatTemplate == "<|im_start|>")
        #expect(exported.maximumLength == 2048)
        #expect(exported.preTokenizer == description.preTokenizer)
        let texts = try #require(try Fixture.json("inputs.json")["texts"]?.asArray).compactMap(\.asString)
        let expected = try #require(try Fixture.json(family + ".expected.json")["texts"]?.asArray)
        let tokenizers = [try Tokenizer(description), try Tokenizer(exported)]
        // GGUF does not keep how an added token treats the space around it.
        let kept = ["<left>", "<right>", "<both>", "<word>", "<plain"]
        for (text, expected) in zip(texts, expected) where !kept.contains(where: { text.contains($0) }) {
            for tokenizer in tokenizers {
                #expect(try tokenizer.encode(text, addSpecialTokens: false) == Fixture.ids(expected["ids"]), "\(text)")
            }
        }
    }

    @Test("SentencePiece scores in GGUF become the merges that transformers derives")
    func scores() throws {
        let fixture = try Fixture.json("scored.json")
        let description = try TokenizerDescription(
            ggufModel: "llama", pre: "default", tokens: try #require(fixture["tokens"]?.asArray).compactMap(\.asString),
            tokenTypes: try #require(fixture["types"]?.asArray).compactMap(\.asInt),
            scores: try #require(fixture["scores"]?.asArray).compactMap { $0.asDouble.map { Float($0) } },
            bos: 1, eos: 2, unknown: 0)
        let tokenizer = try Tokenizer(description)
        let texts = try #require(try Fixture.json("inputs.json")["texts"]?.asArray).compactMap(\.asString)
        let expected = try #require(fixture["ids"]?.asArray)
        for (text, expected) in zip(texts, expected) {
            #expect(try tokenizer.encode(text) == Fixture.ids(expected), "\(text)")
        }
    }

    @Test("The smaller documents of a folder name the special tokens")
    func configuration() throws {
        let description = try TokenizerDescription(
            tokenizerJSON: try Fixture.json("smollm.tokenizer.json"),
            configuration: [
                "bos_token": ["content": "<|im_start|>"], "add_bos_token": false, "model_max_length": 8192,
                "chat_template": [["name": "tool", "template": "x"], ["name": "default", "template": "<|im_start|>"]],
            ],
            specialTokensMap: ["eos_token": "<|im_end|>", "pad_token": ["content": "<|endoftext|>"]],
            generationConfiguration: ["eos_token_id": [0, 1]])
        #expect(description.token(description.beginID) == "<|im_start|>")
        #expect(description.token(description.endID) == "<|im_end|>")
        #expect(description.token(description.paddingID) == "<|endoftext|>")
        #expect(description.chatTemplate == "<|im_start|>")
        #expect(description.maximumLength == 8192)
        #expect(description.stopIDs == [0, 1, try #require(description.endID)])
        #expect(description.prefix.isEmpty)
    }

    @Test("add_bos_token and add_eos_token change nothing beside tokenizer.json, as in transformers", arguments: [true, false])
    func addBegin(flag: Bool) throws {
        for family in ["gpt2", "llama3"] {
            let begin = family == "gpt2" ? "<|endoftext|>" : "<|begin_of_text|>"
            let description = try TokenizerDescription(
                tokenizerJSON: try Fixture.json("\(family).tokenizer.json"),
                configuration: [
                    "bos_token": .string(begin), "eos_token": .string(begin), "add_bos_token": .bool(flag), "add_eos_token": .bool(flag),
                ])
            #expect(description.prefix == (family == "gpt2" ? [] : [try #require(description.beginID)]))
            #expect(description.suffix.isEmpty)
        }
    }

    @Test(
        "What is not supported is refused by name",
        arguments: [
            ("model", #"{"type": "Unigram", "vocab": []}"#, "Unigram"),
            ("model", #"{"type": "WordPiece", "vocab": {}}"#, "WordPiece"),
            ("normalizer", #"{"type": "BertNormalizer"}"#, "BertNormalizer"),
            ("pre_tokenizer", #"{"type": "Whitespace"}"#, "Whitespace"),
            (
                "pre_tokenizer",
                #"{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}"#,
                "[a-z]+"
            ),
            ("post_processor", #"{"type": "BertProcessing"}"#, "BertProcessing"),
        ])
    func unsupported(section: String, content: String, words: String) throws {
        var document = try #require(try Fixture.json("gpt2.tokenizer.json").asObject)
        document[section] = try JSONValue(parsing: content)
        let error = #expect(throws: TextError.self) { try TokenizerDescription(tokenizerJSON: .object(document)) }
        #expect(text(error).contains(section))
        #expect(text(error).contains(words))
        #expect(text(error).contains("supported: "))
    }

    @Test("Contradictions are refused")
    func contradictions() throws {
        var description = try Fixture.description("gpt2")
        description.merges.append(TokenMerge("qz", "zq"))
        #expect(text(#expect(throws: TextError.self) { try Tokenizer(description) }).contains("\"qz\" + \"zq\""))
        var beyond = try Fixture.description("gpt2")
        beyond.endID = 1_000_000
        #expect(text(#expect(throws: TextError.self) { try Tokenizer(beyond) }).contains("1000000"))
        for model: JSONValue in [
            ["type": "BPE", "vocab": ["a": -1], "merges": []], ["type": "BPE", "vocab": ["a": 99_999_999_999], "merges": []],
            ["type": "BPE", "vocab": ["a": 0], "merges": ["a b c"]], ["type": "BPE", "vocab": ["a": 0]],
            ["type": "BPE", "merges": []], ["type": "BPE", "vocab": ["a": "0"], "merges": []],
        ] {
            let error = #expect(throws: TextError.self) { try TokenizerDescription(tokenizerJSON: ["model": model]) }
            #expect(text(error).contains("model."))
        }
        #expect(throws: TextError.self) { try TokenizerDescription(tokenizerJSON: [:]) }
    }

    @Test("GGUF metadata that do not fit together are refused by key")
    func ggufErrors() {
        func error(_ body: () throws -> TokenizerDescription) -> String {
            do {
                _ = try body()
                return "no error"
            } catch {
                return "\(error)"
            }
        }
        #expect(error { try .init(ggufModel: "bert", pre: nil, tokens: []) }.contains("\"bert\""))
        #expect(error { try .init(ggufModel: "gpt2", pre: "tekken", tokens: [], merges: ["a b"]) }.contains("\"tekken\""))
        #expect(error { try .init(ggufModel: "gpt2", pre: nil, tokens: [], merges: ["a b"]) }.contains("no value"))
        #expect(error { try .init(ggufModel: "gpt2", pre: "gpt-2", tokens: ["a"]) }.contains("tokenizer.ggml.merges"))
        #expect(
            error { try .init(ggufModel: "gpt2", pre: "gpt-2", tokens: ["a"], tokenTypes: [1, 1], merges: ["a a"]) }
                .contains("tokenizer.ggml.token_type"))
        #expect(
            error { try .init(ggufModel: "gpt2", pre: "gpt-2", tokens: ["a"], merges: ["a a"], eos: 7) }
                .contains("tokenizer.ggml.eos_token_id"))
        #expect(error { try .init(ggufModel: "llama", pre: nil, tokens: ["a"]) }.contains("tokenizer.ggml.scores"))
    }

    @Test("Canonically equal tokens keep their own ids")
    func canonicallyEqual() throws {
        let tokenizer = try Tokenizer(
            TokenizerDescription(
                tokens: ["<unk>", "\u{E9}", "e", "\u{301}", "e\u{301}"], merges: [TokenMerge("e", "\u{301}")],
                preTokenizer: .whole))
        #expect(tokenizer.encode("\u{E9}") == [1])
        #expect(tokenizer.encode("e\u{301}") == [4])
    }

    @Test("A folder that was written is read back")
    func folder() throws {
        let original = try throughGGUF("smollm", pre: "smollm")
        try withFolder(original.folderFiles()) { folder in
            let again = try TokenizerDescription(folder: folder)
            #expect(again.tokens == original.tokens)
            #expect(again.merges == original.merges)
            #expect(again.addedTokens == original.addedTokens)
            #expect(again.stopIDs == original.stopIDs)
            #expect(again.chatTemplate == original.chatTemplate)
        }
    }

    @Test("A missing folder is named")
    func missing() {
        let error = #expect(throws: FileError.self) { try TokenizerDescription(folder: "/nowhere/at all") }
        #expect(text(error).contains("/nowhere/at all/tokenizer.json"))
    }

    @Test(
        "A folder with another kind of tokenizer is told how to make tokenizer.json",
        arguments: [["vocab.json", "merges.txt"], ["tokenizer.model"], ["vocab.txt"]])
    func older(files: [String]) throws {
        try withFolder(files.map { ($0, "x") }) { folder in
            let error = #expect(throws: FileError.self) { try TokenizerDescription(folder: folder) }
            #expect(files.allSatisfy { text(error).contains($0) })
            #expect(text(error).contains("AutoTokenizer") && text(error).contains("save_pretrained"))
        }
    }

    @Test(
        "A template is found wherever the files keep it",
        arguments: [
            ([("tokenizer_config.json", #"{"chat_template": "a"}"#)], "a", []),
            (
                [
                    (
                        "tokenizer_config.json",
                        #"{"chat_template": [{"name": "rag", "template": "b"}, {"name": "default", "template": "a"}]}"#
                    )
                ], "a", ["rag"]
            ),
            ([("tokenizer_config.json", #"{"chat_template": [{"name": "rag", "template": "b"}]}"#)], nil, ["rag"]),
            ([("tokenizer_config.json", #"{"chat_template": {"tool_use": "b", "default": "a"}}"#)], "a", ["tool_use"]),
            ([("chat_template.jinja", "a"), ("tokenizer_config.json", #"{"chat_template": "b"}"#)], "a", []),
            ([("additional_chat_templates/default.jinja", "a"), ("tokenizer_config.json", #"{"chat_template": "b"}"#)], "a", []),
            ([("additional_chat_templates/rag.jinja", "b")], nil, ["rag"]),
            ([("chat_template.json", #"{"chat_template": "a"}"#)], "a", []),
        ] as [([(String, String)], String?, [String])])
    func templates(files: [(String, String)], chosen: String?, others: [String]) throws {
        let tokenizer = try Fixture.description("gpt2").tokenizerJSON().serialized()
        try withFolder(files + [("tokenizer.json", tokenizer)]) { folder in
            let description = try TokenizerDescription(folder: folder)
            #expect(description.chatTemplate == chosen)
            #expect(description.namedTemplates == others)
            guard chosen == nil else { return }
            let error = #expect(throws: TextError.self) { try ChatTemplate(for: description) }
            #expect(text(error).contains("rag") && text(error).contains("--template"))
        }
    }
}

/// Runs `body` with a folder that holds these files and exists only for that time.
private func withFolder(_ files: [(name: String, content: String)], _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
        for file in files {
            let path = joinPath(folder, file.name)
            try FileSystem.createFolder(parentFolder(of: path))
            let writer = try FileWriter(path: path)
            try writer.write(file.content)
            try writer.flush()
        }
        try body(folder)
    }
}
