/// TOFU's forget quality: the p-value that the truth ratios are those of a model that never saw the forget set.
struct ForgetQuality: SuiteMetric {
    let key = "forget_quality"
    let title = "forget quality (KS p)"
    let source = "TOFU, arXiv 2401.06121; exact two-sided Kolmogorov–Smirnov"
    var direction: MetricDirection { .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        var material = try ForgetDistance.compared(model, reference, \.probability)
        material.hasInterval = false
        return material
    }
}

/// The largest distance of the distributions of truth ratios, D: the same test on a scale that small changes do not jump over.
struct ForgetDistance: SuiteMetric {
    let key = "forget_distance"
    let title = "distance of truth ratios (KS D)"
    let source = "Kolmogorov–Smirnov statistic of TOFU's forget quality"
    var direction: MetricDirection { .toward(0) }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try Self.compared(model, reference, \.distance)
    }

    static func compared(
        _ model: MeasuredModel, _ reference: ReferenceResults?, _ part: @escaping (KolmogorovSmirnov.Outcome) -> Double
    ) throws(MissingMaterial) -> MetricMaterial {
        let ratios = try model.truthRatios(.forget)
        guard let reference else {
            throw MissingMaterial("needs the truth ratios of a model that never saw the forget set (--reference)")
        }
        guard let others = reference.examples["forget_truth_ratio"], !others.isEmpty else {
            throw MissingMaterial("\(reference.name) has no truth ratios of single examples (forget_truth_ratio)")
        }
        guard KolmogorovSmirnov.test(ratios, others) != nil else { throw MissingMaterial("a truth ratio is not a number") }
        return MetricMaterial(groups: [.init("forget", ratios), .init("reference", others)]) { groups in
            KolmogorovSmirnov.test(groups[0], groups[1]).map(part) ?? .nan
        }
    }
}
