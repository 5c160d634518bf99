import Data
import Files
import Testing
import Text

@Suite("Where answers end")
struct EndTokenTests {
    private let chatML = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"

    private func encoder(_ description: TokenizerDescription) throws -> Encoder {
        Encoder(tokenizer: try Tokenizer(description), template: try ChatTemplate(for: description))
    }

    @Test("All files that name end tokens are heard, and the template's own mark too")
    func union() throws {
        let description = try TokenizerDescription(
            tokenizerJSON: try Fixture.json("smollm.tokenizer.json"),
            configuration: ["eos_token": "<|endoftext|>", "chat_template": .string(chatML)],
            generationConfiguration: ["eos_token_id": [5, 6, 5]], modelConfiguration: ["eos_token_id": 7])
        let end = try #require(description.endID), mark = try #require(description.id(of: "<|im_end|>"))
        #expect(description.stopIDs == [5, 6, 7, end])
        #expect(try encoder(description).stopIDs == [5, 6, 7, end, mark])
        // A layout that was chosen by name has its own mark.
        #expect(description.stopIDs(with: ChatTemplate(.zephyr, end: "<|endoftext|>")) == [5, 6, 7, end])
        #expect(description.stopIDs(with: ChatTemplate(.chatML)) == [5, 6, 7, end, mark])
    }

    @Test("Ids beyond the vocabulary and things that are no ids end nothing")
    func invalid() throws {
        let description = try TokenizerDescription(
            tokenizerJSON: try Fixture.json("smollm.tokenizer.json"),
            generationConfiguration: ["eos_token_id": [-1, 1_000_000, "x", nil]], modelConfiguration: ["eos_token_id": nil])
        #expect(description.stopIDs.isEmpty)
    }

    private func gguf(ends: [Int] = [], template: String? = nil, extra: [String] = []) throws -> TokenizerDescription {
        let original = try Fixture.description("smollm")
        let tokens = original.tokens + extra
        var types = [Int](repeating: 1, count: tokens.count)
        for token in original.addedTokens { types[Int(token.id)] = 3 }
        for index in original.tokens.count..<tokens.count { types[index] = 3 }
        return try TokenizerDescription(
            ggufModel: "gpt2", pre: "smollm", tokens: tokens, tokenTypes: types,
            merges: original.merges.map { "\($0.left) \($0.right)" }, eos: original.id(of: "<|endoftext|>").map { Int($0) },
            ends: ends, chatTemplate: template)
    }

    @Test("GGUF: the ids of end of text, turn and message, and tokens that are known to end a turn")
    func ggufEnds() throws {
        let description = try gguf(ends: [3, 4], extra: ["<|eot_id|>", "<|other|>"])
        let ends = try ["<|endoftext|>", "<|im_end|>", "<|eot_id|>"].map { try #require(description.id(of: $0)) }
        #expect(Set(description.stopIDs) == Set(ends + [3, 4]))
        #expect(description.stopIDs.first == ends[0])
    }

    @Test("A rebuilt folder says in generation_config.json where answers end")
    func generationConfiguration() throws {
        let description = try gguf(ends: [3], template: "{% for m in messages %}{{ m.content + '<left>' }}{% endfor %}")
        let file = try #require(description.folderFiles().first { $0.name == "generation_config.json" })
        let ids = try Fixture.ids(try JSONValue(parsing: file.content)["eos_token_id"])
        let expected = try ["<|endoftext|>", "<|im_end|>", "<left>"].map { try #require(description.id(of: $0)) }
        #expect(Set(ids) == Set(expected + [3]))
    }

    @Test(
        "A completion that ends with an end token gets no second one",
        arguments: [
            ("a time", " a time<|endoftext|>"), ("a time<|endoftext|>", " a time<|endoftext|>"), ("a time<|im_end|>", " a time<|im_end|>"),
            ("a time<|endoftext|>\n", " a time<|endoftext|>\n"),
        ])
    func completion(completion: String, answer: String) throws {
        var description = try Fixture.description("smollm")
        description.endID = description.id(of: "<|endoftext|>")
        description.chatTemplate = chatML
        let encoder = try encoder(description)
        let encoded = try encoder.encode(Example(.completion(prompt: "Once upon", completion: " " + completion)))
        #expect(encoder.tokenizer.decode(encoded.labels.filter { $0 >= 0 }, skipSpecialTokens: false) == answer)
    }
}
