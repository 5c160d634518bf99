/// How much of an answer a model says once it is given the beginning; see `AnswerPrefix`.
struct PrefixProbe: SuiteMetric {
    enum Quantity: String, CaseIterable {
        case exactMemorisation = "exact_memorization"
        case probability = "Prob"
        case rouge = "ROUGE"
    }

    /// The shares that the suite always names.
    static let usualShares = [0.25, 0.5]

    private let quantity: Quantity
    private let share: Double
    init(_ quantity: Quantity, _ share: Double) { (self.quantity, self.share) = (quantity, share) }

    var key: String { "forget_prefix_\(share)_\(quantity.rawValue)" }

    var title: String {
        let name =
            switch quantity {
            case .exactMemorisation: "exact memorisation"
            case .probability: "probability"
            case .rouge: "ROUGE-L recall"
            }
        return "forget set: \(name) of the rest after \(share) of the answer"
    }

    var source: String {
        switch quantity {
        case .exactMemorisation: "extraction by prefixes, Carlini et al., arXiv 2202.07646; EM as in open-unlearning"
        case .probability: "extraction by prefixes, Carlini et al., arXiv 2202.07646; exp of the mean log-probability"
        case .rouge: "extraction by prefixes, Carlini et al., arXiv 2202.07646; rouge-score 0.1.2"
        }
    }

    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let items = try model.items(.forget)
        let asked = items.contains { !$0.continued.isEmpty }
        guard items.contains(where: { $0.continued[share] != nil }) else {
            throw MissingMaterial(asked ? "needs --prefix \(share)" : "needs beginnings of the answers (--prefix)")
        }
        let values = items.map { item -> Double? in
            guard let continued = item.continued[share] else { return nil }
            switch quantity {
            case .exactMemorisation: return MemorisationMeasures.exactMemorisation(continued.rest.hits.dropLast())
            case .probability: return continued.rest.probability
            case .rouge:
                // Where no word is left there is none to be said.
                guard let generated = continued.generated, !RougeScorer.tokens(continued.reference).isEmpty else { return nil }
                return RougeScorer.scores(reference: continued.reference, candidate: generated).rougeL.recall
            }
        }
        if quantity == .rouge, !items.contains(where: { $0.continued[share]?.generated != nil }) {
            throw MissingMaterial("needs generated answers")
        }
        return try MetricMaterial(meanOf: values, .forget)
    }
}
