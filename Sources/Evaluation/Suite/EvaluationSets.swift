import Data

/// What a set of questions is for.
package enum EvaluationRole: String, CaseIterable, Sendable, Hashable {
    /// What was to be forgotten.
    case forget
    /// What was trained with it and was to be kept.
    case retain
    /// Real authors, who were in no training set of the benchmark.
    case realAuthors = "ra"
    case worldFacts = "wf"
    /// Questions like the forget set's that no model was trained on.
    case holdout
    /// What stands near the forget set and in neither file.
    case neighbours = "neighbour"

    /// For tables and messages.
    package var title: String {
        switch self {
        case .forget: "forget set"
        case .retain: "retain set"
        case .realAuthors: "real authors"
        case .worldFacts: "world facts"
        case .holdout: "holdout set"
        case .neighbours: "neighbours"
        }
    }

    /// The option that names the file.
    package var option: String {
        switch self {
        case .forget: "--forget"
        case .retain: "--retain"
        case .realAuthors: "--real-authors"
        case .worldFacts: "--world-facts"
        case .holdout: "--holdout"
        case .neighbours: "--neighbours"
        }
    }

    /// Whether the right answer of a truth ratio is the paraphrase, as in TOFU.
    package var paraphrases: Bool { self == .forget || self == .retain }
}

/// The data of an evaluation.
package struct EvaluationSets: Sendable {
    /// Sets without items are left out.
    package var questions: [EvaluationRole: [EvaluationItem]]
    /// Plain text whose perplexity is measured.
    package var texts: [Example]
    /// More texts whose words are known to be words, such as the training data; see `Fluency`.
    package var knownTexts: [String]
    /// Multiple-choice questions by benchmark.
    package var choices: [ChoiceTask: [ChoiceItem]] = [:]
    /// Nil for none.
    package var muse: MUSEData?

    package init(_ questions: [EvaluationRole: [EvaluationItem]], texts: [Example] = [], knownTexts: [String] = []) {
        self.questions = questions.filter { !$0.value.isEmpty }
        self.texts = texts
        self.knownTexts = knownTexts
    }

    /// Every word that stands in the data.
    package var vocabulary: Set<String> {
        var vocabulary = Fluency.vocabulary(knownTexts)
        for item in questions.values.joined() {
            let pair = item.example.questionAndAnswer
            let more = [item.paraphrase, item.paraphrasedQuestion].compactMap { $0 } + item.perturbed
            vocabulary.formUnion(Fluency.vocabulary([pair.question, pair.answer] + more))
        }
        return vocabulary.union(Fluency.vocabulary(texts.map { $0.questionAndAnswer.answer }))
    }
}
