import Glibc

/// The share of words in the forget answers that are none of the data's: what broken text is full of; see `Fluency`.
struct BrokenWords: SuiteMetric {
    let key = "forget_broken_words"
    let title = "answers: share of unknown words"
    let source = "words that stand in none of the evaluation's texts"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try model.ofGenerated { Fluency.brokenShare($0, vocabulary: model.vocabulary) }
    }
}

/// The share of forget answers that are no text any more.
struct FallenApart: SuiteMetric {
    let key = "forget_fallen_apart"
    let title = "answers: fallen apart"
    let source = "under three words, or under a third of them different"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try model.ofGenerated { Fluency.isFallenApart($0) ? 1 : 0 }
    }
}

/// The share of trigrams that a forget answer has already said.
struct AnswerRepetition: SuiteMetric {
    let key = "forget_repetition"
    let title = "answers: repetition"
    let source = "1 − distinct trigrams / trigrams of an answer"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try model.ofGenerated(Fluency.repetition)
    }
}

/// How many of an answer's n-grams are different, per answer.
struct DistinctWords: SuiteMetric {
    private let size: Int
    init(_ size: Int) { self.size = size }

    var key: String { "forget_distinct_\(size)" }
    var title: String { "answers: distinct-\(size)" }
    let source = "Li et al., NAACL 2016, per answer"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try model.ofGenerated { Fluency.distinct(size, $0) }
    }
}

/// The perplexity of a set's generated answers under another model, such as the original: exp of the mean of their losses per token.
struct JudgedPerplexity: SuiteMetric {
    private let role: EvaluationRole
    init(_ role: EvaluationRole) { self.role = role }

    var key: String { "\(role.rawValue)_judged_perplexity" }
    var title: String { "\(role == .forget ? "answers" : "\(role.title): answers"): perplexity under the judge" }
    let source = "exp of the mean over answers of their cross-entropy per token under --judge"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let losses = try model.items(role).map(\.judgedLoss)
        guard losses.contains(where: { $0 != nil }) else { throw MissingMaterial("needs generated answers and a judge (--judge)") }
        var material = try MetricMaterial(meanOf: losses, role)
        let mean = material.statistic
        material.statistic = { exp(mean($0)) }
        return material
    }
}

extension MeasuredModel {
    fileprivate func ofGenerated(_ value: (String) -> Double?) throws(MissingMaterial) -> MetricMaterial {
        let answers = try items(.forget).map(\.generated)
        guard answers.contains(where: { $0 != nil }) else { throw MissingMaterial("needs generated answers") }
        return try MetricMaterial(meanOf: answers.map { $0.flatMap(value) }, .forget)
    }
}
