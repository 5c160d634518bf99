import Glibc
import Graph

/// BLADE's forget loss (2026): descent on max(0, τ·ln V − H(p_t)), with V the number of classes: distributions at the answer's terms
/// flatten until their entropy is a share τ of the largest, and no further. τ = 0.7; 1 is worse. The authors train low-rank adapters of
/// rank 16 at rate 3e-5 subject to a most retain loss of 3.2 times its start.
struct ClampedEntropy: ForgetObjective {
    let code = "clamped-entropy"
    let usesTargets = false
    let needs = ObjectiveNeeds(choices: true)
    var share = 0.7
    static let parameters: [ObjectiveParameter<ClampedEntropy>] = [
        ObjectiveParameter("tau", \.share, within: .from(0, to: 1), "The share of the largest entropy that is asked for.")
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let logits = try scores.plain.choices.logits
        let excess = Distribution(logits).entropy.shifted(by: -share * log(Double(logits.shape[1])))
        return scores.plain.mean(excess.minimum(logits.graph.scalar(0).broadcast(to: excess.shape)))
    }
}
