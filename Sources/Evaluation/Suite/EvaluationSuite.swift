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
                result.settings = material.settings
                if value.isFinite {
                    result.value = value
                } else {
                    result.missing = "the value is not finite: the model's numbers overflow"
                }
                if material.hasInterval { result.interval = BootstrapInterval(material.groups, seed: seed, material.statistic) }
            } catch {
                result.missing = error.description
            }
            Self.setTarget(of: &result, metric, reference)
            return result
        }
    }

    private static func setTarget(of result: inout MetricResult, _ metric: any SuiteMetric, _ reference: ReferenceResults?) {
        if case .toward(let target) = metric.direction { return result.target = target }
        if let reference {
            if let own = result.settings, let other = reference.settings[metric.key], own != other {
                result.missingTarget = "\(reference.name) was measured with \(other), this model with \(own)"
            } else {
                result.target = reference.values[metric.key]
                if result.target == nil { result.missingTarget = "\(reference.name) has no \(metric.key)" }
            }
        } else {
            result.missingTarget = "needs the results of a model that never saw the forget set (--reference)"
        }
        if result.target == nil, let fallback = metric.fallbackTarget {
            result.target = fallback.value
            result.missingTarget = "the target is \(fallback.reason); " + (result.missingTarget ?? "")
        }
    }

    /// The suite with the metrics of what was asked of this model beyond the standard.
    package static func asked(of model: MeasuredModel) -> EvaluationSuite {
        let shares = Set(model.sets[.forget]?.flatMap { Array($0.continued.keys) } ?? []).subtracting(PrefixProbe.usualShares)
        return EvaluationSuite(tofu.metrics + prefixes(shares.sorted()))
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
            MembershipArea(.loss), MembershipArea(.zlib), MembershipArea(.minK), MembershipArea(.minKPlusPlus),
            MembershipArea(.minK, of: .retain), PrivacyLeak(),
            RelativeDifference(), Memorisation(), ModelUtility(),
        ]
            + utilityTerms
            + [
                SetProbability(.retain, of: .paraphrase), SetProbability(.retain, of: .perturbed), SetProbability(.realAuthors),
                SetProbability(.realAuthors, of: .perturbed), SetProbability(.worldFacts), SetProbability(.worldFacts, of: .perturbed),
                ChoiceAccuracy(.realAuthors), ChoiceAccuracy(.worldFacts),
                SetProbability(.neighbours), SetRouge(.neighbours), TruthRatioMean(.neighbours),
                SetProbability(.holdout), SetRouge(.holdout), TextPerplexity(),
                BrokenWords(), FallenApart(), AnswerRepetition(), DistinctWords(1), DistinctWords(2), JudgedPerplexity(.forget),
                AnswerConfidence(.forget), AnswerConfidence(.holdout), ConfidenceRise(.holdout), JudgedPerplexity(.holdout),
                SampledRouge(.worst), SampledRouge(.mean),
            ] + prefixes(PrefixProbe.usualShares) + ChoiceTask.allCases.map { ChoiceTaskAccuracy($0) } + muse + robustness)

    /// MUSE's, beside those that it shares with TOFU (extraction strength, exact memorisation, membership, privleak).
    private static let muse: [any SuiteMetric] = [
        KnowledgeMemorisation(.forget), VerbatimMemorisation(), KnowledgeMemorisation(.retain),
    ]

    private static func prefixes(_ shares: [Double]) -> [any SuiteMetric] {
        shares.flatMap { share in PrefixProbe.Quantity.allCases.map { PrefixProbe($0, share) } }
    }

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
