import Graph

/// ASU (arXiv 2603.01285): descent on KL(teacher ‖ model) at the answer's terms, where the teacher is the original with its attention
/// scores divided by a temperature: what needs looking at particular words blurs, and what comes out is still language; with the retain loss, or the divergence from the original, on what should stay.
struct BlurredTeacher: ForgetObjective {
    let code = "asu"
    let usesTargets = false
    var needs: ObjectiveNeeds { ObjectiveNeeds(frozen: [.blurred], attentionTemperature: temperature) }
    /// Flat optimum of the authors: 2.0 to 2.8.
    var temperature = 2.4

    static let parameters: [ObjectiveParameter<BlurredTeacher>] = [
        ObjectiveParameter("temperature", \.temperature, within: .above(0, to: 1e6), "What the teacher's attention scores are divided by.")
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let teacher = try Distribution(scores.plain.frozenLogits(.blurred))
        return try scores.plain.mean(Distribution(scores.plain.choices.logits).divergence(from: teacher)).scaled(by: -1)
    }
}
