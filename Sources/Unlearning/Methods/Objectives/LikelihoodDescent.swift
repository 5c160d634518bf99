import Graph

/// Descent on the mean loss of the forget set: training on it, as task vectors ask for (arXiv 2212.04089).
struct LikelihoodDescent: ForgetObjective {
    let code = "nll"
    let usesTargets = false

    func value(_ scores: ForgetScores) -> Node { scores.plain.losses.mean().scaled(by: -1) }
}

/// Nothing is climbed, and steps look at no forget batch.
struct NoForgetting: ForgetObjective {
    let code = "none"
    let usesTargets = false
    let looksAtForgetSet = false

    func value(_ scores: ForgetScores) -> Node { scores.plain.losses.mean().scaled(by: 0) }
}
