/// How well an attack tells a set, by default the forget set, from a holdout set: the area under its ROC curve, 1 where it looks known.
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
    private let members: EvaluationRole
    init(_ attack: Attack, of members: EvaluationRole = .forget) { (self.attack, self.members) = (attack, members) }

    var key: String { "mia_\(attack.rawValue)\(members == .forget ? "" : "_\(members.rawValue)")" }
    var title: String { "membership by \(attack.rawValue) (AUC)\(members == .forget ? "" : ", \(members.title)")" }
    let source = "open-unlearning; Shi et al., 2024 (min-k); Zhang et al., 2024 (min-k++)"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        func scores(_ role: EvaluationRole) throws(MissingMaterial) -> [Double] {
            var scores: [Double] = []
            for item in try model.attacked(role) {
                guard let score = attack.score(item) else { throw MissingMaterial("needs the moments of the predictions") }
                scores.append(score)
            }
            return scores
        }
        let known = try scores(members)
        return MetricMaterial(
            groups: [.init(members.rawValue, known), .init("holdout", try scores(.holdout))], examples: known
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
