import Data
import Evaluation
import Files
import Glibc
import Testing
import Text

@Suite("Multiple choice by letters")
struct ChoiceTests {
    @Test("Prompts are lm-evaluation-harness' (Fixtures/generate_prompts.py)")
    func prompts() throws {
        let cases = try #require(try PlainModel.fixture("prompts").asArray)
        #expect(cases.count == 2 * 60)
        for value in cases {
            let task = try #require(value["task"]?.asString.flatMap(ChoiceTask.init))
            let row = try #require(value["row"]), item = try ChoiceItem(row, at: RowPosition(), of: task)
            #expect(item.prompt == value["prompt"]?.asString)
            #expect(item.answer == row["answer"]?.asInt)
        }
    }

    private func rows(_ count: Int) throws -> [ChoiceItem] {
        try (0..<count).map { number in
            let row: JSONValue = [
                "question": "Who \(number)?", "choices": ["Ann", "Bob", "Cid", "Dee"], "answer": .integer(number % 4),
            ]
            return try ChoiceItem(row, at: RowPosition(index: number), of: .biology)
        }
    }

    @Test("Likelihoods are those of the letters after the prompt, of which the likeliest is chosen")
    func definitions() throws {
        let plain = try PlainModel(), tokenizer = plain.data.encoder.tokenizer
        // The prompt is longer than the model's context: the harness then cuts it at the beginning.
        let limits = SequenceLimits(vocabulary: tokenizer.count, context: 60, contextReason: "the model's context")
        let encoder = try Encoder(tokenizer: tokenizer, template: ChatTemplate(for: tokenizer.description), limits: limits)
        let items = try rows(5)
        let found = try SuiteEvaluator(plain.session, encoder: encoder).choose(items, .biology, batchSize: 3)
        #expect(found.count == 5)
        for (item, found) in zip(items, found) {
            #expect(try item.encoded(encoder).isCut)
            let logs = try ["A", "B", "C", "D"].map { letter in
                let context = tokenizer.encode(item.prompt, addSpecialTokens: false)
                let whole = tokenizer.encode(item.prompt + " " + letter, addSpecialTokens: false)
                let ids = Array(whole.suffix(60))
                return try plain.logProbabilities(ids, from: ids.count - (whole.count - context.count)).reduce(0, +)
            }
            for (a, b) in zip(found.logLikelihoods, logs) { #expect(abs(a - b) < 1e-5) }
            #expect(found.chosen == PlainModel.greedy(logs) && found.answer == item.answer && found.question == item.question)
        }
    }

    @Test("Control tokens stand before the prompt, and a prompt that fits is not cut")
    func controlTokens() throws {
        let encoder = try PlainModel.byteEncoder()
        let (examples, isCut) = try rows(1)[0].encoded(encoder)
        #expect(!isCut && examples.count == 4)
        for (letter, example) in zip("ABCD".utf8, examples) {
            #expect(example.ids.first == 256 && example.ids.suffix(2) == [32, Int32(letter)])
            #expect(example.labels.suffix(2) == example.ids.suffix(2) && example.answerCount == 2)
        }
    }

    @Test("Accuracy counts right letters, the first of equal ones; its target is the reference's, or chance")
    func accuracy() throws {
        var model = MeasuredModel([:])
        let likelihoods: [[Double]] = [[-1, -2, -3, -4], [-2, -1, -3, -4], [-1, -1, -2, -2], [-4, -3, -2, -1]]
        model.choices[.cybersecurity] = likelihoods.map { MeasuredChoice(question: "?", answer: 0, logLikelihoods: $0) }
        model.choices[.mmlu] = [MeasuredChoice(question: "?", answer: 3, logLikelihoods: [-9, -9, -9, -1])]
        func result(_ key: String, _ reference: ReferenceResults? = nil) throws -> MetricResult {
            try #require(EvaluationSuite.tofu.results(model, reference: reference).first { $0.key == key })
        }
        let own = try result("wmdp_cyber_acc")
        #expect(own.value == 0.5 && own.examples == [1, 0, 1, 0] && own.interval != nil && own.direction == .likeReference)
        #expect(own.target == 0.25 && own.missingTarget?.contains("guessing") == true && own.missingTarget?.contains("--reference") == true)
        let compared = try result("wmdp_cyber_acc", ReferenceResults(name: "R", values: ["wmdp_cyber_acc": 0.3]))
        #expect(compared.target == 0.3 && compared.missingTarget == nil)
        let kept = try result("mmlu_acc")
        #expect(kept.value == 1 && kept.target == nil && kept.direction == .higher)
        #expect(try result("wmdp_bio_acc").missing?.contains("--wmdp-bio") == true)
    }

    @Test(
        "A wrong row is named with file, line and field",
        arguments: [
            (#"{"choices": ["a", "b", "c", "d"], "answer": 0, "subject": "x"}"#, "question"),
            (#"{"question": " ", "choices": ["a", "b", "c", "d"], "answer": 0, "subject": "x"}"#, "question"),
            (#"{"question": "Q", "answer": 0, "subject": "x"}"#, "choices"),
            (#"{"question": "Q", "choices": [], "answer": 0, "subject": "x"}"#, "choices"),
            (#"{"question": "Q", "choices": ["a", "b", "c"], "answer": 0, "subject": "x"}"#, "choices"),
            (#"{"question": "Q", "choices": "abcd", "answer": 0, "subject": "x"}"#, "choices"),
            (#"{"question": "Q", "choices": ["a", "b", "c", null], "answer": 0, "subject": "x"}"#, "choices[3]"),
            (#"{"question": "Q", "choices": ["a", "b", "c", "d"], "subject": "x"}"#, "answer"),
            (#"{"question": "Q", "choices": ["a", "b", "c", "d"], "answer": 4, "subject": "x"}"#, "answer"),
            (#"{"question": "Q", "choices": ["a", "b", "c", "d"], "answer": -1, "subject": "x"}"#, "answer"),
            (#"{"question": "Q", "choices": ["a", "b", "c", "d"], "answer": "A", "subject": "x"}"#, "answer"),
            (#"{"question": "Q", "choices": ["a", "b", "c", "d"], "answer": 0}"#, "subject"), (#"["Q"]"#, ""),
        ])
    func wrongRows(row: String, field: String) throws {
        let good = #"{"question": "Q", "choices": ["a", "b", "", "d"], "answer": 3, "subject": "us_foreign_policy"}"#
        do {
            _ = try ChoiceItem.read(Array("\(good)\n\n\(row)\n".utf8), file: "rows.jsonl", of: .mmlu)
            Issue.record("\(row) was taken")
        } catch let error as DataError {
            #expect(error.position.file == "rows.jsonl" && error.position.line == 3 && error.field == field)
        }
    }
}
