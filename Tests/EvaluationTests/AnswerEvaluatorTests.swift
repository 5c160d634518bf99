import Backends
import Data
import Demo
import Evaluation
import Files
import Glibc
import Inference
import Models
import Testing
import Text
import Unlearning

@Suite("Evaluation of answers")
struct AnswerEvaluatorTests {
    let data: DemoData
    let model: LoadedModel

    init() throws {
        data = try DemoData(people: 4, forgotten: 1, questions: 3, vocabulary: 320, seed: 1)
        let description = data.encoder.tokenizer.description
        model = try DemoModel.make(vocabulary: description.tokens.count, endID: description.endID, size: .tiny, seed: 1)
    }

    @Test("agrees with the loss evaluator, example by example")
    func losses() throws {
        let session = try LanguageModelSession(model, on: CPUBackend())
        let evaluation = try AnswerEvaluator(session, encoder: data.encoder)
            .evaluate(data.retain, .init(maximumTokens: 8, batchSize: 4))
        let scores = try LossEvaluator(session).scores(data.tokens(data.retain), batchSize: 4)
        #expect(evaluation.examples.map(\.loss) == scores.map(\.loss))
        #expect(evaluation.examples.map(\.tokens) == scores.map(\.tokens))
        #expect(evaluation.loss == Estimate(scores.map(\.loss)).mean)
        #expect(evaluation.probability == Estimate(scores.map { exp(-$0.loss) }).mean)
        #expect(evaluation.examples.map(\.reference) == data.retain.map { $0.questionAndAnswer.answer })
        for example in evaluation.examples {
            let generated = try #require(example.generated)
            #expect(data.encoder.tokenizer.encode(generated).count <= 8 * 4)
        }
        // A fresh model is near a uniform guess.
        #expect(abs(evaluation.loss - log(320)) < 0.5 && evaluation.rouge < 0.5)
    }

    @Test("without generation has no ROUGE-L")
    func lossOnly() throws {
        let session = try LanguageModelSession(model, on: CPUBackend())
        let evaluation = try AnswerEvaluator(session, encoder: data.encoder).evaluate(data.forget, .init(generates: false))
        #expect(evaluation.metrics.map(\.key) == ["loss", "probability"])
        #expect(evaluation.rouge.isNaN)
        #expect(evaluation.examples.allSatisfy { $0.generated == nil })
    }

    @Test("takes metrics that the engine does not know")
    func ownMetric() throws {
        struct Length: AnswerMetric {
            let key = "length", title = "answer tokens"
            func value(_ answered: AnsweredExample) -> Double? { Double(answered.tokens) }
        }
        let session = try LanguageModelSession(model, on: CPUBackend())
        let evaluation = try AnswerEvaluator(session, encoder: data.encoder)
            .evaluate(data.forget, .init(generates: false, metrics: [Length()]))
        #expect(evaluation["length"]?.mean == Estimate(evaluation.examples.map { Double($0.tokens) }).mean)
    }

    @Test("asks for the second half of a plain text after its first, and a model that knows it by heart has it all")
    func plainText() throws {
        let texts = [
            "Ida Holt built the lighthouse in the year of the long frost.", "No ship was lost after that, and the town gave her a medal.",
        ]
        let rows = [Example(.text(texts[0])), Example(.completion(prompt: "", completion: texts[1]))]
        let session = try LanguageModelSession(model, on: CPUBackend())
        let encoded = try rows.map(data.encoder.encode)
        var settings = TrainingSettings()
        (settings.steps, settings.batch, settings.rate) = (150, 2, 1e-2)
        let trainer = try Trainer(
            session.loss, session.trainable, examples: ExampleSet(encoded, context: session.model.dimensions.context), settings,
            on: session.backend)
        while !trainer.isFinished { _ = try trainer.advance() }
        let evaluator = AnswerEvaluator(session, encoder: data.encoder)
        let whole = try evaluator.evaluate(rows)
        #expect(whole.loss < 0.05)
        #expect(whole.rouge == 1 && whole["rouge_l_f1"]?.mean == 1)
        for (example, text) in zip(whole.examples, texts) {
            #expect(!example.question.isEmpty && !example.reference.isEmpty)
            let halves: String = example.question + example.reference
            #expect(halves.replacing(" ", with: "") == text.replacing(" ", with: ""))
            #expect(example.generated == example.reference)
        }
        // What may not be said is not asked for.
        let short = try evaluator.evaluate(rows, .init(maximumTokens: 3))
        #expect(short.rouge == 1)
        for (example, all) in zip(short.examples, whole.examples) {
            #expect(all.reference.hasPrefix(example.reference) && example.reference.count < all.reference.count)
        }
    }

    @Test("has no ROUGE-L where nothing can be asked or compared")
    func nothingToCompare() throws {
        let session = try LanguageModelSession(model, on: CPUBackend())
        // One token, or two: nothing to begin with.
        let short = try AnswerEvaluator(session, encoder: data.encoder)
            .evaluate([Example(.completion(prompt: "", completion: "a")), Example(.chat([.user("A"), .assistant("?!")]))])
        #expect(short.rouge.isNaN && short.metrics.map(\.key) == ["loss", "probability"])
        #expect(short.examples.allSatisfy { !$0.question.isEmpty })
    }

    @Test("asks for the last answer as if nothing came after it")
    func laterTurns() throws {
        let session = try LanguageModelSession(model, on: CPUBackend())
        let turns: [ChatMessage] = [.user("Who?"), .assistant("Ida Holt.")]
        let evaluation = try AnswerEvaluator(session, encoder: data.encoder)
            .evaluate([Example(.chat(turns)), Example(.chat(turns + [.user("And where?")]))], .init(maximumTokens: 6))
        #expect(evaluation.examples[0].generated == evaluation.examples[1].generated)
        #expect(evaluation.examples.map(\.reference) == ["Ida Holt.", "Ida Holt."])
    }

    @Test("of no examples is refused")
    func empty() throws {
        let session = try LanguageModelSession(model, on: CPUBackend())
        #expect(throws: EvaluationError.self) { try AnswerEvaluator(session, encoder: data.encoder).evaluate([]) }
    }

    @Test("is the same after the model went through a Hugging Face folder")
    func exported() throws {
        let folder = "/tmp/ofmu-demo-test-\(getpid())"
        defer { try? FileSystem.remove(folder) }
        let extra = data.files.map { ModelExporter.ExtraFile(name: $0.name, bytes: Array($0.content.utf8)) }
        try ModelExporter(replacing: true).export(model, to: folder, extra: extra)

        let loaded = try ModelLoader.load(path: folder)
        let description = try TokenizerDescription(folder: folder)
        let encoder = Encoder(tokenizer: try Tokenizer(description), template: try ChatTemplate(for: description))
        let rows = try ExampleFile.read(joinPath(folder, "forget.jsonl"))
        let read = try AnswerEvaluator(LanguageModelSession(loaded, on: CPUBackend()), encoder: encoder)
            .evaluate(rows, .init(maximumTokens: 6))
        let made = try AnswerEvaluator(LanguageModelSession(model, on: CPUBackend()), encoder: data.encoder)
            .evaluate(data.forget, .init(maximumTokens: 6))
        #expect(read.examples == made.examples)
    }

    @Test("needs people both to forget and to keep")
    func people() {
        for (people, forgotten) in [(3, 0), (3, 3), (200, 1)] {
            #expect(throws: EvaluationError.self) {
                try DemoData(people: people, forgotten: forgotten, questions: 2, vocabulary: 300, seed: 1)
            }
        }
    }
}
