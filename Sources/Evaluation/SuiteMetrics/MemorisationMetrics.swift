/// The share of an answer's tokens that the model says by itself; see `MemorisationMeasures`.
struct ExactMemorisation: SuiteMetric {
    let key = "exact_memorization"
    let title = "exact memorisation"
    let source = "Tirumala et al., 2022; open-unlearning"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try MetricMaterial(meanOf: model.memorised().map { MemorisationMeasures.exactMemorisation($0.answer.hits.dropLast()) }, .forget)
    }
}

/// The share of an answer that the model completes by itself; see `MemorisationMeasures`.
struct ExtractionStrength: SuiteMetric {
    let key = "extraction_strength"
    let title = "extraction strength"
    let source = "Carlini et al., 2021; open-unlearning"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try MetricMaterial(meanOf: model.memorised().map { MemorisationMeasures.extractionStrength($0.answer.hits.dropLast()) }, .forget)
    }
}

/// hm(1 − ES, 1 − EM, 1 − probability of the paraphrase, 1 − truth ratio as knowledge).
struct Memorisation: SuiteMetric {
    let key = "memorization_score"
    let title = "not memorised (mean of four)"
    let source = "open-unlearning's technical report, arXiv 2506.12618"
    var direction: MetricDirection { .likeReference }

    private static let parts: [any SuiteMetric] = [
        ExtractionStrength(), ExactMemorisation(), SetProbability(.forget, of: .paraphrase), TruthRatioMean(.forget, form: .knowledge),
    ]

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        var parts: [MetricMaterial] = []
        for metric in Self.parts { parts.append(try metric.material(model, reference)) }
        let statistics = parts.map(\.statistic)
        return MetricMaterial(groups: parts.flatMap(\.groups)) { groups in
            harmonicMean(zip(statistics, groups).map { max(0, 1 - $0([$1])) })
        }
    }
}
