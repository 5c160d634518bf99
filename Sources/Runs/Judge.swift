import Data
import Evaluation
import Inference
import Reporting
import Text

/// How much is asked before and after.
public struct Judging {
    /// Examples of each set.
    public var examples: Int
    /// The most tokens of an answer.
    public var answerTokens: Int

    /// How many examples of each set are asked, and how long answers may be.
    public init(examples: Int = 40, answerTokens: Int = 64) {
        self.examples = examples
        self.answerTokens = answerTokens
    }

    /// The examples that stand for a set, taken evenly from it.
    public func sample(_ all: [Example]) -> [Example] {
        let count = min(examples, all.count)
        return (0..<count).map { all[$0 * all.count / count] }
    }
}

/// How one model answers both sets.
package struct Verdict {
    package var forget: AnswerEvaluation
    package var retain: AnswerEvaluation

    /// - Throws: `RunError.badInput` naming the first example whose loss is not finite: such a model cannot be made to forget.
    func check() throws(RunError) {
        for (role, evaluation) in [("forget", forget), ("retain", retain)] {
            guard let bad = evaluation.examples.first(where: { !$0.loss.isFinite }) else { continue }
            throw .badInput(
                "The model's loss is not finite on the \(role) question \"\(bad.question)\": its numbers overflow. Check the model.")
        }
    }
}

/// The sets that are asked at every stage, and the asking.
package struct Judge {
    private let forget: [Example]
    private let retain: [Example]
    private let encoder: Encoder
    private let options: AnswerEvaluator.Options
    private let listener: any JobListener

    package init(_ judging: Judging, forget: [Example], retain: [Example], encoder: Encoder, _ listener: any JobListener) {
        self.forget = judging.sample(forget)
        self.retain = judging.sample(retain)
        self.encoder = encoder
        options = AnswerEvaluator.Options(maximumTokens: judging.answerTokens)
        self.listener = listener
    }

    package func ask(_ session: LanguageModelSession, _ label: String) throws -> Verdict {
        let evaluator = AnswerEvaluator(session, encoder: encoder)
        func answers(_ examples: [Example], _ set: String) throws -> AnswerEvaluation {
            guard !examples.isEmpty else { return AnswerEvaluation([]) }
            try? listener.hear(.began("Asking \(label), \(set)", total: examples.count, unit: "questions"))
            defer { try? listener.hear(.ended) }
            return try listener.whileIdle { try evaluator.evaluate(examples, options) { try? listener.hear(.advanced($0)) } }
        }
        let verdict = Verdict(forget: try answers(forget, "forget"), retain: try answers(retain, "retain"))
        let text = { (evaluation: AnswerEvaluation) in
            evaluation.metrics.map { "\($0.title) \(NumberText.fixed($0.estimate.mean))" }.joined(separator: ", ")
        }
        for (set, evaluation) in [("forget", verdict.forget), ("retain", verdict.retain)] where !evaluation.examples.isEmpty {
            listener.note("\(label), \(set): \(text(evaluation))")
        }
        return verdict
    }
}
