import Data
import Testing
import Text

@Suite("Only answers count towards the loss")
struct EncoderTests {
    private func encoder(
        _ tokenizer: String = "smollm", _ template: ChatTemplate = ChatTemplate(.chatML), limit: Int? = nil,
        overlong: Encoder.Overlong = .refuse
    ) throws -> Encoder {
        var description = try Fixture.description(tokenizer)
        description.endID = description.id(of: tokenizer == "llama2" ? "</s>" : "<|im_end|>")
        return Encoder(
            tokenizer: try Tokenizer(description), template: template, maximumLength: limit, overlong: overlong)
    }

    private func answer(_ encoded: TokenExample, _ encoder: Encoder) -> String {
        encoder.tokenizer.decode(encoded.labels.filter { $0 >= 0 }, skipSpecialTokens: false)
    }

    private let talk = Example(.chat([.user("Where was she born?"), .assistant("In Santiago, naïvely 😀.")]))

    @Test("ChatML: the answer and its end token")
    func chatML() throws {
        let encoder = try encoder()
        let encoded = try encoder.encode(talk)
        #expect(answer(encoded, encoder) == "In Santiago, naïvely 😀.<|im_end|>")
        let prompt = try encoder.prompt(talk)
        #expect(Array(encoded.ids.prefix(prompt.count)) == prompt)
        #expect(encoded.labels.firstIndex { $0 != TokenExample.masked } == prompt.count)
        #expect(encoded.labels.last == TokenExample.masked)
        #expect(zip(encoded.ids, encoded.labels).allSatisfy { $1 == TokenExample.masked || $0 == $1 })
    }

    @Test("Plain: the space before the answer is part of its first token")
    func plain() throws {
        let encoder = try encoder("llama3", ChatTemplate(.plain, end: "<|im_end|>"))
        let encoded = try encoder.encode(talk)
        #expect(answer(encoded, encoder) == " In Santiago, naïvely 😀.<|im_end|>")
        #expect(encoded.ids.first == encoder.tokenizer.description.prefix.first)
        let prompt = try encoder.prompt(question: "Where was she born?")
        #expect(Array(encoded.ids.prefix(prompt.count)) == prompt)
        #expect(encoded.labels.firstIndex { $0 != TokenExample.masked } == prompt.count)
    }

    @Test("Llama 2: the mask survives the rewriting of spaces")
    func llama2() throws {
        let encoder = try encoder("llama2", ChatTemplate(.llama2, begin: "<s>", end: "</s>"))
        let encoded = try encoder.encode(talk)
        #expect(answer(encoded, encoder).trimmingPrefix { $0 == " " } == "In Santiago, naïvely 😀. </s>")
        #expect(encoded.ids.count { $0 == encoder.tokenizer.description.prefix.first } == 1)
        #expect(encoded.labels.last == encoder.tokenizer.description.id(of: "</s>"))
    }

    @Test("Qwen2: the mask survives composition")
    func composed() throws {
        let encoder = try encoder("qwen2")
        let encoded = try encoder.encode(
            Example(.chat([.user("cafe\u{301}?"), .assistant("e\u{301}te\u{301}"), .user("q\u{323}\u{307}"), .assistant("é")])))
        #expect(Array(answer(encoded, encoder).utf8) == Array("\u{E9}t\u{E9}<|im_end|>\u{E9}<|im_end|>".utf8))
    }

    @Test("A prompt and its completion are taken as they are")
    func completion() throws {
        let encoder = try encoder()
        let encoded = try encoder.encode(Example(.completion(prompt: "Once upon", completion: " a time")))
        #expect(answer(encoded, encoder) == " a time<|im_end|>")
        #expect(encoder.tokenizer.decode(encoded.ids, skipSpecialTokens: false) == "Once upon a time<|im_end|>")
    }

    @Test("A token that spans prompt and answer counts as answer, and the row is marked")
    func spanning() throws {
        let encoder = try encoder()
        let encoded = try encoder.encode(Example(.completion(prompt: "th", completion: "e harbour")))
        #expect(encoder.tokenizer.decode(encoded.ids, skipSpecialTokens: false) == "the harbour<|im_end|>")
        #expect(encoded.spansBoundary)
        #expect(answer(encoded, encoder) == "he harbour<|im_end|>")
        let spaced = try encoder.encode(Example(.completion(prompt: "It was in ", completion: "the harbour")))
        #expect(spaced.spansBoundary)
        #expect(answer(spaced, encoder) == " the harbour<|im_end|>")
        // Nothing stands before the first token, so it cannot count, but the row is marked.
        let first = try encoder.encode(Example(.completion(prompt: " ", completion: "the harbour")))
        #expect(first.spansBoundary && answer(first, encoder) == " harbour<|im_end|>")
        let apart = try encoder.encode(Example(.completion(prompt: "It was in", completion: " the harbour")))
        #expect(!apart.spansBoundary)
        #expect(apart.ids == spaced.ids && apart.labels == spaced.labels)
    }

    @Test("A mark that swallows the space behind it stays in the prompt")
    func swallowing() throws {
        let encoder = try encoder()
        let encoded = try encoder.encode(Example(.completion(prompt: "It was<right>", completion: "  the harbour")))
        #expect(answer(encoded, encoder) == "the harbour<|im_end|>")
        #expect(!encoded.spansBoundary)
    }

    @Test("A conversation that the template refuses is told with its line")
    func refusedRow() throws {
        let template = try ChatTemplate(
            jinja: "{{ raise_exception('no system here') }}", for: Fixture.description("smollm"))
        let row = Example(.chat([.user("A?"), .assistant("B")]), at: RowPosition(file: "rows.jsonl", line: 4))
        let error = #expect(throws: DataError.self) { try encoder("smollm", template).encode(row) }
        #expect(error?.description.contains("rows.jsonl, line 4") == true)
        #expect(error?.description.contains("no system here") == true)
    }

    @Test("Plain text counts from the second token, or from the first after a begin token")
    func text() throws {
        let without = try encoder().encode(Example(.text("The harbour was quiet.")))
        #expect(without.labels.first == TokenExample.masked)
        #expect(Array(without.labels.dropFirst()) == Array(without.ids.dropFirst()))
        let framing = try encoder("llama3")
        let with = try framing.encode(Example(.text("The harbour was quiet.")))
        #expect(with.labels.first == TokenExample.masked)
        #expect(Array(with.labels.dropFirst()) == Array(with.ids.dropFirst()))
        #expect(with.ids.first == framing.tokenizer.description.prefix.first)
    }

    @Test("Too long an example is refused with length, limit and line, or cut on request")
    func tooLong() throws {
        let example = Example(.text(String(repeating: "harbour ", count: 50)), at: RowPosition(file: "rows.jsonl", line: 7))
        let refusing = try encoder(limit: 20)
        let length = try encoder().encode(example).ids.count
        let error = #expect(throws: DataError.self) { try refusing.encode(example) }
        #expect(error?.position == example.position)
        #expect(
            error?.description.hasPrefix("rows.jsonl, line 7: \(length) tokens, but at most 20 fit (the maximum length asked for);") == true
        )
        let cut = try encoder(limit: 20, overlong: .truncate).encode(example)
        #expect(cut.ids.count == 20 && cut.labels.count == 20)
        #expect(cut.position.line == 7)
    }

    @Test("An example whose answer is cut away or empty is refused")
    func nothingLeft() throws {
        let long = Example(
            .completion(prompt: String(repeating: "harbour ", count: 50), completion: "x"), at: RowPosition(file: "rows.jsonl", line: 3))
        let error = #expect(throws: DataError.self) { try encoder(limit: 20, overlong: .truncate).encode(long) }
        #expect(error?.description.hasPrefix("rows.jsonl, line 3: no token of its answer is left") == true)
        #expect(throws: DataError.self) { try encoder().encode(Example(.text(""))) }
        #expect(throws: DataError.self) { try encoder().encode(Example(.chat([.user("Only a question")]))) }
    }

    @Test("What a model cannot read is refused where it is encoded, questions too")
    func limits() throws {
        let encoder = try encoder()
        let row = Example(.text("The harbour was quiet."), at: RowPosition(file: "rows.jsonl", line: 2))
        let ids = try encoder.encode(row).ids
        let held = { (vocabulary: Int, context: Int) in
            Encoder(
                tokenizer: encoder.tokenizer, template: encoder.template,
                limits: SequenceLimits(vocabulary: vocabulary, context: context, contextReason: "the model's context"))
        }
        #expect(try held(encoder.tokenizer.description.tokens.count, ids.count).encode(row).ids == ids)
        let largest = Int(try #require(ids.max()))
        for limited in [held(largest, 100), held(100_000, ids.count - 1)] {
            for read in [{ _ = try limited.encode(row) }, { _ = try limited.prompt(row) }] {
                let message = #expect(throws: DataError.self) { try read() }?.description ?? ""
                #expect(message.hasPrefix("rows.jsonl, line 2: "), "\(message)")
                #expect(message.contains("vocabulary of \(largest)") || message.contains("(the model's context)"), "\(message)")
            }
        }
    }
}
