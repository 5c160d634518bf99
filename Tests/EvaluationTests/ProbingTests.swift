import Data
import Evaluation
import Glibc
import Inference
import Testing

@Suite("Beyond one greedy answer")
struct ProbingTests {
    private let plain: PlainModel
    private let items: [EvaluationItem]

    init() throws {
        plain = try PlainModel()
        items = plain.data.forget.map { EvaluationItem($0) }
    }

    private func options(_ change: (inout SuiteEvaluator.Options) -> Void) -> SuiteEvaluator.Options {
        var options = SuiteEvaluator.Options()
        options.maximumTokens = 5
        change(&options)
        return options
    }

    private func measure(_ role: EvaluationRole = .forget, _ change: (inout SuiteEvaluator.Options) -> Void) throws -> [MeasuredItem] {
        try SuiteEvaluator(plain.session, encoder: plain.data.encoder).measure(items, role, options(change))
    }

    @Test("Sampled answers are drawn from the model's own distribution, each from a stream of its own")
    func samples() throws {
        let temperature = 0.7
        let found = try measure { $0.sampling = AnswerSampling(count: 2, temperature: temperature, seed: 9) }
        for (place, item) in items.enumerated() {
            for number in 0..<2 {
                var seeds = SeededRandom(seed: 9, stream: "sample \(number)")
                var random = SeededRandom(seed: seeds.next(), stream: "prompt \(place)")
                let said = try plain.continuation(plain.data.encoder.prompt(item.example), 5) { logs in
                    let weights = logs.map { exp($0 / temperature) }
                    var rest = random.uniform() * weights.reduce(0, +)
                    return weights.firstIndex { weight in
                        rest -= weight
                        return rest < 0
                    } ?? 0
                }
                #expect(found[place].sampled[number] == plain.text(said))
            }
            #expect(found[place].sampled.count == 2)
        }
    }

    @Test("Samples depend on the seed alone, and fewer are the first of more")
    func determinism() throws {
        func sampled(_ count: Int, _ seed: UInt64, batchSize: Int = 16) throws -> [[String]] {
            try measure {
                $0.sampling = AnswerSampling(count: count, seed: seed)
                $0.batchSize = batchSize
            }.map(\.sampled)
        }
        let three = try sampled(3, 1)
        #expect(try sampled(3, 1, batchSize: 2) == three)
        #expect(try sampled(2, 1) == three.map { Array($0.prefix(2)) })
        #expect(try sampled(3, 2) != three)
        #expect(three.allSatisfy { Set($0).count > 1 })
        #expect(try measure(.holdout) { $0.sampling = AnswerSampling(count: 2) }.allSatisfy { $0.sampled.isEmpty })
    }

    @Test("The rest of an answer is measured as a text of its own, and continued greedily", arguments: [0.25, 0.5, 0.9])
    func prefixes(share: Double) throws {
        let found = try measure { $0.prefixes = [share] }
        for (item, found) in zip(items, found) {
            let whole = try plain.data.encoder.encode(item.example)
            let start = try #require(whole.labels.firstIndex { $0 >= 0 })
            let given = Int((share * Double(whole.ids.count - start - 1)).rounded(.up))
            let prompt = Array(whole.ids[..<(start + given)]), continued = try #require(found.continued[share])
            let logs = try plain.logProbabilities(whole.ids, from: prompt.count)
            #expect(continued.rest.hits.count == logs.count && continued.reference == plain.text(Array(whole.ids[prompt.count...])))
            for (a, b) in zip(continued.rest.logProbabilities, logs) { #expect(abs(a - b) < 1e-5) }
            let all = try plain.logProbabilities(whole.ids)
            #expect(continued.rest.hits == (prompt.count..<whole.ids.count).map { PlainModel.greedy(all[$0 - 1]) == Int(whole.ids[$0]) })
            #expect(try continued.generated == plain.text(plain.continuation(prompt, 5, PlainModel.greedy)))
        }
    }

    @Test("A beginning has at least one token, leaves at least one before the end mark, and is of the last answer")
    func cuts() throws {
        let masked = TokenExample.masked
        func cut(_ share: Double, _ labels: [Int32], _ row: Example = Example(.text("?"))) throws -> AnswerPrefix {
            try AnswerPrefix(share, of: TokenExample(ids: Array(0..<Int32(labels.count)), labels: labels, position: row.position), row)
        }
        // Four tokens and an end mark.
        let four: [Int32] = [masked, masked, 2, 3, 4, 5, 6]
        #expect(try cut(0.25, four).prompt == [0, 1, 2] && cut(0.25, four).rest == [3, 4, 5, 6])
        #expect(try cut(0.26, four).prompt == [0, 1, 2, 3] && cut(0.01, four).prompt == [0, 1, 2])
        #expect(try cut(0.75, four).rest == [5, 6])
        // 0.28 · 25 is a little above 7.
        #expect(0.28 * 25 > 7)
        #expect(try cut(0.28, [masked] + (1...26)).prompt == Array(0...7))
        #expect(try cut(0.5, [masked, 1, 2, 3, masked, masked, 6, 7, 8]).prompt == [0, 1, 2, 3, 4, 5, 6])
        let row = Example(.chat([.user("Q"), .assistant("A")]), at: RowPosition(file: "rows.jsonl", line: 4, index: 3))
        for (share, labels) in [(0.9, four), (0.25, [masked, 1, 2]), (0.5, [masked, 1]), (0.5, [masked])] {
            do {
                _ = try cut(share, labels, row)
                Issue.record("\(share) of \(labels) was cut")
            } catch let error as DataError {
                #expect(error.position.line == 4 && error.field == "answer" && error.description.contains("--prefix"))
            }
        }
    }

    @Test("Confidence is the mean probability of an answer's own tokens", arguments: [EvaluationRole.forget, .holdout])
    func confidence(role: EvaluationRole) throws {
        let found = try measure(role) { $0.measuresConfidence = true }
        for (item, found) in zip(items, found) {
            let prompt = try plain.data.encoder.prompt(item.example)
            let said = try plain.continuation(prompt, 5, PlainModel.greedy)
            let logs = try plain.logProbabilities(prompt + said, from: prompt.count)
            if said.isEmpty {
                #expect(found.confidence == nil)
            } else {
                #expect(abs(try #require(found.confidence) - logs.reduce(0) { $0 + exp($1) } / Double(logs.count)) < 1e-6)
            }
        }
        #expect(found.contains { $0.confidence != nil })
        #expect(try measure(.retain) { $0.measuresConfidence = true }.allSatisfy { $0.confidence == nil })
        #expect(try measure(role) { _ in }.allSatisfy { $0.confidence == nil })
    }

    // MARK: Metrics

    private func model() -> MeasuredModel {
        func text(_ logs: [Double], _ hits: [Bool]) -> MeasuredText { MeasuredText(logProbabilities: logs, hits: hits) }
        var items = (0..<3).map { _ in MeasuredItem(question: "Where?", reference: "In Annville town", answer: text([0], [true])) }
        items[0].sampled = ["In Rome", "town of Annville"]
        items[1].sampled = ["Annville town", "no"]
        items[2].sampled = ["", ""]
        items[0].continued[0.5] = MeasuredContinuation(
            reference: "Annville town", rest: text([log(0.5), log(0.5)], [true, false]), generated: "town hall")
        items[1].continued[0.5] = MeasuredContinuation(
            reference: "...", rest: text([0, 0, 0], [false, true, true]), generated: "other")
        items[2].continued[0.5] = MeasuredContinuation(
            reference: "town", rest: text([log(0.25), log(0.25)], [true, true]), generated: "town")
        var strangers = items
        for (place, value) in [0.5, 0.75, 0.25].enumerated() { strangers[place].confidence = value }
        for (place, loss) in [1.0, 2, 3].enumerated() { strangers[place].judgedLoss = loss }
        var model = MeasuredModel([.forget: items, .holdout: strangers])
        model.sampling = AnswerSampling(count: 2)
        return model
    }

    @Test("Values are those counted by hand, with every row's, an interval, and the reference's as targets")
    func values() throws {
        var reference = ReferenceResults(
            name: "R", values: ["forget_sampled_ROUGE_worst": 0.25, "holdout_confidence": 0.4],
            examples: ["holdout_confidence": [0.25, 0.5, 0.5]])
        reference.settings["forget_sampled_ROUGE_worst"] = "2 samples at temperature 1.0"
        let results = EvaluationSuite.asked(of: model()).results(model(), reference: reference)
        func expect(_ key: String, _ expected: Double, _ examples: [Double?]) throws {
            let result = try #require(results.first { $0.key == key }, "\(key)")
            let value = try #require(result.value, "\(key): \(result.missing ?? "")")
            #expect(abs(value - expected) < 1e-12, "\(key): \(value)")
            #expect(result.examples.count == examples.count && result.interval != nil, "\(key)")
            for (a, b) in zip(result.examples, examples) {
                #expect((a == nil) == (b == nil) && abs((a ?? 0) - (b ?? 0)) < 1e-12, "\(key): \(result.examples)")
            }
        }
        try expect("forget_sampled_ROUGE_worst", (1.0 / 3 + 2.0 / 3) / 3, [1.0 / 3, 2.0 / 3, 0])
        try expect("forget_sampled_ROUGE_mean", (1.0 / 3 + 1.0 / 3) / 3, [1.0 / 3, 1.0 / 3, 0])
        try expect("forget_prefix_0.5_exact_memorization", 2.5 / 3, [1, 0.5, 1])
        try expect("forget_prefix_0.5_Prob", (0.5 + 1 + 0.25) / 3, [0.5, 1, 0.25])
        // Nothing of the second row's rest is a word.
        try expect("forget_prefix_0.5_ROUGE", 0.75, [0.5, nil, 1])
        try expect("holdout_confidence", 0.5, [0.5, 0.75, 0.25])
        try expect("holdout_confidence_rise", 0.5 - 1.25 / 3, [0.25, 0.25, -0.25])
        try expect("holdout_judged_perplexity", exp(2), [1, 2, 3])
        func result(_ key: String) -> MetricResult? { results.first { $0.key == key } }
        #expect(result("forget_sampled_ROUGE_worst")?.target == 0.25 && result("holdout_confidence")?.target == 0.4)
        #expect(result("holdout_confidence_rise")?.target == 0)
        #expect(result("forget_sampled_ROUGE_mean")?.missingTarget == "R has no forget_sampled_ROUGE_mean")
        #expect(result("forget_prefix_0.25_ROUGE")?.missing == "needs --prefix 0.25")

        reference.settings["forget_sampled_ROUGE_worst"] = "8 samples at temperature 1.0"
        let other = EvaluationSuite.tofu.results(model(), reference: reference).first { $0.key == "forget_sampled_ROUGE_worst" }
        #expect(other?.target == nil && other?.missingTarget?.contains("8 samples") == true && other?.value != nil)
    }

    @Test("Rows whose confidence is missing are compared as sets")
    func unpaired() throws {
        var model = model()
        model.sets[.holdout]?[1].confidence = nil
        let reference = ReferenceResults(name: "R", examples: ["holdout_confidence": [0.25, 0.5, 0.5]])
        let rise = try #require(
            EvaluationSuite.tofu.results(model, reference: reference).first { $0.key == "holdout_confidence_rise" })
        #expect(abs(try #require(rise.value) - (0.375 - 1.25 / 3)) < 1e-12 && rise.examples.isEmpty)
    }

    @Test("A share that is not usual has metrics of its own, and what was not asked for is said")
    func asked() throws {
        var model = model()
        let continued = model.sets[.forget]?[0].continued[0.5]
        model.sets[.forget]?[0].continued[0.1] = continued
        let keys = EvaluationSuite.asked(of: model).metrics.map(\.key)
        #expect(keys.contains("forget_prefix_0.1_ROUGE") && Set(keys).count == keys.count)
        for place in 0..<3 { model.sets[.forget]?[place].continued = [:] }
        model.sampling = nil
        let results = EvaluationSuite.asked(of: model).results(model)
        func missing(_ key: String) -> String { results.first { $0.key == key }?.missing ?? "" }
        #expect(missing("forget_sampled_ROUGE_worst").contains("--samples") && missing("forget_prefix_0.5_Prob").contains("--prefix"))
        #expect(missing("holdout_confidence_rise").contains("--reference") && missing("forget_confidence").contains("generated"))
    }
}
