/// The answers' mean probability after the weights are rounded.
struct RoundedProbability: SuiteMetric {
    private let rounding: WeightRounding
    private let role: EvaluationRole

    init(_ rounding: WeightRounding, _ role: EvaluationRole) { (self.rounding, self.role) = (rounding, role) }

    var key: String { "\(role.rawValue)_Q_A_Prob_\(rounding.rawValue)" }
    var title: String { "\(role.title): probability of the answer in \(rounding.title)" }
    var source: String { rounding.source }
    var direction: MetricDirection { role == .forget ? .likeReference : .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        _ = try model.items(role)
        let measured = try model.robustness.rounding(rounding)
        guard let values = measured.probabilities[role] else { throw MissingMaterial("needs the \(role.title) (\(role.option))") }
        return try MetricMaterial(meanOf: values, role)
    }
}

/// What rounding brings back: how much likelier the forget answers become.
struct RoundingReturn: SuiteMetric {
    private let rounding: WeightRounding
    init(_ rounding: WeightRounding) { self.rounding = rounding }

    var key: String { "forget_return_\(rounding.rawValue)" }
    var title: String { "forget set: rise of the probability in \(rounding.title)" }
    var source: String { rounding.source }
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let items = try model.items(.forget)
        guard let values = try model.robustness.rounding(rounding).probabilities[.forget] else {
            throw MissingMaterial("needs the forget set (--forget)")
        }
        return try MetricMaterial(meanOf: zip(items, values).map { $1 - $0.answer.probability }, .forget)
    }
}

extension WeightRounding {
    fileprivate var source: String {
        self == .normalFloat ? "QLoRA, arXiv 2305.14314; as in arXiv 2605.24614" : "llama.cpp, ggml-quants"
    }
}

extension MeasuredRobustness {
    fileprivate func rounding(_ rounding: WeightRounding) throws(MissingMaterial) -> MeasuredRounding {
        guard let measured = rounded[rounding] else { throw MissingMaterial("needs --quantise \(rounding.rawValue)") }
        return measured
    }
}
