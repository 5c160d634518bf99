import Backends
import Models
import Text
import Unlearning

/// One run of the demo.
final class DemoRun {
    private let settings: DemoSettings
    private let backend: any Backend
    private let event: (DemoEvent) -> Void
    private let data: DemoData
    private var seconds: [(phase: DemoPhase, seconds: Double)] = []

    init(
        _ settings: DemoSettings, _ backend: any Backend, _ event: @escaping (DemoEvent) -> Void
    ) throws(EvaluationError) {
        self.settings = settings
        self.backend = backend
        self.event = event
        // The minutes of training should not come before a complaint about unlearning.
        try EvaluationError.unlearning { () throws(UnlearningError) in try settings.unlearning.validate() }
        data = try DemoData(
            people: settings.people, forgotten: settings.forgotten, questions: settings.questions,
            vocabulary: settings.vocabulary, seed: settings.seed)
    }

    func run() throws(EvaluationError) -> DemoResult {
        let session = try freshSession()
        let evaluator = AnswerEvaluator(session, encoder: data.encoder)
        try train(session, on: data.forget + data.retain, .training)
        let before = try evaluate(evaluator, .before)
        let strangers = try evaluator.evaluate(data.strangers, AnswerEvaluator.Options(generates: false))

        var unlearning = settings.unlearning
        if settings.targetsStrangers { unlearning.forgetTarget = .perExample(strangers.loss) }
        let (rounds, stopReason) = try unlearn(session, unlearning)
        let after = try evaluate(evaluator, .after)
        let model = try EvaluationError.models { () throws(ModelError) in try session.download() }

        let reference = try freshSession()
        try train(reference, on: data.retain, .retraining)
        let retrained = try evaluate(AnswerEvaluator(reference, encoder: data.encoder), .retrained)
        return DemoResult(
            data: data, settings: settings, unlearning: unlearning, before: before, after: after, retrained: retrained,
            strangersLoss: strangers.loss, rounds: rounds, stopReason: stopReason?.rawValue, model: model, seconds: seconds,
            device: backend.summary)
    }

    /// The same parameters at every call, so that both models differ only in what they were shown.
    private func freshSession() throws(EvaluationError) -> LanguageModelSession {
        let description = data.encoder.tokenizer.description
        return try EvaluationError.models { () throws(ModelError) in
            let model = try DemoModel.make(
                vocabulary: description.tokens.count, endID: description.endID, size: settings.model, seed: settings.seed)
            return try LanguageModelSession(model, on: backend)
        }
    }

    private func set(_ examples: [Example], _ session: LanguageModelSession) throws(EvaluationError) -> ExampleSet<TokenBatch> {
        let tokens = try data.tokens(examples)
        let dimensions = session.model.dimensions
        try EvaluationError.models { () throws(ModelError) in try dimensions.check(tokens) }
        return ExampleSet(tokens, context: dimensions.context)
    }

    private func train(
        _ session: LanguageModelSession, on examples: [Example], _ phase: DemoPhase
    ) throws(EvaluationError) {
        var training = TrainingSettings()
        training.steps = settings.steps
        training.batch = settings.batch
        training.rate = settings.rate
        training.warmUp = min(30, settings.steps / 4)
        training.finalShare = 0.05
        training.seed = settings.seed
        let examples = try set(examples, session)
        try timed(phase, total: settings.steps) { () throws(EvaluationError) in
            try EvaluationError.unlearning { () throws(UnlearningError) in
                let trainer = try Trainer(session.loss, session.moving, examples, training, on: backend)
                while !trainer.isFinished {
                    let record = try trainer.advance()
                    event(.advanced(phase, done: record.step, total: record.steps, loss: record.loss))
                }
            }
        }
    }

    private func unlearn(
        _ session: LanguageModelSession, _ unlearning: UnlearningSettings
    ) throws(EvaluationError) -> ([RoundRecord], RunState.StopReason?) {
        let (forget, retain) = (try set(data.forget, session), try set(data.retain, session))
        return try timed(.unlearning, total: unlearning.rounds) { () throws(EvaluationError) in
            try EvaluationError.unlearning { () throws(UnlearningError) in
                let unlearner = try Unlearner(
                    session.loss, session.moving, forget: forget, retain: retain, unlearning, on: backend)
                var rounds: [RoundRecord] = []
                var reason: RunState.StopReason?
                try unlearner.run { (happened) throws(UnlearningError) in
                    switch happened {
                    case .round(let record):
                        rounds.append(record)
                        event(.round(record))
                        event(
                            .advanced(.unlearning, done: rounds.count, total: unlearning.rounds, loss: record.forgetLoss))
                    case .finished(let why): reason = why
                    default: break
                    }
                }
                return (rounds, reason)
            }
        }
    }

    private func evaluate(
        _ evaluator: AnswerEvaluator, _ phase: DemoPhase
    ) throws(EvaluationError) -> DemoResult.Stage {
        let total = data.forget.count + data.retain.count
        // Twice the longest answer: room to say something else, not to go on for ever.
        let longest = try data.tokens(data.forget + data.retain).map(\.answerCount).max() ?? 16
        let options = AnswerEvaluator.Options(maximumTokens: 2 * longest)
        return try timed(phase, total: total) { () throws(EvaluationError) in
            let forget = try evaluator.evaluate(data.forget, options)
            event(.advanced(phase, done: data.forget.count, total: total, loss: forget.loss))
            let retain = try evaluator.evaluate(data.retain, options)
            event(.advanced(phase, done: total, total: total, loss: retain.loss))
            return DemoResult.Stage(forget: forget, retain: retain)
        }
    }

    private func timed<T>(
        _ phase: DemoPhase, total: Int, _ body: () throws(EvaluationError) -> T
    ) throws(EvaluationError) -> T {
        event(.began(phase, total: total))
        let clock = ContinuousClock()
        let start = clock.now
        let result = try body()
        let duration = (clock.now - start).components
        let elapsed = Double(duration.seconds) + 1e-18 * Double(duration.attoseconds)
        seconds.append((phase, elapsed))
        event(.ended(phase, seconds: elapsed))
        return result
    }
}
