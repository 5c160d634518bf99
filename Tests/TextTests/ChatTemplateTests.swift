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

    @Test("What a template writes between the prompt and the answer counts as answer")
    func thinking() throws {
        let segments = try template("qwen-3").render([.user("A?"), .assistant("Yes."), .user("B?"), .assistant("No.")])
        #expect(
            segments.filter(\.isAnswer).map(\.text) == ["Yes.<|im_end|>", "<think>\n\n</think>\n\nNo.<|im_end|>"])
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

    @Test("An answer segment of a declared layout is the content and its end token", arguments: ChatTemplate.Family.allCases)
    func declaredAnswers(family: ChatTemplate.Family) throws {
        let end =
            switch family {
            case .chatML: "<|im_end|>"
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
        #expect(segments[0].text == asked)
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
