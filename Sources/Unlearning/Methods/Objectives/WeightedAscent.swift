import Graph

/// Ascent whose terms are weighted by what the model thinks of them now: mean w_t·ℓ_t with w_t = p_t^β₁·(1 − p_t)^β₂ held fixed, and
/// p_t the probability of the term.
///
/// WGA (Wang et al., arXiv 2502.19301): β₁ = 1, β₂ = 0, rate 1e-5, 5 epochs, retain weights tried 0.1, 1 and 10. SatImp (Yang et al.,
/// arXiv 2505.11953): β₁ = 5, β₂ = 1, forget weight 0.1, retain weight 1, rate 1e-5, 5 epochs; β₁ tried 5 and 6.
struct WeightedAscent: ForgetObjective {
    let code: String
    let usesTargets = false
    /// β₁ and β₂.
    var saturation = 1.0
    var importance = 0
    static let parameters: [ObjectiveParameter<WeightedAscent>] = [
        ObjectiveParameter("beta1", \.saturation, within: .from(0, to: 1000), "The exponent of a term's probability."),
        ObjectiveParameter("beta2", \.importance, within: .from(0, to: 16), unit: "1", "The exponent of one minus it."),
    ]

    func value(_ scores: ForgetScores) -> Node {
        let losses = scores.plain.terms
        var weights = losses.scaled(by: -saturation).mapped(.exponential)
        let rest = losses.scaled(by: -1).mapped(.exponential).scaled(by: -1).shifted(by: 1)
        for _ in 0..<importance { weights = weights * rest }
        return scores.plain.mean(weights.stopped() * losses)
    }
}
