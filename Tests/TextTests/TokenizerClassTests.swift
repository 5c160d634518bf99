import Files
import Testing
import Text

/// The ids are those of transformers 5 for the same documents.
@Suite("A tokenizer's class has rules of its own")
struct TokenizerClassTests {
    private func ids(
        _ text: String, _ fixture: String, _ configuration: JSONValue, family: String = "llama"
    ) throws -> [Int32] {
        let description = try TokenizerDescription(
            tokenizerJSON: try Fixture.json(fixture + ".tokenizer.json"), configuration: configuration,
            modelConfiguration: ["model_type": .string(family)])
        return try Tokenizer(description).encode(text, addSpecialTokens: false)
    }

    private let special = "<s>Who <|im_end|> it's 12"
    private let asWritten: [Int32] = [1, 361, 300, 306, 333, 622, 333, 466, 333, 52, 53]

    @Test("Llama's puts a space in front of the text only, of every piece if it is the older one, or nowhere")
    func llama() throws {
        let first: [Int32] = [1, 291, 300, 306, 333, 622, 466, 333, 52, 53]
        let always: [Int32] = [1, 361, 300, 306, 333, 622, 466, 333, 52, 53]
        #expect(try ids(special, "llama2", ["tokenizer_class": "LlamaTokenizer"]) == first)
        #expect(try ids(special, "llama2", ["tokenizer_class": "LlamaTokenizerFast", "legacy": true]) == always)
        #expect(try ids(special, "llama2", ["tokenizer_class": "LlamaTokenizer", "add_prefix_space": false]) == first)
        #expect(try ids(special, "llama2", ["tokenizer_class": "PreTrainedTokenizerFast"]) == asWritten)
        #expect(try ids(special, "llama2", [:]) == asWritten)
        #expect(try ids(special, "llama2", ["tokenizer_class": "LlamaTokenizer"], family: "mistral") == asWritten)
    }

    @Test("Llama's takes a byte-level file as it stands, and gives it no further tokens")
    func byteLevel() throws {
        let description = try TokenizerDescription(
            tokenizerJSON: try Fixture.json("llama3.tokenizer.json"), configuration: ["tokenizer_class": "LlamaTokenizer"])
        #expect(description.preTokenizer == .llama3 && description.endID == nil)
        #expect(description.tokens.count == (try Fixture.description("llama3").tokens.count))
    }

    @Test("GPT-2's and Qwen 2's cut by their own patterns; a Qwen 2 model has no other class")
    func patterns() throws {
        let text = "e\u{301}  12 DON'T.x\n\n y"
        let digits: [Int32] = [68, 593, 258, 16, 17, 220, 35, 46, 45, 6, 51, 13, 87, 623, 323]
        #expect(try ids(text, "smollm", ["tokenizer_class": "PreTrainedTokenizerFast"]) == digits)
        let plain: [Int32] = [68, 593, 220, 220, 16, 17, 220, 35, 46, 45, 6, 51, 13, 87, 623, 323]
        #expect(try ids(text, "smollm", ["tokenizer_class": "GPT2Tokenizer"]) == plain)
        let qwen: [Int32] = [368, 220, 220, 16, 17, 220, 35, 46, 45, 6, 51, 13, 87, 632, 324]
        #expect(try ids(text, "gpt2", ["tokenizer_class": "Qwen2Tokenizer"]) == qwen)
        #expect(try ids(text, "gpt2", ["tokenizer_class": "PreTrainedTokenizerFast"], family: "qwen2") == qwen)
    }

    @Test("a byte-level class beside another kind of vocabulary is refused", arguments: ["GPT2Tokenizer", "Qwen2TokenizerFast"])
    func mismatch(name: String) {
        let error = #expect(throws: TextError.self) { try ids("a", "llama2", ["tokenizer_class": .string(name)]) }
        #expect(error?.description.contains("tokenizer_class") == true)
    }
}
