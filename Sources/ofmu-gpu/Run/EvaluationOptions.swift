import ArgumentParser
import Evaluation
import Files
import Models
import Reporting
import Text

/// How models are judged before and after.
struct EvaluationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Examples of each set that are asked before and after; they are taken evenly from the file. 0 asks none.",
            valueName: "examples"))
    var evaluate = 40

    @Option(name: .long, help: "The most tokens of an answer when the model is asked.")
    var answerTokens = 64

    func validate() throws {
        try Limits.from(0, to: 1_000_000).check("--evaluate", evaluate)
        try OptionLimits.tokens.check("--answer-tokens", answerTokens)
    }

    /// The examples that stand for a set.
    func sample(_ examples: [Example]) -> [Example] {
        let count = min(evaluate, examples.count)
        return (0..<count).map { examples[$0 * examples.count / count] }
    }
}

/// The sets that are asked at every stage, and the asking.
struct Judge {
    let forget: [Example]
    let retain: [Example]
    let encoder: Encoder
    let options: AnswerEvaluator.Options
    let console: Console

    /// How one model answers both sets.
    struct Verdict {
        var forget: AnswerEvaluation
        var retain: AnswerEvaluation

        /// - Throws: `CommandError.badInput` naming the first example whose loss is not finite: such a model cannot be made to forget.
        func check() throws(CommandError) {
            for (role, evaluation) in [("forget", forget), ("retain", retain)] {
                guard let bad = evaluation.examples.first(where: { !$0.loss.isFinite }) else { continue }
                throw .badInput(
                    "The model's loss is not finite on the \(role) question \"\(bad.question)\": its numbers overflow. Check the model.")
            }
        }
    }

    func ask(_ session: LanguageModelSession, _ label: String) throws -> Verdict {
        let evaluator = AnswerEvaluator(session, encoder: encoder)
        func answers(_ examples: [Example], _ set: String) throws -> AnswerEvaluation {
            guard !examples.isEmpty else { return AnswerEvaluation([]) }
            let progress = console.progress("Asking \(label), \(set)", total: examples.count, unit: "questions")
            return try Interruption.whileIdle { try evaluator.evaluate(examples, options) { progress.update($0) } }
        }
        let verdict = Verdict(forget: try answers(forget, "forget"), retain: try answers(retain, "retain"))
        let text = { (evaluation: AnswerEvaluation) in
            evaluation.metrics.map { "\($0.title) \(NumberText.fixed($0.estimate.mean))" }.joined(separator: ", ")
        }
        for (set, evaluation) in [("forget", verdict.forget), ("retain", verdict.retain)] where !evaluation.examples.isEmpty {
            console.note("\(label), \(set): \(text(evaluation))")
        }
        return verdict
    }
}
