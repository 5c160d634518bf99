import Graph

/// BS-T (Li et al., arXiv 2510.19422): ascent on the cross-entropy to a mixture of the right class and what the model now believes:
/// λ times its own distribution over the `breadth` likeliest classes, held fixed, and 1 − λ times the right class. What is pushed
/// down from the answer then does not gather in its paraphrases.
///
/// λ = 0.5 and 10 classes are ours: the authors' values depend on the task.
struct BeliefAscent: ForgetObjective {
    let code = "bs-t"
    let usesTargets = false
    let needs = ObjectiveNeeds(choices: true)
    var mixture = 0.5
    var breadth = 10
    static let parameters: [ObjectiveParameter<BeliefAscent>] = [
        ObjectiveParameter("lambda", \.mixture, within: .from(0, to: 1), "The share of the model's own beliefs in what is climbed."),
        ObjectiveParameter(
            "breadth", \.breadth, within: .from(1, to: 1000), unit: "classes", "How many of the likeliest classes count as beliefs."),
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let choices = try scores.plain.choices
        let now = Distribution(choices.logits)
        let fixed = choices.logits.stopped()
        var (remaining, top) = (fixed, fixed.scaled(by: 0))
        for _ in 0..<min(breadth, fixed.shape[1]) {
            let peak = remaining.rowPeak()
            top = top + peak
            remaining = remaining - peak.scaled(by: 1e4)
        }
        let beliefs = fixed.softmax() * top
        let total = beliefs.sum(axes: [1]).reciprocal().expandedLast(to: fixed.shape[1])
        let target = (beliefs * total).scaled(by: mixture) + choices.labels.oneHot(like: fixed).scaled(by: 1 - mixture)
        return scores.plain.mean(now.crossEntropy(to: target))
    }
}
