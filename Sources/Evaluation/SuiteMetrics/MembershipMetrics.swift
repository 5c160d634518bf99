/// How well an attack tells the forget set from a holdout set: the area under its ROC curve, 1 where the forget set looks known.
struct MembershipArea: SuiteMetric {
    enum Attack: String {
        case loss, zlib
        case minK = "min_k"
        case minKPlusPlus = "min_k_plus_plus"

        /// Lower for text that was trained on; nil if it was not measured.
        func score(_ item: MeasuredItem) -> Double? {
            switch self {
            case .loss: item.answer.loss
            case .zlib: item.answer.loss / Double(compressedSize(item.labelText))
            case .minK:
                MembershipMeasures.leastMean(Array(item.answer.logProbabilities.dropLast()), share: MembershipMeasures.standardShare)
            case .minKPlusPlus:
                item.answer.scores.map { MembershipMeasures.leastMean(Array($0.dropLast()), share: MembershipMeasures.standardShare) }
            }
        }
    }

    private let attack: Attack
    init(_ attack: Attack) { self.attack = attack }

    var key: String { "mia_\(attack.rawValue)" }
    var title: String { "membership by \(attack.rawValue) (AUC)" }
    let source = "open-unlearning; Shi et al., 2024 (min-k); Zhang et al., 2024 (min-k++)"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        func scores(_ role: EvaluationRole) throws(MissingMaterial) -> [Double] {
            var scores: [Double] = []
            for item in try model.items(role) {
                guard let score = attack.score(item) else { throw MissingMaterial("needs the moments of the predictions") }
                scores.append(score)
            }
            return scores
        }
        let members = try scores(.forget)
        return MetricMaterial(
            groups: [.init("forget", members), .init("holdout", try scores(.holdout))], examples: members
        ) { groups in MembershipMeasures.areaUnderCurve(members: groups[0], others: groups[1]) ?? .nan }
    }
}

/// How far the min-k attack's area is from the retrained model's, relative to it; 0 is as if never seen.
struct PrivacyLeak: SuiteMetric {
    let key = "privleak"
    let title = "privleak"
    let source = "MUSE, arXiv 2407.06460; min-k 0.4"
    var direction: MetricDirection { .toward(0) }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let area = try MembershipArea(.minK).material(model, reference)
        // Without a reference, one that is told from nothing, as the reference code has it.
        let other = reference?.values["mia_min_k"] ?? 0.5
        return MetricMaterial(groups: area.groups) { MembershipMeasures.privacyLeak(area.statistic($0), reference: other) }
    }
}

/// The same difference relative to the reference's area.
struct RelativeDifference: SuiteMetric {
    let key = "rel_diff"
    let title = "relative difference of min-k"
    let source = "open-unlearning"
    var direction: MetricDirection { .toward(0) }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let area = try MembershipArea(.minK).material(model, reference)
        guard let other = reference?.values["mia_min_k"] else {
            throw MissingMaterial("needs mia_min_k of a model that never saw the forget set (--reference)")
        }
        return MetricMaterial(groups: area.groups) { MembershipMeasures.relativeDifference(area.statistic($0), reference: other) }
    }
}
