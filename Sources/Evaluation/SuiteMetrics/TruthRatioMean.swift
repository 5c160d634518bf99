/// The truth ratios of a set, summed up; see `TruthRatio`.
struct TruthRatioMean: SuiteMetric {
    enum Form {
        /// For the forget set the nearness to 1, for others the preference of what is true.
        case standard
        /// The mean of C − W.
        case logarithm
        /// `prob_mean`.
        case knowledge
    }

    private let role: EvaluationRole
    private let form: Form

    init(_ role: EvaluationRole, form: Form = .standard) {
        self.role = role
        self.form = form
    }

    var key: String {
        switch form {
        case .standard: role == .forget ? "forget_truth_ratio" : "\(role.rawValue)_Truth_Ratio"
        case .logarithm: "\(role.rawValue)_truth_log_ratio"
        case .knowledge: "\(role.rawValue)_truth_knowledge"
        }
    }

    var title: String {
        switch form {
        case .standard: "\(role.title): truth ratio"
        case .logarithm: "\(role.title): log of the truth ratio"
        case .knowledge: "\(role.title): truth ratio as knowledge"
        }
    }

    let source = "TOFU, arXiv 2401.06121; open-unlearning's form"
    var direction: MetricDirection { role == .forget ? .likeReference : .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        switch form {
        case .standard:
            let transform = role == .forget ? TruthRatio.nearness : TruthRatio.preference
            return try MetricMaterial(meanOf: model.truthRatios(role), role, transformed: transform)
        case .logarithm: return try MetricMaterial(meanOf: model.truth(role, TruthRatio.logarithm), role)
        case .knowledge: return try MetricMaterial(meanOf: model.truth(role, TruthRatio.knowledge), role)
        }
    }
}

extension MeasuredModel {
    /// The raw truth ratio of every item.
    /// - Throws: `MissingMaterial` naming the field that an item lacks.
    func truthRatios(_ role: EvaluationRole) throws(MissingMaterial) -> [Double] { try truth(role, TruthRatio.value) }

    fileprivate func truth(
        _ role: EvaluationRole, _ form: (_ correct: Double, _ wrong: [Double]) -> Double
    ) throws(MissingMaterial) -> [Double] {
        var values: [Double] = []
        for item in try items(role) {
            guard !item.perturbed.isEmpty else { throw MissingMaterial("needs perturbed_answer in the rows of the \(role.title)") }
            let correct = role.paraphrases ? try role.need(item.paraphrase, field: "paraphrased_answer") : item.answer
            values.append(form(correct.loss, item.perturbed.map(\.loss)))
        }
        return values
    }
}
