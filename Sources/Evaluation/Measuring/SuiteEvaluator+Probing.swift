import Data
import Glibc
import Inference

/// What greedy answers to whole questions do not show.
extension SuiteEvaluator {
    /// Draws answers. The first of few are those of many.
    func sample(_ measured: inout [MeasuredItem], _ items: [EvaluationItem], _ options: Options, progress: Progress) throws {
        guard let sampling = options.sampling else { return }
        let asked = try asked(items.map(\.example), options)
        for number in 0..<sampling.count {
            // A seed of its own for each, so that one more changes none of the others.
            var seeds = SeededRandom(seed: sampling.seed, stream: "sample \(number)")
            let answers = try generate(
                asked, options, label: "Drawing answers, \(number + 1) of \(sampling.count)",
                sampler: Sampler(temperature: sampling.temperature), seed: seeds.next(), progress: progress)
            for (place, answer) in answers.enumerated() { if let answer { measured[place].sampled.append(answer.text) } }
        }
    }

    /// Gives the beginnings of answers and measures the rest, whose log-probabilities are those of the whole answer.
    func continuePrefixes(
        _ measured: inout [MeasuredItem], _ items: [EvaluationItem], as encoded: [TokenExample], _ options: Options, progress: Progress
    ) throws {
        for share in options.prefixes {
            let prefixes = try zip(encoded, items).map { try AnswerPrefix(share, of: $0, $1.example) }
            let said =
                try options.generates
                ? generate(
                    prefixes.map { Asked(prompt: $0.prompt, limit: options.maximumTokens) }, options,
                    label: "Continuing after \(share) of the answers", progress: progress) : prefixes.map { _ in nil }
            for (place, prefix) in prefixes.enumerated() {
                let whole = measured[place].answer, count = prefix.rest.count
                measured[place].continued[share] = MeasuredContinuation(
                    reference: trimmedSpaces(encoder.tokenizer.decode(prefix.rest, skipSpecialTokens: true)),
                    rest: MeasuredText(
                        logProbabilities: whole.logProbabilities.suffix(count), hits: whole.hits.suffix(count)),
                    generated: said[place]?.text)
            }
        }
    }

    /// Measures how sure the model is of what it has said.
    func measureConfidence(
        _ measured: inout [MeasuredItem], _ answers: [Said?], of role: EvaluationRole, _ options: Options, progress: Progress
    ) throws {
        var places: [Int] = []
        var texts: [TokenExample] = []
        for (place, answer) in answers.enumerated() {
            guard let answer else { continue }
            // A full context holds no place for the last token.
            let own = answer.ids.prefix(max(0, measurer.context - answer.prompt.count))
            guard !own.isEmpty else { continue }
            places.append(place)
            texts.append(
                TokenExample(
                    ids: answer.prompt + own, labels: [Int32](repeating: TokenExample.masked, count: answer.prompt.count) + own,
                    position: RowPosition(index: place)))
        }
        let found = try score(
            texts, label: "Scoring answers to the \(role.title)", batchSize: options.batchSize, progress: progress)
        for (place, text) in zip(places, found) {
            measured[place].confidence = text.logProbabilities.reduce(0) { $0 + exp($1) } / Double(text.logProbabilities.count)
        }
    }
}
