/// How a model answers a set of questions: every example, and the metrics' means over them.
public struct AnswerEvaluation: Sendable {
    /// In the order of the data.
    public let examples: [AnsweredExample]
    /// Their means, in the order of the metrics.
    public let metrics: [MetricSummary]

    /// The metrics that are computed unless others are asked for.
    public static let standardMetrics: [any AnswerMetric] = [AnswerLoss(), AnswerProbability(), RougeRecall(), RougeF1()]

    /// - Parameter metrics: those without a value for any example, because nothing was generated, are left out.
    public init(_ examples: [AnsweredExample], metrics: [any AnswerMetric] = standardMetrics) {
        self.examples = examples
        self.metrics = metrics.compactMap { metric in
            let values = examples.compactMap { metric.value($0) }
            guard !values.isEmpty else { return nil }
            return MetricSummary(key: metric.key, title: metric.title, estimate: Estimate(values))
        }
    }

    /// A metric by its key.
    public subscript(_ key: String) -> Estimate? { metrics.first { $0.key == key }?.estimate }

    /// Mean answer loss; NaN if it was not computed.
    public var loss: Double { self["loss"]?.mean ?? .nan }
    /// Mean answer probability; NaN if it was not computed.
    public var probability: Double { self["probability"]?.mean ?? .nan }
    /// Mean ROUGE-L recall; NaN if it was not computed.
    public var rouge: Double { self["rouge_l_recall"]?.mean ?? .nan }
}
