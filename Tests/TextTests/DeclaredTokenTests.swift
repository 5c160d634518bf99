import Files
import Testing
import Text

/// The values are those of transformers 5 for the same documents.
@Suite("Tokens that only the smaller documents name")
struct DeclaredTokenTests {
    private let count: Int32 = 649
    private let text = "Hi <X> there<X>  <x> end"

    private func token(
        _ content: String, special: Bool = true, left: Bool = false, right: Bool = false
    ) -> JSONValue {
        [
            "content": .string(content), "special": .bool(special), "lstrip": .bool(left), "rstrip": .bool(right),
            "normalized": false, "single_word": false,
        ]
    }

    private func description(
        _ configuration: JSONValue? = nil, map: JSONValue? = nil, added: JSONValue? = nil, model: JSONValue? = nil
    ) throws -> TokenizerDescription {
        try TokenizerDescription(
            tokenizerJSON: try Fixture.json("gpt2.tokenizer.json"), configuration: configuration, specialTokensMap: map,
            addedTokensMap: added, modelConfiguration: model)
    }

    /// How often a token stands in the text.
    private func uses(_ description: TokenizerDescription, _ content: String) throws -> Int {
        let id = try #require(description.id(of: content))
        return try Tokenizer(description).encode(text, addSpecialTokens: false).count { $0 == id }
    }

    @Test("Tokens of added_tokens_decoder, of added_tokens.json and those with a role get the next ids")
    func newTokens() throws {
        #expect(try description().tokens.count == Int(count))
        let sources: [TokenizerDescription] = [
            try description(["added_tokens_decoder": ["649": token("<X>")]]), try description(added: ["<X>": 649]),
            try description(["eos_token": "<X>"]), try description(map: ["eos_token": ["content": "<X>"]]),
            try description(["additional_special_tokens": ["<X>"]]), try description(["extra_special_tokens": ["image_token": "<X>"]]),
            try description(["image_token": "<X>"]), try description(map: ["additional_special_tokens": ["<X>"]]),
        ]
        for description in sources {
            #expect(description.id(of: "<X>") == count)
            #expect(try uses(description, "<X>") == 2)
        }
        #expect(sources[2].endID == count && sources[3].endID == count && sources[2].stopIDs == [count])
    }

    @Test("Several new tokens are taken by id, whatever their order")
    func order() throws {
        for description in [
            try description(["added_tokens_decoder": ["650": token("<X>"), "649": token("<x>")]]),
            try description(added: ["<X>": 650, "<x>": 649]),
        ] {
            #expect(description.id(of: "<X>") == 650 && description.id(of: "<x>") == 649)
        }
    }

    @Test("A declared id that the token would not get is refused")
    func gap() {
        for body in [
            { try description(["added_tokens_decoder": ["700": token("<X>")]]) }, { try description(added: ["<X>": 700]) },
        ] {
            let error = #expect(throws: TextError.self) { _ = try body() }
            #expect(error?.description.contains("700") == true && error?.description.contains("save_pretrained") == true)
        }
    }

    @Test("Flags of added_tokens_decoder win over those of tokenizer.json, those of added_tokens.json do not")
    func flags() throws {
        let end = try #require(try Fixture.description("gpt2").id(of: "<left>"))
        let listed = try description([
            "added_tokens_decoder": .object(JSONObject([(key: "\(end)", value: token("<left>", special: false, right: true))]))
        ])
        let changed = try #require(listed.addedTokens.first { $0.id == end })
        #expect(!changed.stripsLeft && changed.stripsRight && !changed.isSpecial)
        let older = try description(added: .object(JSONObject([(key: "<left>", value: .integer(Int(end)))])))
        let kept = try #require(older.addedTokens.first { $0.id == end })
        #expect(kept.stripsLeft && !kept.stripsRight)
    }

    @Test("A token of the vocabulary that has a role is found in texts")
    func ordinary() throws {
        let description = try description(["eos_token": "he"])
        #expect(description.addedTokens.contains { $0.content == "he" && $0.isSpecial && $0.id == description.endID })
    }

    @Test("special_tokens_map.json counts only where tokenizer_config.json lists no added tokens")
    func map() throws {
        let description = try description(["added_tokens_decoder": [:], "eos_token": "<|im_end|>"], map: ["eos_token": "<X>"])
        #expect(description.token(description.endID) == "<|im_end|>")
        #expect(description.id(of: "<X>") == nil)
    }

    @Test("GPT-2's class puts a space in front when tokenizer_config.json says so, whatever tokenizer.json says")
    func prefixSpace() throws {
        #expect(try description(["tokenizer_class": "GPT2TokenizerFast", "add_prefix_space": true]).addsPrefixSpace)
        #expect(try !description(["tokenizer_class": "PreTrainedTokenizerFast", "add_prefix_space": true]).addsPrefixSpace)
        let spaced = try TokenizerDescription(
            tokenizerJSON: try Fixture.json("gpt2-spaced.tokenizer.json"), configuration: ["tokenizer_class": "GPT2Tokenizer"])
        #expect(!spaced.addsPrefixSpace)
        let error = #expect(throws: TextError.self) {
            try TokenizerDescription(
                tokenizerJSON: try Fixture.json("qwen2.tokenizer.json"),
                configuration: ["tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": true])
        }
        #expect(error?.description.contains("add_prefix_space") == true)
    }

    @Test("GPT-2 and Qwen 2 end texts with <|endoftext|> where their files do not say")
    func defaults() throws {
        for description in [
            try description(["tokenizer_class": "GPT2TokenizerFast"]), try description(model: ["model_type": "gpt2"]),
            try description(["tokenizer_class": "Qwen2Tokenizer"]),
        ] {
            #expect(description.token(description.endID) == "<|endoftext|>")
        }
        #expect(
            try description(["tokenizer_class": "GPT2Tokenizer", "eos_token": "<|im_end|>"]).endID != description().id(of: "<|endoftext|>"))
        #expect(try description(["tokenizer_class": "PreTrainedTokenizerFast"]).endID == nil)
    }
}
