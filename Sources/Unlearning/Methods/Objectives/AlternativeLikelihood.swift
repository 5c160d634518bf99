import Graph

/// Descent on the loss of an alternative to each answer, such as a refusal: Idk-NLL (arXiv 2401.06121). The answer itself is not
/// looked at; retain weight 1, rate 1e-5. The best of a tuned grid forgets little (arXiv 2605.24614).
struct AlternativeLikelihood: ForgetObjective {
    let code = "alternative-nll"
    let usesTargets = false
    let needs = ObjectiveNeeds(alternatives: true)

    func value(_ scores: ForgetScores) -> Node { scores.alternatives.losses.mean().scaled(by: -1) }
}
