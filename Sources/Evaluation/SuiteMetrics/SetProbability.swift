/// The mean probability of a set's answers, each the geometric mean of its tokens' probabilities.
struct SetProbability: SuiteMetric {
    /// Which of an item's answers.
    enum Candidate: String { case answer, paraphrase, perturbed }

    private let role: EvaluationRole
    private let candidate: Candidate

    init(_ role: EvaluationRole, of candidate: Candidate = .answer) {
        self.role = role
        self.candidate = candidate
    }

    var key: String {
        switch candidate {
        case .answer: "\(role.rawValue)_Q_A_Prob"
        case .paraphrase: "\(role.rawValue)_Q_A_PARA_Prob"
        case .perturbed: "\(role.rawValue)_Q_A_PERT_Prob"
        }
    }

    var title: String {
        let name = candidate == .answer ? "answer" : candidate == .paraphrase ? "paraphrased answer" : "wrong answers"
        return "\(role.title): probability of the \(name)"
    }

    let source = "TOFU, arXiv 2401.06121"
    var direction: MetricDirection { role == .forget || role == .holdout ? .likeReference : .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let values = try model.items(role).map { item -> Double? in
            switch candidate {
            case .answer: item.answer.probability
            case .paraphrase: item.paraphrase?.probability
            case .perturbed:
                item.perturbed.isEmpty ? nil : item.perturbed.reduce(0) { $0 + $1.probability } / Double(item.perturbed.count)
            }
        }
        if !values.contains(where: { $0 != nil }) {
            let field = candidate == .paraphrase ? "paraphrased_answer" : "perturbed_answer"
            throw MissingMaterial("needs \(field) in the rows of the \(role.title)")
        }
        return try MetricMaterial(meanOf: values, role)
    }
}

/// The right answer's share of the probabilities of all options.
struct OptionProbability: SuiteMetric {
    private let role: EvaluationRole
    init(_ role: EvaluationRole) { self.role = role }

    var key: String { "\(role.rawValue)_Q_A_Prob_normalised" }
    var title: String { "\(role.title): share of the right answer" }
    let source = "TOFU, arXiv 2401.06121"
    var direction: MetricDirection { .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let items = try model.itemsWithOptions(role)
        return try MetricMaterial(
            meanOf: items.map { TruthRatio.optionProbability(correct: $0.answer.loss, wrong: $0.perturbed.map(\.loss)) }, role)
    }
}

/// How often the right answer is the likeliest of all options, by loss per token.
struct ChoiceAccuracy: SuiteMetric {
    private let role: EvaluationRole
    init(_ role: EvaluationRole) { self.role = role }

    var key: String { "\(role.rawValue)_choice_accuracy" }
    var title: String { "\(role.title): multiple choice" }
    let source = "lm-evaluation-harness, acc with options scored per token"
    var direction: MetricDirection { .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let items = try model.itemsWithOptions(role)
        return try MetricMaterial(
            meanOf: items.map { item in item.perturbed.allSatisfy { item.answer.loss < $0.loss } ? 1 : 0 }, role)
    }
}

extension MeasuredModel {
    /// The items of a set that have wrong answers to choose from.
    fileprivate func itemsWithOptions(_ role: EvaluationRole) throws(MissingMaterial) -> [MeasuredItem] {
        let items = try items(role).filter { !$0.perturbed.isEmpty }
        guard !items.isEmpty else { throw MissingMaterial("needs perturbed_answer in the rows of the \(role.title)") }
        return items
    }
}
