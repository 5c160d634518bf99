import Graph

/// L_r as it is descended: how the scores of a retain batch become one number. Its derivatives of any order follow.
protocol RetainObjective: Sendable {
    /// What names it in the keys of plans.
    var code: String { get }
    /// What it looks at beside the retain batch.
    var needs: ObjectiveNeeds { get }
    /// A scalar that grows as more of what should stay is lost.
    /// - Throws: `UnlearningError.setting` for a loss that has not what it looks at.
    func value(_ scores: RetainScores) throws(UnlearningError) -> Node
}

extension RetainObjective {
    var needs: ObjectiveNeeds { ObjectiveNeeds() }
}

/// What a retain objective can look at. Losses are in nats.
struct RetainScores {
    /// The retain batch.
    let plain: RoleScores
    /// Other answers to the questions of the forget batch; nil unless the objective asks for them.
    let alternative: RoleScores?

    init(_ plain: RoleScores, alternative: RoleScores?) { (self.plain, self.alternative) = (plain, alternative) }
}

/// The mean loss over examples: a mean of means, so that a long answer counts as much as a short one.
struct CrossEntropyDescent: RetainObjective {
    let code = "cross-entropy"

    func value(_ scores: RetainScores) -> Node { scores.plain.losses.mean() }
}
