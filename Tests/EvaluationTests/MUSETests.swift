import Data
import Evaluation
import Files
import Glibc
import Testing
import Text

/// What open-unlearning's functions make of the same rows (Fixtures/generate_muse.py), and the model's own numbers.
@Suite("MUSE's protocol")
struct MUSETests {
    private func numbers(_ value: JSONValue?) throws -> [Int32] { try #require(value?.asArray).compactMap(\.asInt).map { Int32($0) } }

    private func row(_ question: JSONValue?, _ answer: JSONValue?) throws -> Example {
        Example(.chat([.user(try #require(question?.asString)), .assistant(try #require(answer?.asString))]))
    }

    @Test("Questions stand behind their examples as in the reference code")
    func questions() throws {
        let encoder = try PlainModel.byteEncoder()
        let cases = try #require(try PlainModel.fixture("muse")["questions"]?.asArray)
        #expect(cases.count == 3)
        for value in cases {
            let examples = try #require(value["examples"]?.asArray).map { try row($0.asArray?.first, $0.asArray?.last) }
            #expect(
                try MUSEProtocol.prompt(row(value["question"], value["answer"]), after: examples, encoder) == numbers(value["ids"]))
        }
    }

    @Test("Texts have the ids and labels of the reference code, cut where it cuts")
    func texts() throws {
        let encoder = try PlainModel.byteEncoder()
        let cases = try #require(try PlainModel.fixture("muse")["texts"]?.asArray)
        #expect(cases.count == 5)
        for value in cases {
            let prompt = try #require(value["prompt"]?.asString), text = try #require(value["text"]?.asString)
            let example = prompt.isEmpty ? Example(.text(text)) : Example(.completion(prompt: prompt, completion: text))
            let encoded = try MUSEProtocol.encode(example, encoder), labels = try numbers(value["labels"])
            #expect(try encoded.ids == numbers(value["ids"]) && encoded.labels == labels)
        }
    }

    @Test("Answers are cut and scored as in the reference code")
    func answers() throws {
        let fixture = try PlainModel.fixture("muse"), cases = try #require(fixture["answers"]?.asArray)
        #expect(cases.count == 120 && cases.contains { ($0["f1"]?.asDouble ?? 0) > 0.5 })
        for value in cases {
            let said = try #require(value["said"]?.asString)
            let text = value["cuts"]?.asBool == true ? MUSEProtocol.cut(said) : said.pythonStripped()
            #expect(text == value["generation"]?.asString)
            var muse = MeasuredMUSE()
            muse.answers[.forgetQuestions] = [
                .init(question: "?", reference: try #require(value["reference"]?.asString), generated: text)
            ]
            var model = MeasuredModel([:])
            model.muse = muse
            let found = EvaluationSuite.tofu.results(model).first { $0.key == "forget_knowmem_ROUGE" }?.value
            #expect(abs(try #require(found) - #require(value["f1"]?.asDouble)) < 1e-14)
        }
    }

    private func rows(_ file: MUSEFile, _ lines: String...) throws -> [Example] {
        try file.read(Array(lines.joined(separator: "\n").utf8), file: "rows.jsonl")
    }

    private func data() throws -> MUSEData {
        try MUSEData([
            .forgetExamples: rows(.forgetExamples, #"{"question": "Who?", "answer": "Ann"}"#),
            .forgetQuestions: rows(
                .forgetQuestions, #"{"question": "Where?", "answer": "In Rome"}"#, #"{"question": "Why?", "answer": "No"}"#),
            .retainExamples: rows(.retainExamples, #"{"question": "Which?", "answer": "One"}"#),
            .retainQuestions: rows(.retainQuestions, #"{"question": "When?", "answer": "Now"}"#),
            .verbatim: rows(.verbatim, #"{"prompt": "She was", "gt": "born in Rome."}"#, #"{"prompt": "He", "gt": "went home."}"#),
            .forgetTexts: rows(.forgetTexts, #"["A fair day.", "All is well here."]"#),
            .holdoutTexts: rows(.holdoutTexts, #"{"text": "Another day."}"#, #"{"text": "It rains."}"#),
            .retainTexts: rows(.retainTexts, #"["The book is red."]"#),
        ])
    }

    @Test("Everything is measured as a plain computation has it")
    func definitions() throws {
        let plain = try PlainModel(), encoder = plain.data.encoder, data = try data()
        var options = SuiteEvaluator.Options()
        (options.maximumTokens, options.batchSize) = (1, 3)
        let found = try SuiteEvaluator(plain.session, encoder: encoder).measure(data, options)
        func ids(_ text: String) -> [Int32] { encoder.tokenizer.encode(text, addSpecialTokens: false) }

        for (file, example) in [
            (MUSEFile.forgetQuestions, "Question: Who?\nAnswer: Ann\n\n"), (.retainQuestions, "Question: Which?\nAnswer: One\n\n"),
        ] {
            let answers = try #require(found.answers[file]), rows = try #require(data.rows[file])
            #expect(answers.count == rows.count)
            for (row, answer) in zip(rows, answers) {
                let prompt = ids(example + "Question: \(row.questionAndAnswer.question)\nAnswer: ")
                // The model's context of 64 ends the answer before 32 tokens may.
                let said = try plain.continuation(prompt, min(32, 64 - prompt.count), PlainModel.greedy)
                #expect(answer.generated.hasPrefix(MUSEProtocol.cut(encoder.tokenizer.decode(said, skipSpecialTokens: true))))
                #expect(answer.reference == row.questionAndAnswer.answer)
            }
        }
        for (row, item) in zip(try #require(data.rows[.verbatim]), found.verbatim) {
            let (prompt, text) = row.questionAndAnswer
            let start = ids(prompt).count, whole = ids("\(prompt) \(text)")
            for (a, b) in zip(item.answer.logProbabilities, try plain.logProbabilities(whole, from: start)) { #expect(abs(a - b) < 1e-5) }
            #expect(item.answer.hits.count == whole.count - start && item.generated != nil && item.reference == text)
        }
        for file in [MUSEFile.forgetTexts, .holdoutTexts, .retainTexts] {
            for (row, item) in zip(try #require(data.rows[file]), try #require(found.texts[file])) {
                let whole = ids(row.questionAndAnswer.answer)
                for (a, b) in zip(item.answer.logProbabilities, try plain.logProbabilities(whole, from: 1)) { #expect(abs(a - b) < 1e-5) }
                #expect(item.answer.hits.count == whole.count - 1 && item.answer.scores != nil)
            }
        }
        #expect(found.count == 3 + 2 + 5)
        options.generates = false
        let silent = try SuiteEvaluator(plain.session, encoder: encoder).measure(data, options)
        #expect(silent.answers.isEmpty && silent.verbatim.allSatisfy { $0.generated == nil })
    }

    @Test("Metrics have open-unlearning's names, and take MUSE's texts where there is no forget set")
    func metrics() throws {
        func text(_ probabilities: [Double], _ hits: [Bool]) -> MeasuredText {
            MeasuredText(logProbabilities: probabilities.map { log($0) }, hits: hits, scores: probabilities)
        }
        func item(_ reference: String, _ text: MeasuredText, _ generated: String? = nil) -> MeasuredItem {
            var item = MeasuredItem(question: "She", reference: reference, answer: text)
            item.generated = generated
            return item
        }
        var muse = MeasuredMUSE()
        muse.answers[.retainQuestions] = [
            .init(question: "?", reference: "Paris", generated: "The Eiffel Tower is located in Paris, France."),
            .init(question: "?", reference: "Rome", generated: "Rome"),
        ]
        muse.verbatim = [
            item("born in Rome", text([0.5, 0.5, 0.5], [false, true, false]), "born here"),
            item("born in Oslo", text([0.5, 0.5, 0.5], [true, true, false]), "in Oslo"),
        ]
        muse.texts[.forgetTexts] = [0.5, 0.25].map { item("x", text([$0, $0, 1], [true, true, true])) }
        muse.texts[.holdoutTexts] = [0.25, 0.125].map { item("y", text([$0, $0, 1], [true, true, true])) }
        muse.texts[.retainTexts] = [0.0625, 0.5].map { item("z", text([$0, $0, 1], [true, true, true])) }
        var model = MeasuredModel([:])
        model.muse = muse
        let results = EvaluationSuite.tofu.results(model, reference: ReferenceResults(name: "R", values: ["mia_min_k": 0.6]))
        func expect(_ key: String, _ expected: Double, _ count: Int) throws {
            let result = try #require(results.first { $0.key == key })
            #expect(abs(try #require(result.value, "\(key): \(result.missing ?? "")") - expected) < 1e-9, "\(key): \(result.value ?? .nan)")
            #expect(result.examples.count == count && result.interval != nil, "\(key)")
        }
        try expect("retain_knowmem_ROUGE", (2.0 / 9 + 1) / 2, 2)
        // One of three and two words; two of two and three.
        try expect("forget_verbmem_ROUGE", (0.4 + 0.8) / 2, 2)
        try expect("exact_memorization", 0.75, 2)
        try expect("extraction_strength", (0.5 + 1) / 2, 2)
        // Of four pairs three are won and one ties; of the retain texts' two are lost.
        try expect("mia_min_k", 3.5 / 4, 2)
        try expect("mia_min_k_retain", 2.0 / 4, 2)
        try expect("mia_loss", 3.5 / 4, 2)
        try expect("privleak", -100 * (0.875 - 0.6) / (0.4 + 1e-10), 0)
        func missing(_ key: String, _ model: MeasuredModel) -> String {
            EvaluationSuite.tofu.results(model).first { $0.key == key }?.missing ?? ""
        }
        #expect(missing("forget_knowmem_ROUGE", model).contains("knowmem/forget_qa"))
        #expect(missing("forget_verbmem_ROUGE", MeasuredModel([:])).contains("--muse"))
        model.muse?.texts[.holdoutTexts] = nil
        #expect(missing("privleak", model).contains("privleak/holdout"))
        #expect(results.first { $0.key == "retain_knowmem_ROUGE" }?.direction == .higher)
    }

    @Test(
        "A wrong row is named with file, line and field",
        arguments: [
            (MUSEFile.forgetQuestions, #"{"question": "Q"}"#, "answer"), (.retainExamples, #"{"question": "", "answer": "A"}"#, "question"),
            (.verbatim, #"{"prompt": "P"}"#, "gt"), (.verbatim, #"{"gt": "P"}"#, "prompt"), (.verbatim, #"{"prompt": "P", "gt": 1}"#, "gt"),
            (.forgetTexts, #"{"txt": "T"}"#, "text"), (.holdoutTexts, #"" ""#, "text"), (.retainTexts, "7", ""),
        ])
    func wrongRows(file: MUSEFile, row: String, field: String) throws {
        let good = #"{"question": "Q", "answer": "A", "prompt": "P", "gt": "G", "text": "T"}"#
        do {
            _ = try rows(file, good, row)
            Issue.record("\(row) was taken")
        } catch let error as DataError {
            #expect(error.position.file == "rows.jsonl" && error.position.line == 2 && error.field == field)
        }
    }

    @Test("A text that is too short, or leaves no room for it, is named")
    func shortRows() throws {
        let limits = SequenceLimits(vocabulary: 258, context: 12, contextReason: "the model's context")
        let encoder = try PlainModel.byteEncoder(limits: limits)
        for (file, row, field) in [
            (MUSEFile.forgetTexts, #"{"text": "T"}"#, "text"), (.verbatim, #"{"prompt": "ten bytes!", "gt": "G"}"#, "gt"),
            (.verbatim, #"{"prompt": "more than that", "gt": "G"}"#, ""), (.forgetQuestions, #"{"question": "Q", "answer": "A"}"#, ""),
        ] {
            let data = MUSEData([file: try rows(file, row)])
            do {
                try data.check(encoder)
                Issue.record("\(row) was taken")
            } catch {
                #expect(error.position.line == 1 && error.field == field, "\(error)")
            }
        }
        try MUSEData([.forgetTexts: rows(.forgetTexts, #"{"text": "Two"}"#)]).check(encoder)
    }
}
