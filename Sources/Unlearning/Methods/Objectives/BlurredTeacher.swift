import Graph

/// ASU (arXiv 2603.01285): descent on KL(teacher ‖ model) at the answer's terms, where the teacher is the original with its attention
/// scores divided by a temperature: what needs looking at particular words blurs, and what comes out is still language. Temperature
/// `FrozenModel.attentionTemperature`; with the retain loss, or the divergence from the original, on what should stay.
struct BlurredTeacher: ForgetObjective {
    let code = "asu"
    let usesTargets = false
    let needs = ObjectiveNeeds(frozen: [.blurred])

    func value(_ scores: ForgetScores) -> Node {
        let teacher = Distribution(scores.plain.frozenLogits(.blurred))
        return scores.plain.mean(Distribution(scores.plain.choices.logits).divergence(from: teacher)).scaled(by: -1)
    }
}
