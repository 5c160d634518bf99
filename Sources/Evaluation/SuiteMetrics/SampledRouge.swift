/// ROUGE-L recall of answers drawn at random: what a greedy answer hides may come up in one of several.
struct SampledRouge: SuiteMetric {
    /// What of a question's answers counts.
    enum Summary: String {
        /// The one that says most of the true answer.
        case worst
        case mean
    }

    private let summary: Summary
    init(_ summary: Summary) { self.summary = summary }

    var key: String { "forget_sampled_ROUGE_\(summary.rawValue)" }
    var title: String { "forget set: ROUGE-L recall of sampled answers, \(summary == .worst ? "the worst of each question" : "mean")" }
    let source = "as in leak@k, arXiv 2511.04934; rouge-score 0.1.2"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let items = try model.items(.forget)
        guard let sampling = model.sampling else { throw MissingMaterial("needs sampled answers (--samples)") }
        let values = items.map { item -> Double? in
            let recalls = item.sampled.map { RougeScorer.scores(reference: item.reference, candidate: $0).rougeL.recall }
            guard let worst = recalls.max() else { return nil }
            return summary == .worst ? worst : recalls.reduce(0, +) / Double(recalls.count)
        }
        var material = try MetricMaterial(meanOf: values, .forget)
        material.settings = sampling.words
        return material
    }
}
