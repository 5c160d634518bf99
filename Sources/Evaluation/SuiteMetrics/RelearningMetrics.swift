/// The forget answers' mean probability while a copy of the model is trained: the area under the recovery curve.
struct RelearntArea: SuiteMetric {
    private let data: RelearningData
    private let part: MeasuredRelearning.Part

    init(_ data: RelearningData, of part: MeasuredRelearning.Part = .unseen) { (self.data, self.part) = (data, part) }

    var key: String { "relearn_\(data.rawValue)_area" + (part == .all ? "_all" : "") }
    var title: String {
        "probability while training on \(data.title)" + (part == .all ? ", all rows" : data == .forget ? ", other rows" : "")
    }
    let source = relearningSource
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let curve = try model.robustness.curve(data)
        guard !curve.places(part).isEmpty else { throw MissingMaterial("every row of the forget set is trained on (--relearn-share)") }
        var examples = [Double?](repeating: nil, count: curve.probabilities.first?.count ?? 0)
        for place in curve.places(part) { examples[place] = curve.area(place) }
        var material = try MetricMaterial(meanOf: examples, .forget)
        material.settings = model.robustness.relearning
        return material
    }
}

/// The area under the recovery curve over that of the model that never saw the forget set.
struct RelearntRatio: SuiteMetric {
    private let data: RelearningData
    init(_ data: RelearningData) { self.data = data }

    var key: String { "relearn_\(data.rawValue)_ratio" }
    var title: String { "the same over the reference's, training on \(data.title)" }
    let source = relearningSource
    var direction: MetricDirection { .toward(1) }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let area = RelearntArea(data)
        let own = try area.material(model, reference)
        guard let reference else { throw MissingMaterial("needs the results of a model that never saw the forget set (--reference)") }
        guard let target = reference.examples[area.key], !target.isEmpty else {
            throw MissingMaterial("\(reference.name) has no \(area.key)")
        }
        if let settings = own.settings, let other = reference.settings[area.key], settings != other {
            throw MissingMaterial("\(reference.name) was trained with \(other), this model with \(settings)")
        }
        var material = MetricMaterial(groups: own.groups + [.init(EvaluationRole.forget.rawValue, target)], examples: own.examples) {
            let means = $0.map { $0.reduce(0, +) / Double($0.count) }
            return means[0] / means[1]
        }
        material.hasInterval = true
        return material
    }
}

/// Steps of training until the forget answers are half as likely as they were in the original.
struct RelearningSteps: SuiteMetric {
    private let data: RelearningData
    init(_ data: RelearningData) { self.data = data }

    var key: String { "relearn_\(data.rawValue)_half_steps" }
    var title: String { "steps on \(data.title) to half the original's probability" }
    let source = relearningSource
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let curve = try model.robustness.curve(data)
        guard let original = model.robustness.original else { throw MissingMaterial("needs the model before forgetting (--original)") }
        let places = curve.places(.unseen)
        guard !places.isEmpty else { throw MissingMaterial("every row of the forget set is trained on (--relearn-share)") }
        let steps = curve.steps
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        let level = mean(places.map { original[$0] }) / 2, reached = curve.curve(.unseen)
        guard MeasuredRelearning.reach(level, steps: steps, curve: reached) != nil else {
            throw MissingMaterial(
                "the probability does not reach half the original's, \(rounded(level)), within \(steps.last ?? 0) steps "
                    + "(at most \(rounded(reached.max() ?? 0)))")
        }
        let groups = [places.map { original[$0] }] + curve.probabilities.map { row in places.map { row[$0] } }
        // A drawing that does not reach the level counts as the last step: a lower bound.
        return MetricMaterial(groups: groups.map { .init(EvaluationRole.forget.rawValue, $0) }) { drawn in
            let means = drawn.map(mean)
            return MeasuredRelearning.reach(means[0] / 2, steps: steps, curve: Array(means.dropFirst())) ?? Double(steps.last ?? 0)
        }
    }

    private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

private let relearningSource = "relearning attack, arXiv 2406.13356; as in open-unlearning, arXiv 2506.12618"

extension MeasuredRobustness {
    fileprivate func curve(_ data: RelearningData) throws(MissingMaterial) -> MeasuredRelearning {
        guard let measured = relearnt[data] else { throw MissingMaterial("needs --relearn") }
        if let problem = measured.problem { throw MissingMaterial(problem) }
        return measured
    }
}
