/// How sure a model is of its own greedy answers, right or wrong: the mean over a set of their tokens' mean probability.
///
/// Of facts that no model was trained on, unlearning should make it neither surer nor less sure than a model that never saw the forget set.
struct AnswerConfidence: SuiteMetric {
    private let role: EvaluationRole
    init(_ role: EvaluationRole) { self.role = role }

    var key: String { "\(role.rawValue)_confidence" }
    var title: String { "\(role.title): confidence in its own answers" }
    let source = "mean probability of the greedy answer's tokens, end mark left out"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let values = try model.items(role).map(\.confidence)
        guard values.contains(where: { $0 != nil }) else { throw MissingMaterial("needs generated answers") }
        return try MetricMaterial(meanOf: values, role)
    }
}

/// The difference to the reference's confidence, row by row: above 0 the model is surer than one that never saw the forget set.
struct ConfidenceRise: SuiteMetric {
    private let role: EvaluationRole
    init(_ role: EvaluationRole) { self.role = role }

    var key: String { "\(role.rawValue)_confidence_rise" }
    var title: String { "\(role.title): rise of that confidence over the reference's" }
    let source = "difference of the mean probabilities of greedy answers' tokens"
    var direction: MetricDirection { .toward(0) }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let confidence = AnswerConfidence(role)
        let own = try confidence.material(model, reference).examples
        guard let reference else { throw MissingMaterial("needs the results of a model that never saw the forget set (--reference)") }
        guard let others = reference.examples[confidence.key], !others.isEmpty else {
            throw MissingMaterial("\(reference.name) has no \(confidence.key)")
        }
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        // Rows pair where every one has a value in both models; else the sets are drawn each by itself.
        let values = own.compactMap { $0 }, pairs = values.count == own.count && values.count == others.count
        return MetricMaterial(
            groups: [.init(role.rawValue, values), .init(pairs ? role.rawValue : "reference", others)],
            examples: pairs ? zip(values, others).map { $0 - $1 } : []
        ) { mean($0[0]) - mean($0[1]) }
    }
}
