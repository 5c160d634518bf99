import Data
import Files
import Testing
import Text

@Suite("Chat templates write what transformers writes")
struct ChatTemplateTests {
    /// The day that the fixtures were written with.
    private let date = TemplateDate(year: 2025, month: 3, day: 9)

    private func messages(_ value: JSONValue?) throws -> [ChatMessage] {
        try #require(value?.asArray).map {
            ChatMessage(role: try #require($0["role"]?.asString), content: try #require($0["content"]?.asString))
        }
    }

    /// A tokenizer with these texts for its roles, and tokens for the marks that answers end with.
    static func description(_ tokens: JSONValue?, family: String = "gpt2") throws -> TokenizerDescription {
        var description = try Fixture.description(family)
        description.roleTexts = try #require(tokens?.asObject).members.map { (name: $0.key, text: $0.value.asString ?? "") }
        for mark in ["</s>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|END|>", "<|end_of_text|>", "<|end_of_answer|>"]
        where description.id(of: mark) == nil {
            description.addedTokens.append(AddedToken(id: Int32(description.tokens.count), content: mark, isSpecial: true))
            description.tokens.append(mark)
        }
        return description
    }

    @Test("Every template of every family renders every conversation to the same text")
    func families() throws {
        let date = try #require(date)
        let templates = try #require(try Fixture.json("templates.json").asArray)
        #expect(templates.count >= 28)
        for entry in templates {
            let name = try #require(entry["template"]?.asString)
            let template = try ChatTemplate(
                jinja: try #require(entry["jinja"]?.asString), for: Self.description(entry["tokens"]), date: date)
            let cases = try #require(entry["cases"]?.asArray)
            #expect(cases.count >= 4)
            for talk in cases {
                let messages = try messages(talk["messages"])
                let asks = talk["asks"]?.asBool == true
                let text = try template.render(messages, addGenerationPrompt: asks).map(\.text).joined()
                let expected = try #require(talk["text"]?.asString)
                #expect(Array(text.utf8) == Array(expected.utf8), "\(name): \(text.debugDescription) is not \(expected.debugDescription)")
            }
        }
    }

    @Test("Every template of the older fixture renders to the same text and ids")
    func rendered() throws {
        let cases = try #require(try Fixture.json("chats.json").asArray)
        try #require(cases.count > 25)
        for entry in cases {
            let family = try #require(entry["tokenizer"]?.asString)
            var roles = JSONObject()
            if let begin = entry["bos"]?.asString { roles["bos_token"] = .string(begin) }
            if let end = entry["eos"]?.asString { roles["eos_token"] = .string(end) }
            var description = try Fixture.description(family)
            description.roleTexts = roles.members.map { (name: $0.key, text: $0.value.asString ?? "") }
            let template = try ChatTemplate(jinja: try #require(entry["jinja"]?.asString), for: description)
            let messages = try messages(entry["messages"])
            let segments = try template.render(messages, addGenerationPrompt: entry["asks"]?.asBool == true)
            let text = segments.map(\.text).joined()
            #expect(text == entry["text"]?.asString, "\(entry["template"]?.asString ?? "")")
            let tokenizer = try Tokenizer(description)
            #expect(try tokenizer.encode(text, addSpecialTokens: false) == Fixture.ids(entry["ids"]))
            #expect(segments.count(where: \.isAnswer) == messages.count { $0.role == "assistant" })
        }
    }

    @Test(
        "An answer is its text and the mark that ends it",
        arguments: [
            ("llama-2", " Yes. </s>", "</s>"), ("llama-3", "Yes.<|eot_id|>", "<|eot_id|>"), ("mistral-1", "Yes.</s>", "</s>"),
            ("mistral-3", " Yes.</s>", "</s>"), ("qwen-2.5", "Yes.<|im_end|>", "<|im_end|>"),
            ("gemma-3", "Yes.<end_of_turn>", "<end_of_turn>"), ("phi-3", "Yes.<|end|>", "<|end|>"),
            ("phi-3.5", "Yes.<|end|>", "<|end|>"), ("zephyr", "Yes.</s>", "</s>"), ("command-r", "Yes.<|END|>", "<|END|>"),
            ("granite-3", "Yes.<|end_of_text|>", "<|end_of_text|>"), ("deepseek", " Yes.</s>", "</s>"),
            ("olmo-2", "Yes.</s>", "</s>"), ("falcon", " Yes.", nil), ("vicuna", " Yes.</s>", "</s>"),
            ("alpaca", "Yes.</s>", "</s>"), ("yi", "Yes.<|im_end|>", "<|im_end|>"),
        ])
    func answers(name: String, answer: String, mark: String?) throws {
        let template = try template(name)
        #expect(template.endMark == mark)
        let segments = try template.render([.user("A?"), .assistant("Yes."), .user("B?"), .assistant("Yes.")])
        #expect(segments.filter(\.isAnswer).map(\.text) == [answer, answer])
        // What stands before an answer is what asks for it.
        let asked = try template.render([.user("A?")], addGenerationPrompt: true).map(\.text).joined()
        #expect(segments[0].text == asked)
    }

    private func template(_ name: String) throws -> ChatTemplate {
        let templates = try #require(try Fixture.json("templates.json").asArray)
        let entry = try #require(templates.first { $0["template"]?.asString == name })
        return try ChatTemplate(jinja: try #require(entry["jinja"]?.asString), for: Self.description(entry["tokens"]))
    }

    @Test("An empty thought before an answer belongs to the prompt, a thought to the answer, as a row and as a question")
    func thinking() throws {
        let plain: [ChatMessage] = [.user("A?"), .assistant("Yes."), .user("B?"), .assistant("No.")]
        let thought: [ChatMessage] = [.user("A?"), .assistant("<think>\nhm\n</think>\n\nYes.")]
        let own = try template("qwen-3"), named = ChatTemplate(.qwen3)
        #expect(named.endMark == "<|im_end|>")
        for template in [own, named] {
            let segments = try template.render(plain)
            #expect(segments.filter(\.isAnswer).map(\.text) == ["Yes.<|im_end|>", "No.<|im_end|>"])
            #expect(segments[2].text.hasSuffix("assistant\n<think>\n\n</think>\n\n"))
            #expect(try template.render(thought).filter(\.isAnswer).map(\.text) == ["<think>\nhm\n</think>\n\nYes.<|im_end|>"])
            let encoder = Encoder(tokenizer: try Tokenizer(Self.description([:], family: "qwen2")), template: template)
            for talk in [plain, thought, [.user("A?"), .assistant("Yes.")]] {
                let row = try encoder.encode(Example(.chat(talk)))
                #expect(!row.departsFromPrompt)
                let prompt = try encoder.prompt(Example(.chat(talk)))
                #expect(Array(row.ids.prefix(prompt.count)) == prompt)
                #expect(row.labels[prompt.count] != TokenExample.masked && row.labels[prompt.count - 1] == TokenExample.masked)
            }
            let asked = try encoder.tokenizer.decode(encoder.prompt(question: "A?"), skipSpecialTokens: false)
            #expect(asked == "<|im_start|>user\nA?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n")
        }
    }

    @Test("Every family that can be named writes what transformers writes when it is asked not to think")
    func named() throws {
        let fixtures = try #require(try Fixture.json("families.json").asArray)
        for family in ChatFamily.all where family != .withoutTemplate {
            let entry = try #require(fixtures.first { $0["family"]?.asString == family.name }, "\(family.name) has no fixture")
            let cases = try #require(entry["cases"]?.asArray)
            #expect(cases.count >= 3)
            let template = ChatTemplate(
                family, begin: entry["tokens"]?["bos_token"]?.asString ?? "", end: entry["tokens"]?["eos_token"]?.asString ?? "")
            for talk in cases {
                let text = try template.render(messages(talk["messages"]), addGenerationPrompt: talk["asks"]?.asBool == true)
                    .map(\.text).joined()
                let expected = try #require(talk["text"]?.asString)
                #expect(
                    Array(text.utf8) == Array(expected.utf8), "\(family.name): \(text.debugDescription) is not \(expected.debugDescription)"
                )
            }
        }
    }

    @Test("The functions that a row offers reach the model's template; a family without a place for them refuses")
    func tools() throws {
        let row = { (tools: String) throws in
            let line =
                "{\"messages\": [{\"role\": \"user\", \"content\": \"Q\"}, {\"role\": \"assistant\", \"content\": \"A\"}], \"tools\": \(tools)}"
            return try ExampleFile.parse(Array(line.utf8), file: "rows.jsonl")[0]
        }
        let description = try Self.description([:])
        let jinja = "{% if tools %}{{ tools[0].name }}: {% endif %}{% for m in messages %}{{ m.content }};{% endfor %}"
        let encoder = try Encoder(tokenizer: Tokenizer(description), template: ChatTemplate(jinja: jinja, for: description))
        let text = { (tools: String) throws in encoder.tokenizer.decode(try encoder.encode(row(tools)).ids, skipSpecialTokens: false) }
        #expect(try text("[{\"name\": \"add\"}]") == "add: Q;A;")
        for none in ["null", "[]"] { #expect(try text(none) == "Q;A;") }
        #expect(throws: DataError.self) { try text("\"add\"") }
        let named = try Encoder(tokenizer: Tokenizer(description), template: ChatTemplate(.chatML))
        #expect(#expect(throws: DataError.self) { try named.encode(row("[{}]")) }?.description.contains("no place for tools") == true)
        #expect(throws: Never.self) { try named.encode(row("[]")) }
    }

    @Test("Where the prompt is no beginning of the whole, the answer begins with its text, and the row is marked")
    func departing() throws {
        let talk: [ChatMessage] = [.user("A?"), .assistant("Yes.")]
        #expect(
            try template("deepseek-r1").render(talk) == [
                ChatSegment("<s><|User|>A?<|Assistant|>", isAnswer: false), ChatSegment("Yes.<|end_of_answer|>", isAnswer: true),
            ])
        var description = try Self.description(["bos_token": "<s>", "eos_token": "</s>"])
        description.chatTemplate = "{{ messages[-1].role }}: {% for m in messages %}{{ m.content + eos_token }}{% endfor %}"
        let encoder = Encoder(tokenizer: try Tokenizer(description), template: try ChatTemplate(for: description))
        #expect(try encoder.encode(Example(.chat(talk))).departsFromPrompt)
        description.chatTemplate = "{% for m in messages %}{{ m.content + eos_token }}{% endfor %}"
        let plain = Encoder(tokenizer: try Tokenizer(description), template: try ChatTemplate(for: description))
        #expect(try !plain.encode(Example(.chat(talk))).departsFromPrompt)
    }

    @Test("A template that leaves the answer out is refused")
    func noAnswer() throws {
        let template = try ChatTemplate(jinja: "{{ messages[0].content }}", for: Self.description([:]))
        let error = #expect(throws: TextError.self) { try template.render([.user("A?"), .assistant("Yes.")]) }
        #expect(error?.description.contains("leaves out the answer") == true)
    }

    @Test("The date is the one that was asked for, and a template that writes it says so")
    func dates() throws {
        let date = try #require(TemplateDate("2024-07-26"))
        let jinja = "{{ strftime_now('%d %b %Y, %A, day %j') }} {{ messages[0].content }}"
        let template = try ChatTemplate(jinja: jinja, for: Self.description([:]), date: date)
        #expect(try template.render([.user("Hi")]).map(\.text) == ["26 Jul 2024, Friday, day 208 Hi"])
        #expect(template.writtenDate == date)
        #expect(try ChatTemplate(jinja: "{{ messages[0].content }}", for: Self.description([:])).writtenDate == nil)
        #expect(TemplateDate("2024-02-30") == nil && TemplateDate("2023-02-29") == nil && TemplateDate("24-1-1") == nil)
        #expect(TemplateDate("2024-02-29")?.description == "2024-02-29")
    }

    @Test("What a row says about a turn besides role and content reaches the template")
    func fields() throws {
        let rows =
            #"{"messages": [{"role": "user", "content": "Q", "name": "Mira", "gone": null}, {"role": "assistant", "content": "A", "reasoning": "hm"}]}"#
        let example = try #require(try ExampleFile.parse(Array(rows.utf8), file: "rows.jsonl").first)
        guard case .chat(let messages) = example.content else { return }
        let jinja =
            "{% for m in messages %}{{ m.content }} {{ m.name }} {{ m.gone is defined }} {{ m.reasoning_content }} {{ m.thinking }};{% endfor %}"
        let template = try ChatTemplate(jinja: jinja, for: Self.description([:]))
        #expect(try template.render(messages).map(\.text).joined() == "Q Mira False  ;A  False hm hm;")
    }

    @Test("Plain questions and answers need no template")
    func plain() throws {
        let template = ChatTemplate(.plain, end: "</s>")
        #expect(
            try template.render([.user("Where?"), .assistant("There.")]) == [
                ChatSegment("Question: Where?\nAnswer:", isAnswer: false), ChatSegment(" There.</s>", isAnswer: true),
            ])
        #expect(
            try template.render([.user("Where?")], addGenerationPrompt: true)
                == [ChatSegment("Question: Where?\nAnswer:", isAnswer: false)])
    }

    @Test("An answer segment of a declared layout is the content and its end token", arguments: ChatFamily.all)
    func declaredAnswers(family: ChatFamily) throws {
        let end =
            switch family {
            case .chatML, .qwen3: "<|im_end|>"
            case .llama3: "<|eot_id|>"
            default: "</s>"
            }
        let template = ChatTemplate(family, begin: "<s>", end: end)
        #expect(template.endMark == end)
        let segments = try template.render([.user("A?"), .assistant("one"), .user("B?"), .assistant("two")])
        let answers = segments.filter(\.isAnswer).map(\.text)
        #expect(answers.count == 2)
        #expect(answers[0].contains("one") && answers[1].contains("two"))
        #expect(answers.allSatisfy { $0.hasSuffix(end) && !$0.contains("?") })
        // An answer that ends with the mark gets no second one.
        let ended = try template.render([.user("A?"), .assistant("one" + end)]).last { $0.isAnswer }?.text
        #expect(ended.map { $0.hasSuffix("one" + end) } == true)
        // What invites an answer is exactly what stands before one.
        let asked = try template.render([.user("A?")], addGenerationPrompt: true).map(\.text).joined()
        #expect(try template.render([.user("A?"), .assistant("one")])[0].text == asked)
    }

    @Test("Every family has a name of its own, by which it is found")
    func names() {
        #expect(Set(ChatFamily.all.map(\.name)).count == ChatFamily.all.count)
        #expect(Set(ChatFamily.all.map(\.title)).count == ChatFamily.all.count)
        for family in ChatFamily.all { #expect(ChatFamily(named: family.name) == family) }
        #expect(ChatFamily(named: "auto") == nil)
    }

    @Test("A role without a place or an empty conversation is refused")
    func refused() {
        let role = #expect(throws: TextError.self) {
            try ChatTemplate(.zephyr).render([ChatMessage(role: "tool", content: "x")])
        }
        #expect(role?.description.contains("\"tool\"") == true)
        #expect(throws: TextError.self) { try ChatTemplate(.chatML).render([]) }
    }
}
