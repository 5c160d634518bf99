import Graph

/// Forgetting towards a model that never saw the data: ascent of every term to that model's own loss, mean min(ℓ_t, α_t), and likeness,
/// −KL(reference ‖ model) at the same terms. Words that anyone would say stay likely; only what betrays the data goes.
struct ReferenceLikeness: ForgetObjective {
    let code: String
    let usesTargets = false
    let needs = ObjectiveNeeds(frozen: [.reference])
    /// The weights of the two.
    var ascent = 1.0
    var likeness = 1.0
    static let parameters: [ObjectiveParameter<ReferenceLikeness>] = [
        ObjectiveParameter("ascent", \.ascent, within: .from(0, to: 1e6), "The weight of the ascent to the reference's losses."),
        ObjectiveParameter("likeness", \.likeness, within: .from(0, to: 1e6), "The weight of the divergence from the reference."),
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let (plain, choices) = try (scores.plain, scores.plain.choices)
        let reference = try plain.frozenLogits(.reference)
        var terms: [Node] = []
        if ascent > 0 { terms.append(plain.terms.minimum(reference.crossEntropy(labels: choices.labels)).scaled(by: ascent)) }
        if likeness > 0 {
            terms.append(Distribution(choices.logits).divergence(from: Distribution(reference)).scaled(by: -likeness))
        }
        return plain.mean(terms.dropFirst().reduce(terms.first ?? plain.terms.scaled(by: 0), +))
    }
}
