import Graph

/// UNDIAL (Dong et al., arXiv 2402.10052): descent to the original's distribution with β taken from the logit of the right class. β is
/// 10, there is no retain objective, rate 1e-4, 10 epochs; grid: rates 1e-5 to 3e-4, β 3, 10 and 30, retain weights 1, 2 and 5. The best of
/// the grid keeps little utility (arXiv 2605.24614). Only terms of answers count; code of the authors' also distils prompt and padding.
struct DemotedTeacher: ForgetObjective {
    let code = "undial"
    let usesTargets = false
    let needs = ObjectiveNeeds(frozen: [.original])
    var demotion = 10.0
    static let parameters: [ObjectiveParameter<DemotedTeacher>] = [
        ObjectiveParameter("beta", \.demotion, within: .from(0, to: 1e6), unit: "logits", "What is taken from the right class's logit.")
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let choices = try scores.plain.choices
        let teacher = try scores.plain.frozenLogits(.original) - choices.labels.oneHot(like: choices.logits).scaled(by: demotion)
        return scores.plain.mean(Distribution(choices.logits).crossEntropy(to: teacher.softmax())).scaled(by: -1)
    }
}
