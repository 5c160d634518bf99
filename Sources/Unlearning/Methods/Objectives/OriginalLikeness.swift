import Graph

/// The mean of KL(original ‖ model) over the terms of the retain answers (arXiv 2401.06121): what is kept is all that the original would have
/// said there, not only the right classes. Code of the field's also counts prompts and padding.
struct OriginalLikeness: RetainObjective {
    let code = "kl"
    let needs = ObjectiveNeeds(frozen: [.original])

    func value(_ scores: RetainScores) throws(UnlearningError) -> Node {
        let now = try Distribution(scores.plain.choices.logits)
        return try scores.plain.mean(now.divergence(from: Distribution(scores.plain.frozenLogits(.original))))
    }
}

/// The same by the Jensen–Shannon divergence, as in JensUn (arXiv 2509.02820): never above ln 2.
struct OriginalMiddle: RetainObjective {
    let code = "js"
    let needs = ObjectiveNeeds(frozen: [.original])

    func value(_ scores: RetainScores) throws(UnlearningError) -> Node {
        let now = try Distribution(scores.plain.choices.logits)
        return try scores.plain.mean(now.jensenShannon(Distribution(scores.plain.frozenLogits(.original))))
    }
}
