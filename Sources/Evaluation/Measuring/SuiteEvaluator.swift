import Data
import Inference
import Text

/// Measures all that the metrics of a suite are computed from. Keeps its plans, so one evaluator should serve all sets of a model.
/// Used from one thread at a time.
package final class SuiteEvaluator {
    /// How much is asked and measured.
    package struct Options: Sendable {
        /// Whether answers are generated; without, metrics of answers say what is missing.
        package var generates = true
        /// Whether the forget set's questions are also asked in other words, where the data have them.
        package var rephrases = false
        /// The most tokens of a generated answer; 200 in TOFU.
        package var maximumTokens = 200
        package var batchSize = 16
        /// How answers to the forget set are drawn, beside the greedy ones; nil draws none.
        package var sampling: AnswerSampling?
        /// Shares of the forget set's answers that the model is given before it goes on; see `AnswerPrefix`.
        package var prefixes: [Double] = []
        /// Whether the probabilities of the generated answers' own tokens are measured, of the forget and the holdout set.
        package var measuresConfidence = false
        package init() {}
    }

    /// What is going on: a label for people, units done and in all.
    package typealias Progress = (_ label: String, _ done: Int, _ total: Int) -> Void

    let encoder: Encoder
    let measurer: TokenMeasurer
    private let generator: Generator
    private let ledger: (any EvaluationLedger)?
    private let whose: String

    /// Asks a model; `encoder` writes questions the way the model was taught.
    /// - Parameters:
    ///   - ledger: where what is measured is kept; nil keeps nothing.
    ///   - whose: words that tell this model's parts of the ledger from other models'.
    package init(_ session: LanguageModelSession, encoder: Encoder, ledger: (any EvaluationLedger)? = nil, whose: String = "") {
        self.encoder = encoder
        self.ledger = ledger
        self.whose = whose
        measurer = TokenMeasurer(session)
        generator = Generator(session)
    }

    /// Measures every set.
    /// - Throws: `DataError` naming the row that cannot be read, `ModelError`.
    package func measure(_ sets: EvaluationSets, _ options: Options = Options(), progress: Progress = { _, _, _ in }) throws
        -> MeasuredModel
    {
        var measured = MeasuredModel([:], vocabulary: sets.vocabulary)
        for role in EvaluationRole.allCases {
            guard let items = sets.questions[role] else { continue }
            measured.sets[role] = try measure(items, role, options, progress: progress)
        }
        if options.generates { measured.sampling = options.sampling }
        if !sets.texts.isEmpty {
            measured.texts = try score(
                sets.texts.map(encoder.encode), label: "Reading plain text", batchSize: options.batchSize, progress: progress)
        }
        for task in ChoiceTask.allCases {
            guard let items = sets.choices[task] else { continue }
            measured.choices[task] = try choose(items, task, batchSize: options.batchSize, progress: progress)
        }
        measured.muse = try sets.muse.map { try measure($0, options, progress: progress) }
        return measured
    }

    /// Measures one set.
    package func measure(
        _ items: [EvaluationItem], _ role: EvaluationRole, _ options: Options = Options(), progress: Progress = { _, _, _ in }
    ) throws -> [MeasuredItem] {
        // All texts of all items at once: what is common to the answers of a question is computed once.
        let answers = try items.map { try encoder.encode($0.example) }
        let others = try items.flatMap { item in
            try ((item.paraphrase.map { [$0] } ?? []) + item.perturbed).map { try encoder.encode(item.answering($0)) }
        }
        let needsMoments = role == .forget || role == .holdout
        let texts = try score(
            answers + others, label: "Scoring the \(role.title)", momentsOf: { needsMoments && $0 < items.count },
            batchSize: options.batchSize, progress: progress)
        let own = texts.prefix(items.count)
        var rest = texts.dropFirst(items.count)
        var measured = zip(items, zip(answers, own)).map { item, pair in
            let (encoded, text) = pair
            let (question, reference) = item.example.questionAndAnswer
            let labels = encoded.labels.dropFirst().filter { $0 >= 0 }
            var result = MeasuredItem(
                question: question, reference: trimmedSpaces(reference),
                labelText: encoder.tokenizer.decode(Array(labels), skipSpecialTokens: true), answer: text)
            if item.paraphrase != nil { result.paraphrase = rest.popFirst() }
            result.perturbed = item.perturbed.compactMap { _ in rest.popFirst() }
            return result
        }
        if role == .forget { try continuePrefixes(&measured, items, as: answers, options, progress: progress) }
        guard options.generates else { return measured }
        let greedy = try generate(asked(items.map(\.example), options), options, label: "Asking the \(role.title)", progress: progress)
        for (place, answer) in greedy.enumerated() { measured[place].generated = answer?.text }
        if options.measuresConfidence, needsMoments { try measureConfidence(&measured, greedy, of: role, options, progress: progress) }
        if role == .forget { try sample(&measured, items, options, progress: progress) }
        let rephrased = items.compactMap(\.rephrased)
        if options.rephrases, role == .forget, rephrased.count == items.count {
            let answers = try generate(
                asked(rephrased.map(\.example), options), options, label: "Asking the \(role.title) in other words", progress: progress)
            for (place, answer) in answers.enumerated() { measured[place].rephrasedGenerated = answer?.text }
        }
        return measured
    }

    /// Measures the generated answers of items under this model, as a judge of their fluency.
    package func judge(
        _ measured: inout [MeasuredItem], _ items: [EvaluationItem], label: String = "Judging answers",
        progress: Progress = { _, _, _ in }
    ) throws {
        let places = measured.indices.filter { !(measured[$0].generated ?? "").isEmpty }
        let answers = try places.map { try encoder.encode(items[$0].answering(measured[$0].generated ?? "")) }
        let texts = try score(answers, label: label, progress: progress)
        for (place, text) in zip(places, texts) { measured[place].judgedLoss = text.loss }
    }

    /// Measures texts; what an earlier process measured under this label is taken as it is.
    func score(
        _ examples: [TokenExample], label: String, momentsOf moments: (Int) -> Bool = { _ in false }, batchSize: Int = 16,
        progress: Progress
    ) throws -> [MeasuredText] {
        try measurer.measure(examples, momentsOf: moments, batchSize: batchSize, kept: kept(label)) { progress(label, $0, examples.count) }
    }

    private func kept<Value: LedgerValue>(_ label: String) -> KeptResults<Value> {
        ledger?.results(of: label + whose) ?? KeptResults()
    }

    /// What a model is given to go on from, and how much of what it says counts.
    struct Asked {
        /// Nil where a text is too short to ask for any part of it.
        var prompt: [Int32]?
        var limit: Int
    }

    /// What a model says.
    struct Said {
        var prompt: [Int32]
        /// Without the mark that ended it.
        var ids: [Int32]
        var text: String
    }

    /// What is asked about examples.
    func asked(_ examples: [Example], _ options: Options) throws -> [Asked] {
        try examples.map { example in
            let asked = try AskedExample(example, encoder.encode(example), encoder, maximumTokens: options.maximumTokens)
            return Asked(prompt: asked.prompt, limit: asked.limit)
        }
    }

    /// - Returns: the answers; nil where nothing is asked.
    func generate(
        _ asked: [Asked], _ options: Options, label: String, sampler: Sampler = .greedy, seed: UInt64 = 0, progress: Progress
    ) throws -> [Said?] {
        let places = asked.indices.filter { asked[$0].prompt != nil }
        guard !places.isEmpty else { return asked.map { _ in nil } }
        let prompts = places.compactMap { asked[$0].prompt }
        let settings = Generator.Options(
            maximum: options.maximumTokens, sampler: sampler, seed: seed, stops: Set(encoder.stopIDs), batchSize: options.batchSize)
        var begun = Set<Int>()
        let answers = try generator.generate(prompts, settings, kept: kept(label)) { prompt, _ in
            if begun.insert(prompt).inserted { progress(label, begun.count - 1, asked.count) }
        }
        progress(label, asked.count, asked.count)
        var said = [Said?](repeating: nil, count: asked.count)
        for (place, (prompt, answer)) in zip(places, zip(prompts, answers)) {
            let ids = Array(answer.prefix(asked[place].limit))
            said[place] = Said(prompt: prompt, ids: ids, text: trimmedSpaces(encoder.tokenizer.decode(ids, skipSpecialTokens: true)))
        }
        return said
    }
}
