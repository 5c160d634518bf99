import Glibc

/// How a model takes one text, given what stands before it.
package struct MeasuredText: Hashable, Sendable {
    /// The log-probability of every labelled token, the end mark included.
    package var logProbabilities: [Double]
    /// Whether each of them was the likeliest.
    package var hits: [Bool]
    /// How many standard deviations each log-probability lies above the mean of its position; nil if that was not measured.
    package var scores: [Double]?

    package init(logProbabilities: [Double], hits: [Bool], scores: [Double]? = nil) {
        self.logProbabilities = logProbabilities
        self.hits = hits
        self.scores = scores
    }

    /// The mean cross-entropy of all labelled tokens, in nats: the reference code's `avg_loss`.
    package var loss: Double { -logProbabilities.reduce(0, +) / Double(logProbabilities.count) }
    /// exp(−loss): the geometric mean of the tokens' probabilities.
    package var probability: Double { exp(-loss) }
}

/// What a model makes of one question.
package struct MeasuredItem: Hashable, Sendable {
    package var question: String
    /// The answer in the data.
    package var reference: String
    /// The answer as its tokens read, whose compressed size the zlib attack divides by.
    package var labelText: String
    package var answer: MeasuredText
    package var paraphrase: MeasuredText?
    package var perturbed: [MeasuredText]
    /// What the model says greedily; nil where nothing was generated.
    package var generated: String?
    /// What it says to the question in other words; nil where nothing was asked.
    package var rephrasedGenerated: String?
    /// The mean loss of the generated answer under another model; nil without one.
    package var judgedLoss: Double?
    /// The mean probability of the generated answer's own tokens, its end mark left out; nil where it has none or nobody asked.
    package var confidence: Double?
    /// Answers drawn at random; empty where none were.
    package var sampled: [String] = []
    /// By the share of the answer that the model was given: what came after it.
    package var continued: [Double: MeasuredContinuation] = [:]

    package init(question: String, reference: String, labelText: String? = nil, answer: MeasuredText) {
        self.question = question
        self.reference = reference
        self.labelText = labelText ?? reference
        self.answer = answer
        perturbed = []
    }
}

/// What a model makes of the rest of an answer whose beginning it is given.
package struct MeasuredContinuation: Hashable, Sendable {
    /// The rest in the data, as its tokens read.
    package var reference: String
    /// The rest given what stands before it.
    package var rest: MeasuredText
    /// What the model says greedily instead; nil where nothing was generated.
    package var generated: String?

    package init(reference: String, rest: MeasuredText, generated: String? = nil) {
        (self.reference, self.rest, self.generated) = (reference, rest, generated)
    }
}

/// All that metrics are computed from.
package struct MeasuredModel: Sendable {
    package var sets: [EvaluationRole: [MeasuredItem]]
    /// How the forget set's answers were drawn; nil where none were.
    package var sampling: AnswerSampling?
    package var choices: [ChoiceTask: [MeasuredChoice]] = [:]
    /// Nil without MUSE's data.
    package var muse: MeasuredMUSE?
    package var texts: [MeasuredText]
    /// Every word that is known to be one.
    package var vocabulary: Set<String>
    package var robustness = MeasuredRobustness()

    package init(_ sets: [EvaluationRole: [MeasuredItem]], texts: [MeasuredText] = [], vocabulary: Set<String> = []) {
        self.sets = sets
        self.texts = texts
        self.vocabulary = vocabulary
    }
}
