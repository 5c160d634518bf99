import Graph

/// JensUn's forget loss (arXiv 2509.02820): descent on the Jensen–Shannon divergence between the model's distribution and a refusal's
/// token, at every term of the alternative. With p the token's probability it is ln 2 + ½·(p ln p − (1 + p) ln(1 + p)): never above ln 2,
/// so that forgetting cannot run away. Weights 1 and 1, rate 8e-6.
///
/// The alternatives hold the refusal and are read as any answer; the authors' code repeats the refusal over the answer's places.
struct RefusalDivergence: ForgetObjective {
    let code = "refusal-js"
    let usesTargets = false
    let needs = ObjectiveNeeds(alternatives: true)

    func value(_ scores: ForgetScores) -> Node {
        let losses = scores.alternatives.terms
        let p = losses.scaled(by: -1).mapped(.exponential)
        let above = p.shifted(by: 1)
        let divergence = (p * losses + above * above.mapped(.logarithm)).scaled(by: -0.5).shifted(by: Double.ln2)
        return scores.alternatives.mean(divergence).scaled(by: -1)
    }
}
