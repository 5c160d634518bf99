import Backends
import Data
import Inference
import Models
import TestSupport
import Testing
import Unlearning

@Suite("Training and batches")
struct TrainingTests {
    private let problem = SmallProblem()

    private func train(_ change: (inout TrainingSettings) -> Void = { _ in }) throws -> (records: [TrainingRecord], theta: [Float]) {
        var settings = TrainingSettings()
        (settings.epochs, settings.batch, settings.rate) = (40, 4, 0.02)
        change(&settings)
        let backend = CPUBackend()
        let buffer = try backend.upload(problem.theta.map(Float.init))
        let trainer = try Trainer(problem.loss, buffer, examples: problem.retain, settings, on: backend)
        var records: [TrainingRecord] = []
        while !trainer.isFinished { records.append(try trainer.advance()) }
        return (records, try backend.read(buffer))
    }

    @Test("lowers the loss")
    func learns() throws {
        let (records, _) = try train()
        #expect(records.count == 100)
        let mean = { (part: ArraySlice<TrainingRecord>) in part.reduce(0) { $0 + $1.loss } / Double(part.count) }
        #expect(mean(records.suffix(10)) < 0.5 * mean(records.prefix(10)))
    }

    @Test("a language model learns its sentences")
    func learnsLanguage() throws {
        let model = DecoderModel(Llama(), ModelCase.llamaConfiguration)
        let split = try ParameterSplit(model.specifications, .all)
        let backend = CPUBackend()
        let buffer = try backend.upload(ModelInitialiser.values(split.trainable, seed: 1))
        var settings = TrainingSettings()
        (settings.steps, settings.batch, settings.rate) = (200, 3, 0.01)
        let trainer = try Trainer(
            LanguageModelLoss(model, split, frozen: nil), buffer, examples: ExampleSet(ModelCase.sentences(3, seed: 4), context: 8),
            settings,
            on: backend)
        var losses: [Double] = []
        while !trainer.isFinished { losses.append(try trainer.advance().loss) }
        // A fresh model knows nothing: ln 31 is a uniform guess.
        #expect(abs(losses[0] - 3.434) < 0.1)
        let last = try #require(losses.last)
        #expect(last < 0.3)
    }

    @Test("a resumed training gives the same bytes, at every step")
    func resumes() throws {
        var settings = TrainingSettings()
        (settings.steps, settings.batch, settings.rate, settings.warmUp) = (12, 4, 0.02, 3)
        func trainer() throws -> (Trainer<Perceptron>, CPUBackend, any Buffer) {
            let backend = CPUBackend()
            let buffer = try backend.upload(problem.theta.map(Float.init))
            return (try Trainer(problem.loss, buffer, examples: problem.retain, settings, on: backend), backend, buffer)
        }
        let (straight, backend, buffer) = try trainer()
        while !straight.isFinished { _ = try straight.advance() }
        let expected = try backend.read(buffer)

        try withTemporaryFolder { folder in
            let path = "\(folder)/training.checkpoint"
            for step in 0...12 {
                let (first, _, _) = try trainer()
                for _ in 0..<step { _ = try first.advance() }
                try first.save(to: path, identity: "mine")
                let (second, backend, buffer) = try trainer()
                #expect(throws: UnlearningError.self) { try second.resume(from: path, identity: "another") }
                try second.resume(from: path, identity: "mine")
                #expect(second.step == step)
                while !second.isFinished { _ = try second.advance() }
                #expect(try backend.read(buffer) == expected, "after step \(step)")
                #expect(second.recentLosses == straight.recentLosses)
            }
        }
    }

    @Test("the rate rises over the warm-up and falls in a line that ends one step after the last")
    func schedule() throws {
        let (records, _) = try train { ($0.steps, $0.warmUp, $0.rate, $0.finalShare) = (10, 4, 0.1, 0.2) }
        let line: [Double] = [6, 5, 4, 3, 2, 1].map { (left: Double) -> Double in 0.02 + 0.08 * left / 7 }
        let expected: [Double] = [[0.025, 0.05, 0.075, 0.1], line].flatMap { $0 }
        #expect(relativeError(records.map(\.rate), expected) <= 1e-12)
        #expect(records.map(\.step) == Array(1...10))
        // Without a warm-up these are the rates of transformers' linear schedule.
        let (plain, _) = try train { ($0.steps, $0.rate) = (4, 0.1) }
        #expect(relativeError(plain.map(\.rate), [0.1, 0.075, 0.05, 0.025]) <= 1e-12)
        let (never, _) = try train { ($0.steps, $0.warmUp, $0.rate) = (3, 10, 0.1) }
        #expect(relativeError(never.map(\.rate), [0.01, 0.02, 0.03]) <= 1e-12)
    }

    @Test("every schedule moves the parameters at each of its steps", arguments: [1, 2, 3], [0, 1, 2, 5])
    func noIdleStep(steps: Int, warmUp: Int) throws {
        let (records, theta) = try train { ($0.steps, $0.warmUp) = (steps, warmUp) }
        #expect(records.count == steps && records.allSatisfy { $0.rate > 0 })
        #expect(records.map(\.rate).max() == (warmUp <= steps ? 0.02 : 0.02 * Double(steps) / Double(warmUp)))
        #expect(theta != problem.theta.map(Float.init))
    }

    @Test("a set smaller than a batch is one batch: every epoch takes at least a step", arguments: [1, 3, 10])
    func fewRows(epochs: Int) throws {
        // Ten rows.
        let (few, theta) = try train { ($0.epochs, $0.batch) = (epochs, 64) }
        #expect(few.count == epochs)
        let (whole, same) = try train { ($0.epochs, $0.batch) = (epochs, 10) }
        #expect(few == whole && theta == same)
        #expect(try train { ($0.epochs, $0.batch) = (epochs, 4) }.records.count == (10 * epochs + 3) / 4)
    }

    @Test("a training that diverges says after which step, and of no step that it never took")
    func diverges() throws {
        let message = { (theta: [Float], steps: Int, rate: Double) -> String in
            let backend = CPUBackend()
            var settings = TrainingSettings()
            (settings.steps, settings.batch, settings.rate, settings.clip) = (steps, 4, rate, nil)
            let trainer = try Trainer(problem.loss, backend.upload(theta), examples: problem.retain, settings, on: backend)
            do {
                while !trainer.isFinished { _ = try trainer.advance() }
                return ""
            } catch {
                return "\(error)"
            }
        }
        let theta = problem.theta.map(Float.init)
        let grown = try message(theta, 9, 1e38)
        #expect(grown.hasPrefix("After step ") && grown.contains("below 1e+38") && !grown.contains("half"), "\(grown)")
        let last = try message(theta, 1, 1e38)
        #expect(last.hasPrefix("After step 1 of the training a parameter is not finite"), "\(last)")
        let broken = try message([Float](repeating: .nan, count: theta.count), 9, 0.01)
        #expect(broken.hasPrefix("Before the first step of the training the loss is not finite"), "\(broken)")
    }

    @Test("equal seeds give equal bytes, other seeds other ones")
    func deterministic() throws {
        let (first, second, other) = (try train(), try train(), try train { $0.seed = 1 })
        #expect(first.theta == second.theta)
        #expect(first.records == second.records)
        #expect(first.theta != other.theta)
    }

    @Test("settings that make no sense are refused by name")
    func validation() {
        let message = { (change: (inout TrainingSettings) -> Void) -> String in
            do {
                _ = try train(change)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(message { $0.batch = 0 } == "batch size: must be from 1 to 4096, not 0")
        #expect(message { $0.steps = 0 } == "steps: must be from 1 to 1000000000, not 0")
        #expect(message { $0.rate = .infinity } == "learning rate: must be above 0 and at most 1e+38, not inf")
        #expect(message { $0.warmUp = -1 } == "warm-up: must be from 0 to 1000000000, not -1")
    }
}
