import Data
import Evaluation
import Inference
import Text

/// What is measured of every model of a comparison: the metrics of the evaluation suite, on a session.
package struct CellMeasurer {
    private let judging: ComparisonPlan.JudgingPlan
    /// The sets whose questions are answered. Of the others only the data's answers are scored: generating takes most of the time.
    private static let answered: Set<EvaluationRole> = [.forget, .retain]

    package init(_ judging: ComparisonPlan.JudgingPlan) { self.judging = judging }

    /// - Parameters:
    ///   - judge: a model that never saw the forget rows, under which answers are judged for how likely they are as text.
    ///   - progress: called with what is being asked.
    /// - Throws: `ModelError.notFinite` for a model whose numbers overflow.
    package func measure(
        _ session: LanguageModelSession, _ data: SplitData, _ encoder: Encoder, judge: LanguageModelSession?,
        progress: (_ what: String) -> Void
    ) throws -> CellMeasurement {
        let evaluator = SuiteEvaluator(session, encoder: encoder)
        var options = SuiteEvaluator.Options()
        (options.maximumTokens, options.batchSize) = (judging.answerTokens, judging.batch)
        var model = MeasuredModel([:], vocabulary: data.vocabulary)
        for role in EvaluationRole.allCases {
            guard let items = data.asked[role] else { continue }
            progress(role.title)
            options.generates = Self.answered.contains(role)
            var measured = try evaluator.measure(items, role, options)
            if let judge, role == .forget { try SuiteEvaluator(judge, encoder: encoder).judge(&measured, items) }
            model.sets[role] = measured
        }
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
