import Graph

/// SHRED (Hu et al., arXiv 2605.07482): descent on KL(target ‖ model) where the target is the original's distribution, with the right
/// class's logit demoted at the terms that the original found most surprising: they carry what is secret, the others hold the model
/// in place. It needs no retain set.
///
/// Whole distributions are compared, not only their K likeliest classes. How many terms of an answer are demoted (`share`, a half) and by
/// how much (10, as in UNDIAL) is ours.
struct SurprisalDemotion: ForgetObjective {
    let code = "shred"
    let usesTargets = false
    let needs = ObjectiveNeeds(frozen: [.original])
    var share = 0.5
    var demotion = 10.0
    static let parameters: [ObjectiveParameter<SurprisalDemotion>] = [
        ObjectiveParameter(
            "share", \.share, within: .from(0, to: 1), "The share of an answer's terms that is demoted, the most surprising first."),
        ObjectiveParameter(
            "demotion", \.demotion, within: .from(0, to: 1e6), unit: "logits", "What is taken from the right class's logit there."),
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let (plain, choices) = try (scores.plain, scores.plain.choices)
        let original = try plain.frozenLogits(.original)
        let surprising = plain.shareAbove(original.crossEntropy(labels: choices.labels))
        let isChosen = surprising.less(than: surprising.graph.scalar(share - 1e-4).broadcast(to: surprising.shape))
        let demoted = choices.labels.oneHot(like: original) * isChosen.expandedLast(to: original.shape[1])
        let teacher = Distribution(original - demoted.scaled(by: demotion))
        return plain.mean(Distribution(choices.logits).divergence(from: teacher)).scaled(by: -1)
    }
}
