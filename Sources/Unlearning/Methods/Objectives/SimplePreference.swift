import Graph

/// SimNPO (Fan et al., arXiv 2410.07163): (2/β)·mean log σ(β·(ℓ̄ − δ)), to be climbed, with ℓ̄ the mean loss of an example's terms. It
/// compares with no other model: δ stands where NPO has the original's loss.
///
/// The authors' β is 4.5 and δ 0, with the forget objective weighted 0.125. Tuned for 1B models (arXiv 2605.24614): β 3.5, δ 1, the same
/// weight, rate 5e-5, 10 epochs; those are the values here.
struct SimplePreference: ForgetObjective {
    let code = "simnpo"
    let usesTargets = false
    var beta = 3.5
    var margin = 1.0
    static let parameters: [ObjectiveParameter<SimplePreference>] = [
        ObjectiveParameter("beta", \.beta, within: .above(0, to: 1e6), unit: "1/nats", "How sharply the preference turns at delta."),
        ObjectiveParameter("delta", \.margin, within: .from(-1e6, to: 1e6), unit: "nats", "The mean loss that stands for the original's."),
    ]

    func value(_ scores: ForgetScores) -> Node {
        scores.plain.losses.shifted(by: -margin).scaled(by: beta).logSigmoid().mean().scaled(by: 2 / beta)
    }
}
