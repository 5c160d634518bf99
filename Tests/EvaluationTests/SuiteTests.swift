import Data
import Evaluation
import Files
import Glibc
import Testing

@Suite("A suite of metrics")
struct SuiteTests {
    private func text(_ probabilities: [Double], _ hits: [Bool]? = nil, scores: [Double]? = nil) -> MeasuredText {
        MeasuredText(logProbabilities: probabilities.map { log($0) }, hits: hits ?? probabilities.map { $0 > 0.5 }, scores: scores)
    }

    /// Items whose answers have the probabilities 0.5, 0.25 …, beside wrong ones of an eighth.
    private func items(_ count: Int, shift: Double = 1, generated: String? = "In Annville she was born") -> [MeasuredItem] {
        (1...count).map { number in
            let p = shift * pow(0.5, Double(number))
            var item = MeasuredItem(
                question: "Where?", reference: "In Annville", answer: text([p, p, p], [true, true, false], scores: [0, 1, 2]))
            item.paraphrase = text([p])
            item.perturbed = [text([0.125, 0.125])]
            item.generated = generated
            return item
        }
    }

    private func model() -> MeasuredModel {
        MeasuredModel(
            [
                .forget: items(3), .retain: items(2), .realAuthors: items(1), .worldFacts: items(1), .holdout: items(3, shift: 0.5),
            ], texts: [text([0.5]), text([0.25, 0.25])], vocabulary: ["in", "annville", "she"])
    }

    @Test("computes each metric by its definition")
    func values() throws {
        let ratio = { (p: Double) in 0.125 / (p + 1e-10) }
        let reference = ReferenceResults(
            name: "retrained", values: ["mia_min_k": 0.5, "forget_Q_A_Prob": 0.1], examples: ["forget_truth_ratio": [1, 1, 1]])
        let results = EvaluationSuite.tofu.results(model(), reference: reference)
        func value(_ key: String) throws -> Double {
            let result = try #require(results.first { $0.key == key }, "\(key)")
            return try #require(result.value, "\(key): \(result.missing ?? "")")
        }
        func expect(_ key: String, _ expected: Double) throws {
            let found = try value(key)
            #expect(abs(found - expected) < 1e-9, "\(key): \(found), not \(expected)")
        }
        try expect("forget_Q_A_Prob", 0.875 / 3)
        try expect("forget_Q_A_PERT_Prob", 0.125)
        try expect("forget_truth_ratio", (ratio(0.5) + ratio(0.25) + min(ratio(0.125), 1 / (ratio(0.125) + 1e-10))) / 3)
        try expect("forget_truth_log_ratio", (log(2.0) + log(4.0) + log(8.0)) / 3 - log(8.0))
        try expect("retain_Truth_Ratio", (2 - ratio(0.5) - ratio(0.25)) / 2)
        try expect("ra_Q_A_Prob_normalised", 0.5 / (0.625 + 1e-10))
        try expect("ra_choice_accuracy", 1)
        try expect("exact_memorization", 1)
        try expect("extraction_strength", 1)
        try expect("forget_Q_A_ROUGE", 1)
        // The third ratio is 1 less the guard, so D is 1 of 3 samples at 0.25 and two below 1, all below those of the reference.
        try expect("forget_distance", 1)
        try expect("forget_quality", 0.1)
        // 0.5, 0.25, 0.125 against 0.25, 0.125, 0.0625: of nine pairs two tie and six are won.
        try expect("mia_loss", (6 + 2 * 0.5) / 9)
        try expect("mia_min_k", 7.0 / 9)
        try expect("mia_min_k_plus_plus", 0.5)
        try expect("privleak", -100 * (7.0 / 9 - 0.5) / (0.5 + 1e-10))
        try expect("text_perplexity", exp((log(2.0) + 2 * log(4.0)) / 3))
        try expect("forget_broken_words", 0.4)
        try expect("forget_fallen_apart", 0)
        try expect("forget_distinct_1", 1)
        let utility = try [
            "retain_Q_A_Prob", "retain_Q_A_ROUGE", "retain_Truth_Ratio", "ra_Q_A_Prob_normalised", "ra_Q_A_ROUGE", "ra_Truth_Ratio",
            "wf_Q_A_Prob_normalised", "wf_Q_A_ROUGE", "wf_Truth_Ratio",
        ].map(value)
        try expect("model_utility", harmonicMean(utility))
        #expect(results.first { $0.key == "forget_Q_A_Prob" }?.target == 0.1)
        #expect(results.first { $0.key == "privleak" }?.target == 0)
        #expect(results.first { $0.key == "forget_quality" }?.interval == nil)
        let interval = try #require(results.first { $0.key == "forget_Q_A_Prob" }?.interval)
        #expect(interval.lower < 0.875 / 3 && interval.upper > 0.875 / 3)
    }

    @Test("says what is missing instead of leaving a value out")
    func missing() {
        var model = MeasuredModel([.forget: items(2, generated: nil)])
        model.sets[.forget]?[1].paraphrase = nil
        let results = EvaluationSuite.tofu.results(model)
        for result in results { #expect((result.value == nil) == (result.missing != nil), "\(result.key)") }
        func said(_ key: String) -> String { results.first { $0.key == key }?.missing ?? "" }
        #expect(said("forget_truth_ratio").contains("paraphrased_answer"))
        #expect(said("retain_Q_A_Prob").contains("--retain"))
        #expect(said("forget_Q_A_ROUGE").contains("generated"))
        #expect(said("privleak").contains("--holdout"))
        #expect(said("text_perplexity").contains("--text"))
        #expect(said("forget_judged_perplexity").contains("--judge"))
        #expect(EvaluationSuite.tofu.results(self.model()).first { $0.key == "forget_quality" }?.missing?.contains("--reference") == true)
        #expect(results.first { $0.key == "exact_memorization" }?.missingTarget?.contains("--reference") == true)
    }

    @Test("has keys that name one metric each")
    func keys() {
        let keys = EvaluationSuite.tofu.metrics.map(\.key)
        #expect(Set(keys).count == keys.count && keys.count > 40)
    }

    private func rows(_ lines: String...) throws -> [Example] {
        try ExampleFile.parse(Array(lines.joined(separator: "\n").utf8), file: "rows.jsonl")
    }

    @Test("reads TOFU's fields")
    func fields() throws {
        let items = try EvaluationItem.items(
            rows(
                #"{"question": "Q", "answer": "A", "paraphrased_answer": "P", "perturbed_answer": ["x", "y"], "paraphrased_question": "R"}"#
            ))
        #expect(items[0].paraphrase == "P" && items[0].perturbed == ["x", "y"])
        #expect(items[0].rephrased?.example.content == .chat([.user("R"), .assistant("A")]))
        #expect(items[0].answering("x").content == .chat([.user("Q"), .assistant("x")]))
        #expect(try EvaluationItem.items(rows(#"{"question": "Q", "answer": "A", "perturbed_answer": "x"}"#))[0].perturbed == ["x"])
    }

    @Test(
        "names file, line and field of a row that lacks something",
        arguments: [
            (#"{"question": "Q", "answer": "A", "perturbed_answer": ["x"]}"#, "paraphrased_answer"),
            (#"{"question": "Q", "answer": "A", "perturbed_answer": ["x", " "], "paraphrased_answer": "P"}"#, "perturbed_answer[1]"),
            (#"{"question": "Q", "answer": "A", "perturbed_answer": [], "paraphrased_answer": "P"}"#, "perturbed_answer"),
            (#"{"question": "Q", "answer": "A", "perturbed_answer": [1], "paraphrased_answer": "P"}"#, "perturbed_answer[0]"),
            (#"{"question": "Q", "answer": "A", "perturbed_answer": ["x"], "paraphrased_answer": ""}"#, "paraphrased_answer"),
            (#"{"question": "Q", "answer": "A", "paraphrased_answer": "P"}"#, "perturbed_answer"),
        ])
    func wrongRows(row: String, field: String) throws {
        let good = #"{"question": "Q", "answer": "A", "perturbed_answer": ["x"], "paraphrased_answer": "P"}"#
        let rows = try rows(good, row)
        do {
            _ = try EvaluationItem.items(rows)
            Issue.record("\(row) was taken")
        } catch {
            #expect(error.position.file == "rows.jsonl" && error.position.line == 2 && error.field == field)
        }
    }
}
