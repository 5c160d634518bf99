import Data
import Evaluation
import Glibc
import Inference
import Runs
import Text

/// Answers, their probabilities, and truth ratios where the rows have paraphrased or perturbed answers.
package struct AnswerCellMetrics: CellMetrics {
    private let judging: ComparisonPlan.JudgingPlan

    package init(_ judging: ComparisonPlan.JudgingPlan) { self.judging = judging }

    package func measure(
        _ session: LanguageModelSession, _ data: SplitData, _ encoder: Encoder, judge: LanguageModelSession?,
        progress: (_ what: String) -> Void
    ) throws -> CellMeasurement {
        let evaluator = AnswerEvaluator(session, encoder: encoder)
        let losses = LossEvaluator(session)
        let options = AnswerEvaluator.Options(maximumTokens: judging.answerTokens, batchSize: judging.batch)
        var measurement = CellMeasurement()
        for (name, examples) in data.asked where name != "holdout" {
            progress(name)
            let evaluation = try evaluator.evaluate(examples, options)
            var set = SetMeasurement()
            for metric in AnswerEvaluation.standardMetrics { set.values[metric.key] = evaluation.examples.map { metric.value($0) } }
            set.answers = evaluation.examples.map {
                SetMeasurement.Answer(question: $0.question, reference: $0.reference, generated: $0.generated ?? "")
            }
            set.values["truth_ratio"] = try truthRatios(examples, encoder, losses, answers: set.values["loss"] ?? [])
            if let judge { set.values["judge_loss"] = try judgeLosses(set.answers, encoder, LossEvaluator(judge)) }
            measurement.sets[name] = set
        }
        return measurement
    }

    /// TOFU's truth ratio, exp(−A_w)/(exp(−A_c) + 1e-10): A_w is the mean loss of the perturbed answers, A_c that of the paraphrased
    /// answer, or of the answer where there is no paraphrase (Maini et al., COLM 2024).
    private func truthRatios(
        _ examples: [Example], _ encoder: Encoder, _ losses: LossEvaluator, answers: [Double?]
    ) throws -> [Double?]? {
        var asked: [TokenExample] = []
        var places: [(example: Int, isWrong: Bool)] = []
        for (index, example) in examples.enumerated() {
            for (field, isWrong) in [("paraphrased_answer", false), ("perturbed_answer", true)] {
                for text in example.texts(field) {
                    asked.append(try encoder.encode(example.answered(text)))
                    places.append((index, isWrong))
                }
            }
        }
        guard !asked.isEmpty else { return nil }
        let scores = try losses.scores(asked, batchSize: judging.batch)
        var wrong = [[Double]](repeating: [], count: examples.count), right = wrong
        for (place, score) in zip(places, scores) {
            if place.isWrong { wrong[place.example].append(score.loss) } else { right[place.example].append(score.loss) }
        }
        return examples.indices.map { index in
            guard !wrong[index].isEmpty, let correct = right[index].first ?? answers[index] else { return nil }
            return exp(-wrong[index].reduce(0, +) / Double(wrong[index].count)) / (exp(-correct) + 1e-10)
        }
    }

    /// The mean loss of each greedy answer under another model; nil where there is no answer.
    private func judgeLosses(_ answers: [SetMeasurement.Answer], _ encoder: Encoder, _ judge: LossEvaluator) throws -> [Double?] {
        var values = [Double?](repeating: nil, count: answers.count)
        let said = answers.indices.filter { !answers[$0].generated.isEmpty }
        let encoded = try said.map { index in
            try encoder.encode(Example(.chat([.user(answers[index].question), .assistant(answers[index].generated)])))
        }
        guard !encoded.isEmpty else { return values }
        for (index, score) in zip(said, try judge.scores(encoded, batchSize: judging.batch)) { values[index] = score.loss }
        return values
    }
}

extension Example {
    /// The texts of a field that holds one or several.
    fileprivate func texts(_ field: String) -> [String] {
        guard let value = fields[field] else { return [] }
        return (value.asArray ?? [value]).compactMap(\.asString)
    }

    /// The same question with another answer.
    fileprivate func answered(_ text: String) -> Example {
        switch content {
        case .chat(var turns):
            if let last = turns.lastIndex(where: { $0.role == "assistant" }) { turns[last] = .assistant(text) }
            return Example(.chat(turns), at: position, fields: fields)
        case .completion(let prompt, _): return Example(.completion(prompt: prompt, completion: text), at: position, fields: fields)
        case .text: return Example(.text(text), at: position, fields: fields)
        }
    }
}
