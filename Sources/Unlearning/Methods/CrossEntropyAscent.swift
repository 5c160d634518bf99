import Graph

/// The mean of min(cᵢ, αᵢ) over the counted losses where there are targets, else of cᵢ.
struct CrossEntropyAscent: ForgetObjective {
    let code = "cross-entropy"

    func value(_ scores: ForgetScores) throws(GraphError) -> Node {
        let losses = scores.counted
        return try (scores.targets.map { (targets) throws(GraphError) in try losses.minimum(targets) } ?? losses).mean()
    }
}
