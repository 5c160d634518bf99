import Graph

/// DPO with the data's answer as what loses and an alternative as what wins: (2/β)·mean log σ(β·((S − S₀) − (S′ − S′₀))), to be climbed,
/// with S and S′ the sums of the terms' losses of the answer and of its alternative, and S₀, S′₀ those of the model as it was. β = 0.1.
///
/// With refusals as alternatives it is IdkDPO (arXiv 2401.06121), tuned: rate 5e-5, retain weight 1, 10 epochs. With answers of the
/// model's own it is AltPO (Mekala et al., arXiv 2409.13474): 5 alternatives a question; tuned: rate 5e-5, β 0.1, retain weight 2, 10
/// epochs (both tuned on 1B models, arXiv 2605.24614).
struct DirectPreference: ForgetObjective {
    let code = "dpo"
    let usesTargets = false
    let needs = ObjectiveNeeds(originalSums: true, alternatives: true)
    var beta = 0.1
    static let parameters: [ObjectiveParameter<DirectPreference>] = [
        ObjectiveParameter(
            "beta", \.beta, within: .above(0, to: 1e6), unit: "1/nats", "How sharply the preference turns at the original's margin.")
    ]

    func value(_ scores: ForgetScores) -> Node {
        let (lost, won) = (scores.plain, scores.alternatives)
        let margin = (lost.sums() - lost.originalSums()) - (won.sums() - won.originalSums())
        return margin.scaled(by: beta).logSigmoid().mean().scaled(by: 2 / beta)
    }
}
