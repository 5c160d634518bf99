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

    package init(question: String, reference: String, labelText: String? = nil, answer: MeasuredText) {
        self.question = question
        self.reference = reference
        self.labelText = labelText ?? reference
        self.answer = answer
        perturbed = []
    }
}

/// All that metrics are computed from.
package struct MeasuredModel: Sendable {
    package var sets: [EvaluationRole: [MeasuredItem]]
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
