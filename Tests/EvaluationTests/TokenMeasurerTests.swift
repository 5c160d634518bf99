import Backends
import Data
import Demo
import Evaluation
import Glibc
import Inference
import Models
import Runs
import Testing
import Text

@Suite("Measuring of tokens")
struct TokenMeasurerTests {
    private let data: DemoData
    private let session: LanguageModelSession

    init() throws {
        data = try DemoData(people: 4, forgotten: 1, questions: 3, vocabulary: 320, seed: 1)
        let description = data.encoder.tokenizer.description
        let model = try DemoModel.make(vocabulary: description.tokens.count, endID: description.endID, size: .tiny, seed: 1)
        session = try LanguageModelSession(model, on: CPUBackend())
    }

    /// The definitions in float64 on all logits of the whole sequence, one example at a time.
    @Test("Log-probabilities, hits and z-scores follow from the logits", arguments: [1, 3, 16])
    func definitions(batchSize: Int) throws {
        let examples = try data.tokens(data.forget + data.retain)
        let measured = try TokenMeasurer(session).measure(examples, momentsOf: { _ in true }, batchSize: batchSize)
        #expect(measured.count == examples.count)
        for (example, text) in zip(examples, measured) {
            let logits = try session.logits(example.ids).map(Double.init)
            let columns = logits.count / example.ids.count
            let places = example.labels.indices.dropFirst().filter { example.labels[$0] >= 0 }
            #expect(text.hits.count == places.count && text.logProbabilities.count == places.count)
            for (number, place) in places.enumerated() {
                let row = logits[((place - 1) * columns)..<(place * columns)]
                let top = row.max() ?? 0
                let normaliser = top + log(row.reduce(0) { $0 + exp($1 - top) })
                let logs = row.map { $0 - normaliser }
                let mean = logs.reduce(0) { $0 + exp($1) * $1 }
                let variance = logs.reduce(0) { $0 + exp($1) * ($1 - mean) * ($1 - mean) }
                let own = logs[Int(example.labels[place])]
                #expect(abs(text.logProbabilities[number] - own) < 1e-5)
                #expect(text.hits[number] == (own == logs.max()))
                let score = try #require(text.scores)[number]
                #expect(abs(score - (own - mean) / max(variance, 1e-6).squareRoot()) < 1e-4 * max(1, abs(score)))
            }
        }
    }

    @Test("Losses are those of the loss evaluator, and moments are left out where nobody asks for them")
    func losses() throws {
        let examples = try data.tokens(data.retain)
        let measured = try TokenMeasurer(session).measure(examples)
        let scores = try LossEvaluator(session).scores(examples)
        for (text, score) in zip(measured, scores) { #expect(abs(text.loss - score.loss) < 1e-6 * score.loss && text.scores == nil) }
    }

    @Test("Texts that share beginnings, or are equal, are measured as if each were alone; long ones too", arguments: [1, 2, 64])
    func sharing(batchSize: Int) throws {
        let base = try data.tokens(data.forget + data.retain)
        var examples = base
        for example in base {
            // Another ending, another word in the middle, a part of it, all of it, and one that is longer than a piece.
            var (ending, middle, long) = (example, example, example)
            for (place, count) in [(example.ids.count - 1, 1), (example.ids.count / 2, 2)] {
                let id = (example.ids[place] + Int32(count)) % 256
                if count == 1 { ending.ids[place] = id } else { middle.ids[place] = id }
            }
            long.ids += (0..<40).map { Int32($0 % 7) }
            examples += [
                ending, middle, TokenExample(ids: Array(example.ids.dropLast()), labels: Array(example.labels.dropLast())), example, long,
            ]
        }
        examples = examples.map { example in
            let first = example.labels.firstIndex { $0 >= 0 } ?? 1
            return TokenExample(
                ids: example.ids, labels: example.ids.enumerated().map { $0 < first ? TokenExample.masked : $1 })
        }.filter { $0.answerCount > 0 && $0.ids.count <= session.model.dimensions.context }
        #expect(examples.count > 5 * base.count)
        let measurer = TokenMeasurer(session)
        let together = try measurer.measure(examples, momentsOf: { $0 % 2 == 0 }, batchSize: batchSize)
        for (place, example) in examples.enumerated() {
            let alone = try measurer.measure([example], momentsOf: { _ in true })[0]
            let found = together[place]
            #expect(found.logProbabilities.count == example.answerCount && found.hits == alone.hits)
            for (a, b) in zip(alone.logProbabilities, found.logProbabilities) { #expect(abs(a - b) < 1e-5) }
            #expect((found.scores != nil) == (place % 2 == 0))
            for (a, b) in zip(alone.scores ?? [], found.scores ?? []) { #expect(abs(a - b) < 1e-4 * max(1, abs(a))) }
        }
    }

    @Test("A set is measured item by item, whatever the batches")
    func sets() throws {
        let items = data.forget.map { EvaluationItem($0, paraphrase: "It is so.", perturbed: ["Never.", "In the town of nowhere."]) }
        let evaluator = SuiteEvaluator(session, encoder: data.encoder)
        var options = SuiteEvaluator.Options()
        (options.maximumTokens, options.batchSize) = (6, 4)
        let together = try evaluator.measure(items, .forget, options)
        (options.generates, options.batchSize) = (false, 1)
        for (item, found) in zip(items, together) {
            let single = try evaluator.measure([item], .forget, options)[0]
            #expect(abs(single.answer.loss - found.answer.loss) < 1e-5)
            #expect(abs(try #require(single.paraphrase).loss - #require(found.paraphrase).loss) < 1e-5)
            for (one, other) in zip(single.perturbed, found.perturbed) { #expect(abs(one.loss - other.loss) < 1e-5) }
            #expect(found.perturbed.count == 2 && found.generated != nil && single.generated == nil)
            #expect(found.reference == item.example.questionAndAnswer.answer)
        }
        var judged = together
        try evaluator.judge(&judged, items)
        #expect(judged.allSatisfy { ($0.judgedLoss == nil) == ($0.generated ?? "").isEmpty })
    }
}
