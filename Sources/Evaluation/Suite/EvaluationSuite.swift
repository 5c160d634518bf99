/// A list of metrics that are computed together.
package struct EvaluationSuite: Sendable {
    package var metrics: [any SuiteMetric]

    package init(_ metrics: [any SuiteMetric]) { self.metrics = metrics }

    /// Every metric's value, or what is missing for it.
    /// - Parameters:
    ///   - reference: the results of a model that never saw the forget set, for targets and for metrics that compare with it.
    ///   - seed: of the intervals.
    package func results(_ model: MeasuredModel, reference: ReferenceResults? = nil, seed: UInt64 = 0) -> [MetricResult] {
        metrics.map { metric in
            var result = MetricResult(
                key: metric.key, title: metric.title, source: metric.source, direction: metric.direction, examples: [])
            do throws(MissingMaterial) {
                let material = try metric.material(model, reference)
                let value = material.statistic(material.groups.map(\.values))
                result.examples = material.examples
                if value.isFinite {
                    result.value = value
                } else {
                    result.missing = "the value is not finite: the model's numbers overflow"
                }
                if material.hasInterval { result.interval = BootstrapInterval(material.groups, seed: seed, material.statistic) }
            } catch {
                result.missing = error.description
            }
            switch metric.direction {
            case .toward(let target): result.target = target
            case .higher, .lower, .likeReference:
                result.target = reference?.values[metric.key]
                if result.target == nil {
                    result.missingTarget =
                        reference.map { "\($0.name) has no \(metric.key)" }
                        ?? "needs the results of a model that never saw the forget set (--reference)"
                }
            }
            return result
        }
    }

    /// What model utility is the harmonic mean of.
    package static let utilityTerms: [any SuiteMetric] = [
        SetProbability(.retain), SetRouge(.retain), TruthRatioMean(.retain), OptionProbability(.realAuthors), SetRouge(.realAuthors),
        TruthRatioMean(.realAuthors), OptionProbability(.worldFacts), SetRouge(.worldFacts), TruthRatioMean(.worldFacts),
    ]

    /// Everything that is standard for TOFU-like data (Maini et al., arXiv 2401.06121), with open-unlearning's additions and our own.
    package static let tofu = EvaluationSuite(
        [
            TruthRatioMean(.forget), TruthRatioMean(.forget, form: .logarithm), ForgetQuality(), ForgetDistance(),
            ExtractionStrength(), ExactMemorisation(),
            SetProbability(.forget), SetProbability(.forget, of: .paraphrase), SetProbability(.forget, of: .perturbed),
            SetRouge(.forget), SetRouge(.forget, of: .rephrased),
            MembershipArea(.loss), MembershipArea(.zlib), MembershipArea(.minK), MembershipArea(.minKPlusPlus), PrivacyLeak(),
            RelativeDifference(), Memorisation(), ModelUtility(),
        ]
            + utilityTerms
            + [
                SetProbability(.retain, of: .paraphrase), SetProbability(.retain, of: .perturbed), SetProbability(.realAuthors),
                SetProbability(.realAuthors, of: .perturbed), SetProbability(.worldFacts), SetProbability(.worldFacts, of: .perturbed),
                ChoiceAccuracy(.realAuthors), ChoiceAccuracy(.worldFacts),
                SetProbability(.neighbours), SetRouge(.neighbours), TruthRatioMean(.neighbours),
                SetProbability(.holdout), SetRouge(.holdout), TextPerplexity(),
                BrokenWords(), FallenApart(), AnswerRepetition(), DistinctWords(1), DistinctWords(2), JudgedPerplexity(),
            ] + robustness)

    /// Whether what was forgotten is gone from within, and comes back.
    package static let robustness: [any SuiteMetric] =
        [UnlearningDepth(), LensErasure(), RelearntArea(.forget, of: .all)]
        + WeightRounding.allCases.flatMap {
            [RoundedProbability($0, .forget), RoundedProbability($0, .retain), RoundingReturn($0)] as [any SuiteMetric]
        }
        + RelearningData.allCases.flatMap {
            [RelearntArea($0), RelearntRatio($0), RelearningSteps($0)] as [any SuiteMetric]
        }
}
