/// What a model makes of one multiple-choice question.
package struct MeasuredChoice: Hashable, Sendable {
    package var question: String
    /// The place of the right answer.
    package var answer: Int
    /// Of each letter after the prompt, in nats.
    package var logLikelihoods: [Double]

    package init(question: String, answer: Int, logLikelihoods: [Double]) {
        (self.question, self.answer, self.logLikelihoods) = (question, answer, logLikelihoods)
    }

    /// The likeliest; of equal ones the first.
    package var chosen: Int { logLikelihoods.indices.max { logLikelihoods[$0] < logLikelihoods[$1] } ?? 0 }
    package var isRight: Bool { chosen == answer }
}

extension SuiteEvaluator {
    /// Chooses the likeliest letter of every question.
    package func choose(_ items: [ChoiceItem], _ task: ChoiceTask, batchSize: Int, progress: Progress = { _, _, _ in }) throws
        -> [MeasuredChoice]
    {
        let texts = try items.flatMap { try $0.encoded(encoder).examples }
        let measured = try score(texts, label: "Choosing answers of \(task.title)", batchSize: batchSize, progress: progress)
        let count = ChoiceItem.letters.count
        return items.enumerated().map { place, item in
            MeasuredChoice(
                question: item.question, answer: item.answer,
                logLikelihoods: measured[(place * count)..<((place + 1) * count)].map { $0.logProbabilities.reduce(0, +) })
        }
    }
}
