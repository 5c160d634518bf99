import Data
import Evaluation
import Inference
import Runs
import Text

/// What is measured of every model of a comparison: the metrics of the evaluation suite, on a session.
package struct CellMeasurer {
    private let judging: ComparisonPlan.JudgingPlan
    /// The sets whose questions are answered. Of the others only the data's answers are scored: generating takes most of the time.
    private static let answered: Set<EvaluationRole> = [.forget, .retain]

    package init(_ judging: ComparisonPlan.JudgingPlan) { self.judging = judging }

    /// The models whose states are exchanged with those of the model that is measured.
    package struct DepthModels {
        /// Knows the forget rows.
        var original: LanguageModelSession
        /// Never saw them.
        var reference: LanguageModelSession
    }

    /// - Parameters:
    ///   - judge: a model that never saw the forget rows, under which answers are judged for how likely they are as text.
    ///   - depth: nil for a model that is not measured layer by layer.
    ///   - progress: called with what is being asked.
    /// - Throws: `ModelError.notFinite` for a model whose numbers overflow.
    package func measure(
        _ session: LanguageModelSession, _ data: SplitData, _ encoder: Encoder, judge: LanguageModelSession?,
        depth: DepthModels? = nil, progress: (_ what: String) -> Void
    ) throws -> CellMeasurement {
        let evaluator = SuiteEvaluator(session, encoder: encoder)
        var options = SuiteEvaluator.Options()
        (options.maximumTokens, options.batchSize) = (judging.answerTokens, judging.batch)
        var model = MeasuredModel([:], vocabulary: data.vocabulary)
        for role in EvaluationRole.allCases {
            guard let items = data.asked[role] else { continue }
            progress("asking, \(role.title)")
            options.generates = Self.answered.contains(role)
            var measured = try evaluator.measure(items, role, options)
            if let judge, role == .forget { try SuiteEvaluator(judge, encoder: encoder).judge(&measured, items) }
            model.sets[role] = measured
        }
        model.robustness = try robustness(session, data, encoder, depth: depth, progress: progress)
        var measurement = CellMeasurement()
        for result in EvaluationSuite.tofu.results(model) where result.value != nil || !result.examples.isEmpty {
            measurement.figures[result.key] = CellFigure(
                result.value, interval: result.interval.map { $0.lower...$0.upper }, examples: result.examples)
        }
        for (role, items) in model.sets where Self.answered.contains(role) {
            measurement.answers[role.asked] = items.map {
                CellAnswer(question: $0.question, reference: $0.reference, generated: $0.generated ?? "")
            }
        }
        return measurement
    }

    /// How deep forgetting goes, and what rounded weights bring back. Leaves the session as it was.
    private func robustness(
        _ session: LanguageModelSession, _ data: SplitData, _ encoder: Encoder, depth: DepthModels?, progress: (String) -> Void
    ) throws -> MeasuredRobustness {
        var result = MeasuredRobustness()
        var evaluator = RobustnessEvaluator()
        (evaluator.batchSize, evaluator.measuresDepth) = (judging.batch, true)
        if let depth {
            result.depth = try evaluator.measure(
                session, EvaluationSets([.forget: data.depthItems(judging.depthExamples)]), encoder: encoder, original: depth.original,
                reference: depth.reference, progress: progress
            ).depth
        }
        // Of all asked forget rows: what rounding brings back is compared row by row with the model as it is.
        evaluator = RobustnessEvaluator(roundings: judging.roundings)
        evaluator.batchSize = judging.batch
        result.rounded = try evaluator.measure(
            session, EvaluationSets(data.asked.filter { $0.key == .forget }), encoder: encoder, progress: progress
        ).rounded
        return result
    }
}

extension EvaluationRole {
    /// Its name in a plan's `ask`.
    package var asked: String {
        switch self {
        case .forget: "forget"
        case .retain: "retain"
        case .neighbours: "neighbours"
        case .holdout: "holdout"
        case .realAuthors: "real_authors"
        case .worldFacts: "world_facts"
        }
    }
}
