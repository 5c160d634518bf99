import Files
import Testing
import Text

@Suite("Token ids are those of Hugging Face")
struct TokenizerTests {
    @Test("Every text of the fixture has the same ids and decodes to the same text", arguments: Fixture.families)
    func ids(family: String) throws {
        let tokenizer = try Tokenizer(Fixture.description(family))
        try expectSameIDs(tokenizer, family)
    }

    @Test("Malformed UTF-8 has the ids of Python's errors='replace'", arguments: Fixture.families)
    func malformed(family: String) throws {
        let tokenizer = try Tokenizer(Fixture.description(family))
        let inputs = try #require(try Fixture.json("inputs.json")["malformed"]?.asArray)
        let expected = try #require(try Fixture.json(family + ".expected.json")["malformed"]?.asArray)
        #expect(inputs.count == expected.count)
        for (input, expected) in zip(inputs, expected) {
            let hex = try #require(input.asString)
            let ids = tokenizer.encode(bytes: try Fixture.bytes(hex: hex), addSpecialTokens: false)
            #expect(try ids == Fixture.ids(expected["ids"]), "\(hex)")
        }
    }

    @Test("Special tokens in text are plain text when they are not allowed", arguments: Fixture.families)
    func specialAsText(family: String) throws {
        let tokenizer = try Tokenizer(Fixture.description(family))
        let cases = try #require(try Fixture.json(family + ".expected.json")["specialAsText"]?.asArray)
        for expected in cases {
            let text = try #require(expected["text"]?.asString)
            let ids = tokenizer.encode(text, addSpecialTokens: false, allowSpecial: false)
            #expect(try ids == Fixture.ids(expected["ids"]), "\(text)")
        }
    }

    @Test("Byte-level text comes back byte for byte", arguments: ["gpt2", "smollm", "llama3"])
    func roundTrip(family: String) throws {
        let tokenizer = try Tokenizer(Fixture.description(family))
        let texts = try #require(try Fixture.json("inputs.json")["texts"]?.asArray).compactMap(\.asString)
        for text in texts where !text.contains("<left>") && !text.contains("<right>") && !text.contains("<both>") {
            let ids = tokenizer.encode(text, addSpecialTokens: false)
            #expect(Array(tokenizer.decode(ids, skipSpecialTokens: false).utf8) == Array(text.utf8), "\(text)")
        }
    }

    @Test("Offsets say where each token starts", arguments: ["gpt2", "smollm", "llama3"])
    func offsets(family: String) throws {
        let tokenizer = try Tokenizer(Fixture.description(family))
        for text in ["Größe 東京 1234 <|im_end|> she'd", "a <left> b"] {
            let (ids, starts) = tokenizer.encodeWithOffsets(text, addSpecialTokens: false)
            let utf8 = Array(text.utf8)
            #expect(ids == tokenizer.encode(text, addSpecialTokens: false))
            for (index, id) in ids.enumerated() {
                #expect(utf8[starts[index]...].starts(with: tokenizer.bytes(of: id)), "\(text), token \(index)")
            }
        }
    }

    @Test("Offsets lead back through rewriting to the text as it was")
    func offsetsThroughRewriting() throws {
        let composed = try Tokenizer(Fixture.description("qwen2"))
        let text = "caf\u{65}\u{301} e\u{301}t\u{65}\u{301} \u{6771}\u{4EAC} end"
        let after = composed.encodeWithOffsets(text, addSpecialTokens: false)
        #expect(after.starts.last.map { $0 > 14 && $0 < text.utf8.count } == true)
        #expect(after.starts == after.starts.sorted())
        let space = try #require(Array(text.utf8).lastIndex(of: 0x20))
        #expect(after.starts.contains(space))

        let marked = try Tokenizer(Fixture.description("llama2"))
        let plain = marked.encodeWithOffsets("a b <s>c", addSpecialTokens: true)
        #expect(plain.ids.first == marked.description.prefix.first)
        #expect(plain.starts == plain.starts.sorted())
        #expect(plain.starts.contains(4) && plain.starts.contains(7))
    }

    @Test("Merges written as \"a b\" and as pairs mean the same")
    func mergeForms() throws {
        let pairs = try Fixture.json("smollm.tokenizer.json")
        #expect(pairs["model"]?["merges"]?.asArray?.first?.asArray != nil)
        let strings = try TokenizerDescription(tokenizerJSON: pairs).tokenizerJSON()
        #expect(strings["model"]?["merges"]?.asArray?.first?.asString != nil)
        #expect(try TokenizerDescription(tokenizerJSON: strings).merges == Fixture.description("smollm").merges)
    }

    @Test("A tokenizer.json that was rebuilt gives the same ids", arguments: Fixture.families)
    func rebuilt(family: String) throws {
        let text = try Fixture.description(family).tokenizerJSON().serialized()
        let again = try TokenizerDescription(tokenizerJSON: JSONValue(parsing: text))
        try expectSameIDs(try Tokenizer(again), family)
    }

    @Test("A long text has the ids of its parts, and a long word does not take for ever", .timeLimit(.minutes(1)))
    func long() throws {
        let tokenizer = try Tokenizer(Fixture.description("gpt2"))
        let one = tokenizer.encode("The harbour was quiet.\n", addSpecialTokens: false)
        let many = tokenizer.encode(String(repeating: "The harbour was quiet.\n", count: 50_000), addSpecialTokens: false)
        #expect(many == Array(repeatElement(one, count: 50_000).joined()))
        // One word of a megabyte: quadratic merging would take hours.
        let word = tokenizer.encode(String(repeating: "ab", count: 500_000), addSpecialTokens: false)
        #expect(tokenizer.decode(word, skipSpecialTokens: false).utf8.count == 1_000_000)
    }

    @Test("Threads may share a tokenizer")
    func shared() async throws {
        let tokenizer = try Tokenizer(Fixture.description("llama3"))
        let texts = try #require(try Fixture.json("inputs.json")["texts"]?.asArray).compactMap(\.asString)
        let expected = texts.map { tokenizer.encode($0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { texts.map { tokenizer.encode($0) } == expected } }
            for await same in group { #expect(same) }
        }
    }

    private func expectSameIDs(_ tokenizer: Tokenizer, _ family: String) throws {
        let texts = try #require(try Fixture.json("inputs.json")["texts"]?.asArray).compactMap(\.asString)
        let expected = try Fixture.json(family + ".expected.json")
        let cases = try #require(expected["texts"]?.asArray)
        try #require(texts.count == cases.count)
        for (text, expected) in zip(texts, cases) {
            let ids = try Fixture.ids(expected["ids"])
            let scalars = text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
            #expect(tokenizer.encode(text, addSpecialTokens: false) == ids, "\(scalars)")
            let decoded = Array((expected["decoded"]?.asString ?? text).utf8)
            #expect(Array(tokenizer.decode(ids).utf8) == decoded, "\(scalars)")
        }
        #expect(try tokenizer.encode(texts[10]) == Fixture.ids(expected["framed"]))
    }
}
