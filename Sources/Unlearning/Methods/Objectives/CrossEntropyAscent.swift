import Graph

/// The mean of min(cᵢ, αᵢ) over the counted losses where there are targets, else of cᵢ.
struct CrossEntropyAscent: ForgetObjective {
    let code = "cross-entropy"

    func value(_ scores: ForgetScores) -> Node {
        let losses = scores.counted
        return (scores.targets.map { losses.minimum($0.examples) } ?? losses).mean()
    }
}
