import Graph

/// NPO (Zhang et al., arXiv 2404.05868): (2/β)·mean log σ(β·(S − S₀)), to be climbed, with S the sum of an example's token losses and
/// S₀ that sum for the model as it was. Sums, not means over tokens, as in the authors' definition; β = 0.1.
///
/// Tuned for 1B models (arXiv 2605.24614): β 0.1, retain weight 5, rate 5e-5, 10 epochs. Its gradient is that of ascent times
/// 2σ(β·(S₀ − S)): it fades once an example is much less likely than it was.
struct NegativePreference: ForgetObjective {
    let code = "npo"
    let usesTargets = false
    let needs = ObjectiveNeeds(originalSums: true)
    var beta = 0.1
    static let parameters: [ObjectiveParameter<NegativePreference>] = [
        ObjectiveParameter(
            "beta", \.beta, within: .above(0, to: 1e6), unit: "1/nats", "How sharply the preference turns at the original's loss.")
    ]

    func value(_ scores: ForgetScores) -> Node {
        (scores.plain.sums() - scores.plain.originalSums()).scaled(by: beta).logSigmoid().mean().scaled(by: 2 / beta)
    }
}

extension Node {
    /// log σ(x) = min(x, 0) + log σ(|x|), whose parts do not overflow: σ(|x|) is never below a half.
    func logSigmoid() -> Node {
        let zero = graph.scalar(0).broadcast(to: shape)
        let negative = minimum(zero)
        let size = self - negative.scaled(by: 2)
        return negative + size.mapped(.sigmoid).mapped(.logarithm)
    }
}
