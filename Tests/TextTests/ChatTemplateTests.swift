import Files
import Testing
import Text

@Suite("Chat templates write what transformers writes")
struct ChatTemplateTests {
    @Test("Every template of the fixture renders to the same text and ids")
    func rendered() throws {
        let cases = try #require(try Fixture.json("chats.json").asArray)
        try #require(cases.count > 25)
        for entry in cases {
            let template = try ChatTemplate(
                jinja: try #require(entry["jinja"]?.asString), begin: entry["bos"]?.asString ?? "",
                end: entry["eos"]?.asString ?? "")
            let messages = try #require(entry["messages"]?.asArray).map {
                ChatMessage(role: try #require($0["role"]?.asString), content: try #require($0["content"]?.asString))
            }
            let segments = try template.render(messages, addGenerationPrompt: entry["asks"]?.asBool == true)
            let text = segments.map(\.text).joined()
            #expect(text == entry["text"]?.asString, "\(entry["template"]?.asString ?? "")")
            let tokenizer = try Tokenizer(Fixture.description(try #require(entry["tokenizer"]?.asString)))
            #expect(try tokenizer.encode(text, addSpecialTokens: false) == Fixture.ids(entry["ids"]))

            let answers = segments.filter(\.isAnswer).map(\.text)
            let given = messages.filter { $0.role == "assistant" }
            #expect(answers.count == given.count)
        }
    }

    @Test(
        "Families are recognised by their markers",
        arguments: [
            ("chatml", ChatTemplate.Family.chatML), ("chatml-lines", .chatML), ("llama3", .llama3), ("llama2", .llama2),
            ("mistral", .mistral), ("mistral-spaced", .mistral), ("zephyr", .zephyr),
        ])
    func recognised(name: String, family: ChatTemplate.Family) throws {
        let cases = try #require(try Fixture.json("chats.json").asArray)
        let entry = try #require(cases.first { $0["template"]?.asString == name })
        let template = try ChatTemplate(jinja: try #require(entry["jinja"]?.asString), begin: "", end: "")
        #expect(template.family == family)
    }

    @Test("The default system text is read from the template")
    func defaultSystem() throws {
        let jinja = "{{ '<|im_start|>system\\nYou aren\\'t a \\\"parrot\\\".<|im_end|>\\n' }}"
        #expect(try ChatTemplate(jinja: jinja, begin: "", end: "").defaultSystem == "You aren't a \"parrot\".")
        let assembled = "{{ '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
        #expect(try ChatTemplate(jinja: assembled, begin: "", end: "").defaultSystem == nil)
    }

    @Test("Llama 3.1 writes its dates before the system text")
    func dates() throws {
        let template = try ChatTemplate(
            jinja: "<|start_header_id|> Cutting Knowledge Date: December 2023", begin: "<|begin_of_text|>", end: "<|eot_id|>")
        let text = try template.render([.user("Hi")], addGenerationPrompt: true).map(\.text).joined()
        #expect(
            text == "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n"
                + "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n<|eot_id|>"
                + "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")
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

    @Test("An answer segment is the content and its end token", arguments: ChatTemplate.Family.allCases)
    func answers(family: ChatTemplate.Family) throws {
        let end = switch family {
        case .chatML: "<|im_end|>"
        case .llama3: "<|eot_id|>"
        default: "</s>"
        }
        let template = ChatTemplate(family, begin: "<s>", end: end)
        let segments = try template.render([.user("A?"), .assistant("one"), .user("B?"), .assistant("two")])
        let answers = segments.filter(\.isAnswer).map(\.text)
        #expect(answers.count == 2)
        #expect(answers[0].contains("one") && answers[1].contains("two"))
        #expect(answers.allSatisfy { $0.hasSuffix(end) && !$0.contains("?") })
        // What invites an answer is exactly what stands before one.
        let asked = try template.render([.user("A?")], addGenerationPrompt: true).map(\.text).joined()
        #expect(segments[0].text == asked)
    }

    @Test("An unknown template, role or an empty conversation is refused")
    func refused() {
        let unknown = #expect(throws: TextError.self) {
            try ChatTemplate(jinja: "{{ messages }}", begin: "", end: "")
        }
        #expect(unknown?.description.contains("ChatML") == true)
        for foreign in ["<|im_start|>assistant <think>", "<|user|> <|end|>", "[SYSTEM_PROMPT] [INST]"] {
            let error = #expect(throws: TextError.self) { try ChatTemplate(jinja: foreign, begin: "", end: "") }
            #expect(error?.description.contains("by name") == true)
        }
        let role = #expect(throws: TextError.self) {
            try ChatTemplate(.zephyr).render([ChatMessage(role: "tool", content: "x")])
        }
        #expect(role?.description.contains("\"tool\"") == true)
        #expect(throws: TextError.self) { try ChatTemplate(.chatML).render([]) }
    }
}
