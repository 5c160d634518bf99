import Data
import Text

/// What a model makes of MUSE's data.
package struct MeasuredMUSE: Sendable {
    /// A question, its answer, and what the model says.
    package struct Answer: Hashable, Sendable {
        package var question: String
        package var reference: String
        package var generated: String

        package init(question: String, reference: String, generated: String) {
            (self.question, self.reference, self.generated) = (question, reference, generated)
        }
    }

    /// By the file of the questions; none where nothing was generated.
    package var answers: [MUSEFile: [Answer]] = [:]
    /// Continuations of the forget text.
    package var verbatim: [MeasuredItem] = []
    /// By the file of the texts.
    package var texts: [MUSEFile: [MeasuredItem]] = [:]

    package init() {}

    /// Rows that were measured.
    package var count: Int {
        verbatim.count + answers.values.reduce(0) { $0 + $1.count } + texts.values.reduce(0) { $0 + $1.count }
    }
}

extension SuiteEvaluator {
    /// Measures all that is there of MUSE's data. Answers are generated if `options` say so, as long as the protocol has them.
    package func measure(_ data: MUSEData, _ options: Options = Options(), progress: Progress = { _, _, _ in }) throws -> MeasuredMUSE {
        var measured = MeasuredMUSE()
        for file in MUSEFile.allCases {
            guard let rows = data.rows[file] else { continue }
            switch file {
            case .forgetQuestions, .retainQuestions:
                guard options.generates else { continue }
                let examples = file.examples.flatMap { data.rows[$0] } ?? []
                let prompts = try rows.map { try MUSEProtocol.prompt($0, after: examples, encoder) }
                let said = try say(prompts, MUSEProtocol.answerTokens, options, label: "Asking MUSE's \(file.rawValue)", progress: progress)
                measured.answers[file] = zip(rows, said).map { row, said in
                    let pair = row.questionAndAnswer
                    return MeasuredMUSE.Answer(
                        question: pair.question, reference: pair.answer.pythonStripped(), generated: MUSEProtocol.cut(said))
                }
            case .verbatim:
                measured.verbatim = try measure(rows, file, options, progress: progress)
                guard options.generates else { continue }
                let prompts = try rows.map { try MUSEProtocol.prompt($0, encoder) }
                let said = try say(
                    prompts, MUSEProtocol.continuationTokens, options, label: "Continuing MUSE's \(file.rawValue)", progress: progress)
                for (place, said) in said.enumerated() { measured.verbatim[place].generated = said.pythonStripped() }
            case .forgetTexts, .retainTexts, .holdoutTexts: measured.texts[file] = try measure(rows, file, options, progress: progress)
            case .forgetExamples, .retainExamples: continue
            }
        }
        return measured
    }

    private func measure(_ rows: [Example], _ file: MUSEFile, _ options: Options, progress: Progress) throws -> [MeasuredItem] {
        let encoded = try rows.map { try MUSEProtocol.encode($0, encoder) }
        let texts = try score(
            encoded, label: "Scoring MUSE's \(file.rawValue)", momentsOf: { _ in file != .verbatim }, batchSize: options.batchSize,
            progress: progress)
        return zip(rows, zip(encoded, texts)).map { row, pair in
            let (question, reference) = row.questionAndAnswer
            return MeasuredItem(
                question: question, reference: reference.pythonStripped(),
                labelText: encoder.tokenizer.decode(pair.0.labels.filter { $0 >= 0 }, skipSpecialTokens: true), answer: pair.1)
        }
    }

    /// Greedy answers as they come, with the white space at their ends.
    private func say(
        _ prompts: [[Int32]], _ maximum: Int, _ options: Options, label: String, progress: Progress
    ) throws -> [String] {
        var options = options
        options.maximumTokens = maximum
        return try generate(prompts.map { Asked(prompt: $0, limit: maximum) }, options, label: label, progress: progress).map { said in
            said.map { encoder.tokenizer.decode($0.ids, skipSpecialTokens: true) } ?? ""
        }
    }
}

extension MeasuredModel {
    /// Answers whose memorisation is measured: the forget set's, or where only MUSE's data are there, the forget text's continuations.
    func memorised() throws(MissingMaterial) -> [MeasuredItem] {
        if sets[.forget] == nil, let muse, !muse.verbatim.isEmpty { return muse.verbatim }
        return try items(.forget)
    }

    /// What a membership attack tells apart: a set's answers, or where only MUSE's data are there, its texts.
    func attacked(_ role: EvaluationRole) throws(MissingMaterial) -> [MeasuredItem] {
        guard sets[.forget] == nil, let muse, let file = MUSEFile.texts(of: role) else { return try items(role) }
        guard let texts = muse.texts[file], !texts.isEmpty else { throw MissingMaterial("needs \(file.rawValue) in the folder of --muse") }
        return texts
    }
}
