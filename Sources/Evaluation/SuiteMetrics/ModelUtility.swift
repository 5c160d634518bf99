/// TOFU's model utility: the harmonic mean of nine numbers on what is kept.
struct ModelUtility: SuiteMetric {
    let key = "model_utility"
    let title = "model utility"
    let source = "TOFU, arXiv 2401.06121"
    var direction: MetricDirection { .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        var parts: [MetricMaterial] = []
        for term in EvaluationSuite.utilityTerms { parts.append(try term.material(model, reference)) }
        let statistics = parts.map(\.statistic)
        return MetricMaterial(groups: parts.flatMap(\.groups)) { groups in harmonicMean(zip(statistics, groups).map { $0([$1]) }) }
    }
}
