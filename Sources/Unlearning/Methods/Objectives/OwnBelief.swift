import Graph

/// CE-U (Yang, arXiv 2503.01224): descent to the model's own distribution without the right class. The target is the softmax of the
/// present logits, held fixed, with that of the right class at minus infinity; the first `skipped` terms of an example are left out, the
/// mean is over the others. No retain objective; rate 1e-5. An example that has one term only keeps it.
struct OwnBelief: ForgetObjective {
    let code = "ce-u"
    let usesTargets = false
    let needs = ObjectiveNeeds(choices: true)
    var skipped = 1
    static let parameters: [ObjectiveParameter<OwnBelief>] = [
        ObjectiveParameter(
            "skipped", \.skipped, within: .from(0, to: 1000), unit: "terms", "How many of an answer's first terms are left out.")
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let (plain, choices) = try (scores.plain, scores.plain.choices)
        let now = Distribution(choices.logits)
        // Far enough below every logit for its exponential to be zero, and finite.
        let target = (choices.logits.stopped() - choices.labels.oneHot(like: choices.logits).scaled(by: 1e6)).softmax()
        let losses = now.crossEntropy(to: target)
        guard plain.now.grouping != nil else { return plain.mean(losses).scaled(by: -1) }
        let counts = losses.graph.scalar(Double(skipped) - 0.5).broadcast(to: losses.shape).less(than: plain.ranks())
        let shares = plain.now.means(counts)
        return (plain.now.means(losses * counts) * shares.reciprocal(threshold: 1e-12)).mean().scaled(by: -1)
    }
}
