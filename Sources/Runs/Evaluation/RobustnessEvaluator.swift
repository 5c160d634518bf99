import Data
import Evaluation
import Inference
import Models
import Text
import Unlearning

/// A training that tries to bring back what a model has forgotten.
package struct Relearning: Sendable, Hashable {
    /// Where the curve is measured, from 0 on, rising.
    package var steps: [Int]
    /// The share of the forget set that is trained on, evenly taken.
    package var share = 0.5
    package var rate = 1e-4
    package var batch = 8
    package var seed: UInt64 = 0
    /// Of low-rank adapters beside every linear map, which are trained instead of the weights; nil trains those.
    package var rank: Int?

    /// - Parameter steps: of the training; measured after 0, 1, 2, 5, 10, 20, 50, … of them and at the end.
    package init(steps: Int = 20) {
        let usual = [1, 10, 100, 1_000, 10_000, 100_000].flatMap { [$0, 2 * $0, 5 * $0] }
        self.steps = [0] + usual.filter { $0 < steps } + [max(1, steps)]
    }

    /// What numbers made of the curves depend on.
    var words: String {
        "\(steps.last ?? 0) steps at rate \(rate), batches of \(batch), share \(share)" + (rank.map { ", adapters of rank \($0)" } ?? "")
    }

    /// What may change in the training.
    package var trainable: TrainableParameters { rank.map { .lora(LowRankAdapter(rank: $0, alpha: 2 * Double($0))) } ?? .all }

    /// The places of the items that are trained on.
    package func chosen(of count: Int) -> [Int] {
        let taken = min(count, max(1, Int((share * Double(count)).rounded())))
        return (0..<taken).map { $0 * count / taken }
    }
}

/// Measures whether what a model has forgotten comes back. The session is left as it was.
package struct RobustnessEvaluator {
    package var roundings: [WeightRounding]
    /// Nil trains nothing.
    package var relearning: Relearning?
    /// Whether states are exchanged between the model, the original and the reference.
    package var measuresDepth = false
    package var batchSize = 16

    package init(roundings: [WeightRounding] = [], relearning: Relearning? = nil) {
        (self.roundings, self.relearning) = (roundings, relearning)
    }

    /// - Parameters:
    ///   - original: the model before it forgot; nil for none.
    ///   - reference: a model that never saw the forget set, for the depth alone; nil for none.
    ///   - learner: the same model with what relearning may change; nil for `session`.
    ///   - ledger: where what is measured is kept; nil keeps nothing.
    ///   - whose: words that tell this model's parts of the ledger from other models'.
    ///   - progress: called with what is being done.
    /// - Throws: `DataError` naming a row that cannot be read, `ModelError`.
    package func measure(
        _ session: LanguageModelSession, _ sets: EvaluationSets, encoder: Encoder, original: LanguageModelSession? = nil,
        reference: LanguageModelSession? = nil, learner: LanguageModelSession? = nil, ledger: (any EvaluationLedger)? = nil,
        whose: String = "",
        progress: (_ what: String) -> Void = { _ in }
    ) throws -> MeasuredRobustness {
        func kept<Value: LedgerValue>(_ what: String, _ make: () throws -> Value) throws -> Value {
            func tellAndMake() throws -> Value {
                progress(what)
                return try make()
            }
            return try ledger?.result(of: what + whose, tellAndMake) ?? tellAndMake()
        }
        var result = MeasuredRobustness()
        guard let forget = try sets.questions[.forget]?.map({ try encoder.encode($0.example) }) else { return result }
        let retain = try (sets.questions[.retain] ?? []).map { try encoder.encode($0.example) }
        if let original {
            result.original = try kept("Scoring the forget set under the original") { try probabilities(original, forget) }
        }
        if measuresDepth, let original, let reference {
            let items = try (sets.questions[.forget] ?? []).map { try EntitySpan.narrowed($0.example, encoder) }
            result.depth = try kept("Exchanging states of \(session.model.dimensions.layers) layers with the original") {
                try DepthMeasurer(session, original: original, reference: reference).measure(items, batchSize: batchSize)
            }
        }
        for rounding in roundings {
            result.rounded[rounding] = try kept("Rounding weights to \(rounding.title)") {
                try session.lendingWeights(rounding.rounded) {
                    var measured = MeasuredRounding()
                    measured.probabilities[.forget] = try probabilities(session, forget)
                    if !retain.isEmpty { measured.probabilities[.retain] = try probabilities(session, retain) }
                    return measured
                }
            }
        }
        guard let relearning else { return result }
        let learner = learner ?? session
        result.relearning = relearning.words
        let chosen = relearning.chosen(of: forget.count)
        result.relearnt[.forget] = try kept("Relearning from \(chosen.count) of \(forget.count) forget rows") {
            try curve(learner, forget, training: chosen.map { forget[$0] }, relearning, trained: Set(chosen))
        }
        let unrelated = try retain.isEmpty ? sets.texts.map(encoder.encode) : retain
        if unrelated.isEmpty {
            result.relearnt[.unrelated] = MeasuredRelearning(problem: "needs the retain set (--retain) or plain text (--text)")
        } else {
            result.relearnt[.unrelated] = try kept("Relearning from \(unrelated.count) unrelated rows") {
                try curve(learner, forget, training: unrelated, relearning, trained: [])
            }
        }
        return result
    }

    private func probabilities(_ session: LanguageModelSession, _ examples: [TokenExample]) throws -> [Double] {
        try TokenMeasurer(session).measure(examples, batchSize: batchSize).map(\.probability)
    }

    private func curve(
        _ session: LanguageModelSession, _ forget: [TokenExample], training: [TokenExample], _ relearning: Relearning, trained: Set<Int>
    ) throws -> MeasuredRelearning {
        try session.lendingWeights {
            var settings = TrainingSettings()
            settings.steps = relearning.steps.last ?? 0
            (settings.batch, settings.rate, settings.seed) = (relearning.batch, relearning.rate, relearning.seed)
            // A constant rate, so that a point of the curve does not depend on how long it goes on.
            settings.finalShare = 1
            settings.optimiser.decay = 0
            let context = session.model.dimensions.context
            var result = MeasuredRelearning(trained: trained)
            do {
                let trainer = try Trainer(
                    session.loss, session.trainable, examples: ExampleSet(training, context: context), settings, on: session.backend)
                for step in relearning.steps {
                    while trainer.step < step { _ = try trainer.advance() }
                    result.probabilities.append(try probabilities(session, forget))
                    result.steps.append(step)
                }
            } catch let error as UnlearningError {
                guard case .trainingDiverged(let quantity, let steps, let rate) = error else { throw error }
                result.problem = "after \(steps) steps of relearning \(quantity) is not finite; give a rate below \(rate) (--relearn-rate)"
            }
            return result
        }
    }
}
