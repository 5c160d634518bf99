import Graph

/// L_r as it is descended: how the scores of a retain batch become one number. Its derivatives of any order follow.
protocol RetainObjective: Sendable {
    /// What names it in the keys of plans.
    var code: String { get }
    /// A scalar that grows as more of what should stay is lost.
    func value(_ scores: RetainScores) -> Node
}

/// What a retain objective can look at. Losses are in nats.
struct RetainScores {
    /// Of each example: the mean over its terms, shape [examples].
    let losses: Node
}

/// The mean loss over examples: a mean of means, so that a long answer counts as much as a short one.
struct CrossEntropyDescent: RetainObjective {
    let code = "cross-entropy"

    func value(_ scores: RetainScores) -> Node { scores.losses.mean() }
}
