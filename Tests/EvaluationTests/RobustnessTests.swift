import Backends
import Data
import Demo
import Evaluation
import Inference
import Runs
import Testing
import Unlearning

@Suite("Relearning and rounding of a model")
struct RobustnessTests {
    private let data: DemoData
    private let session: LanguageModelSession

    init() throws {
        data = try DemoData(people: 4, forgotten: 2, questions: 3, vocabulary: 320, seed: 1)
        let description = data.encoder.tokenizer.description
        let model = try DemoModel.make(vocabulary: description.tokens.count, endID: description.endID, size: .tiny, seed: 1)
        session = try LanguageModelSession(model, on: CPUBackend())
    }

    private var sets: EvaluationSets {
        EvaluationSets([.forget: data.forget.map { EvaluationItem($0) }, .retain: data.retain.map { EvaluationItem($0) }])
    }

    private func relearning() -> Relearning {
        var relearning = Relearning(steps: 5)
        (relearning.rate, relearning.seed) = (3e-3, 2)
        return relearning
    }

    @Test("Steps at which curves are measured, and rows that are trained on")
    func settings() {
        #expect(Relearning().steps == [0, 1, 2, 5, 10, 20] && Relearning(steps: 7).steps == [0, 1, 2, 5, 7])
        var relearning = Relearning()
        #expect(relearning.chosen(of: 6) == [0, 2, 4] && relearning.chosen(of: 1) == [0])
        relearning.share = 1
        #expect(relearning.chosen(of: 3) == [0, 1, 2])
        relearning.share = 0.01
        #expect(relearning.chosen(of: 10) == [0])
    }

    @Test("A curve is what a plain training gives at each step; the model is afterwards what it was")
    func curves() throws {
        let before = try session.download().trainable
        let robustness = try RobustnessEvaluator(roundings: [.eightBit, .normalFloat], relearning: relearning())
            .measure(session, sets, encoder: data.encoder, original: session)
        #expect(try session.download().trainable == before)

        let forget = try data.tokens(data.forget)
        let plain = try TokenMeasurer(session).measure(forget).map(\.probability)
        #expect(robustness.original == plain)
        for (rounding, measured) in robustness.rounded {
            let rounded = try LanguageModelSession(rounding.rounded(session.download()), on: CPUBackend())
            #expect(try measured.probabilities[.forget] == TokenMeasurer(rounded).measure(forget).map(\.probability))
            #expect(try measured.probabilities[.retain] == TokenMeasurer(rounded).measure(data.tokens(data.retain)).map(\.probability))
            #expect(measured.probabilities[.forget] != plain)
        }

        for (kind, rows, trained) in [
            (RelearningData.forget, [0, 2, 4].map { forget[$0] }, Set([0, 2, 4])), (.unrelated, try data.tokens(data.retain), []),
        ] {
            let curve = try #require(robustness.relearnt[kind])
            #expect(curve.steps == [0, 1, 2, 5] && curve.trained == trained && curve.problem == nil)
            #expect(curve.probabilities.first == plain)
            var settings = TrainingSettings()
            (settings.steps, settings.rate, settings.seed, settings.finalShare, settings.optimiser.decay) = (5, 3e-3, 2, 1, 0)
            let other = try LanguageModelSession(session.download(), on: CPUBackend())
            let trainer = try Trainer(
                other.loss, other.trainable, examples: ExampleSet(rows, context: 64), settings, on: other.backend)
            while !trainer.isFinished { _ = try trainer.advance() }
            let last = try TokenMeasurer(other).measure(forget).map(\.probability)
            for (found, wanted) in zip(curve.probabilities[3], last) { #expect(abs(found - wanted) < 1e-5) }
            let average = curve.curve(.all)
            #expect(average[3] > average[0])
        }
    }

    @Test("A training that runs away is said beside the metrics, and nothing else is lost")
    func divergence() throws {
        var relearning = relearning()
        relearning.rate = 1e30
        let before = try session.download().trainable
        let robustness = try RobustnessEvaluator(relearning: relearning).measure(session, sets, encoder: data.encoder)
        #expect(try session.download().trainable == before)
        #expect(robustness.relearnt[.forget]?.problem != nil)
        let results = EvaluationSuite(EvaluationSuite.robustness).results(measured(robustness))
        #expect(results.contains { $0.key == "relearn_forget_area" && $0.value == nil && $0.missing?.contains("--relearn-rate") == true })
    }

    private func measured(_ robustness: MeasuredRobustness) -> MeasuredModel {
        let items = (0..<4).map { _ in
            MeasuredItem(question: "?", reference: "!", answer: MeasuredText(logProbabilities: [0], hits: [true]))
        }
        var model = MeasuredModel([.forget: items, .retain: items])
        model.robustness = robustness
        return model
    }

    @Test("Areas, ratios and half steps are those counted by hand")
    func metrics() throws {
        var robustness = MeasuredRobustness()
        robustness.original = [0.8, 0.8, 0.8, 0.8]
        // Items 1 and 3 are not trained on; their mean is 0.1, 0.2, 0.6.
        robustness.relearnt[.forget] = MeasuredRelearning(
            steps: [0, 1, 3], probabilities: [[0, 0.1, 0, 0.1], [1, 0.3, 1, 0.1], [1, 0.5, 1, 0.7]], trained: [0, 2])
        robustness.rounded[.fourBit] = MeasuredRounding()
        robustness.rounded[.fourBit]?.probabilities[.forget] = [0.5, 0.25, 0.5, 0.75]
        let model = measured(robustness), suite = EvaluationSuite(EvaluationSuite.robustness)
        let reference = ReferenceResults(
            name: "R", values: ["relearn_forget_area": 0.1], examples: ["relearn_forget_area": [0.05, 0.15]])
        let results = Dictionary(uniqueKeysWithValues: suite.results(model, reference: reference).map { ($0.key, $0) })
        let value = { (key: String) throws -> Double in try #require(results[key]?.value, "\(key)") }
        // (0.15 + 2 · 0.4)/3
        #expect(abs(try value("relearn_forget_area") - 0.95 / 3) < 1e-12)
        #expect(results["relearn_forget_area"]?.examples.count == 4 && results["relearn_forget_area"]?.examples[0] == nil)
        #expect(results["relearn_forget_area"]?.target == 0.1 && results["relearn_forget_area"]?.interval != nil)
        #expect(abs(try value("relearn_forget_ratio") - 9.5 / 3) < 1e-12)
        #expect(results["relearn_forget_ratio"]?.target == 1)
        // Half of 0.8 lies in the middle between 0.2 after one step and 0.6 after three.
        #expect(abs(try value("relearn_forget_half_steps") - 2) < 1e-12)
        #expect(try value("forget_Q_A_Prob_4bit") == 0.5)
        #expect(try value("forget_return_4bit") == -0.5)
        for (key, words) in [
            ("relearn_unrelated_area", "--relearn"), ("forget_Q_A_Prob_nf4", "--quantise nf4"), ("retain_Q_A_Prob_4bit", "--retain"),
        ] {
            #expect(results[key]?.value == nil && results[key]?.missing?.contains(words) == true, "\(key)")
        }
        robustness.original = [1, 2, 1, 2]
        let far = suite.results(measured(robustness)).first { $0.key == "relearn_forget_half_steps" }
        #expect(far?.value == nil && far?.missing?.contains("does not reach") == true)
        robustness.original = nil
        let unknown = suite.results(measured(robustness)).first { $0.key == "relearn_forget_half_steps" }
        #expect(unknown?.missing?.contains("--original") == true)
    }
}
