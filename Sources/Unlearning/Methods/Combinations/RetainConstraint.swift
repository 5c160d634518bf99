/// Most forgetting subject to a retain loss of at most ε: steps climb γ·g_f − λ⁺·g_r with λ⁺ = max(0, λ + μ·(L_r − ε)), then
/// λ ← max(0, λ + η·(L_r − ε)), once the warm-up is over.
///
/// With μ = 0 it is the primal-dual method PDU (arXiv 2506.05314): on TOFU λ starts at 100, η 5, ε 0.3, λ fixed over the first half of
/// 10 epochs, rate 1e-5; on MUSE 50, 1, and 1.5 (News) or 0.1 (Books). With μ = η it is an augmented Lagrangian as in BLADE: 0.1, and ε
/// 3.2 times the retain loss at the start, rate 3e-5 for low-rank adapters. Settings: `--multiplier-start`, `--multiplier-rate`,
/// `--multiplier-warm-up`, `--constraint-weight`, `--retain-limit`.
struct RetainConstraint: GradientMixing {
    let code = "retain-constraint"
    let summary = "ascent on the forget objective subject to a most retain loss, by a multiplier that learns"
    let source = "arXiv 2506.05314"

    func mixture(_ here: MixtureView, _ settings: UnlearningSettings) -> Mixture {
        let limit: Double =
            switch settings.retainLimit {
            case .absolute(let value): value
            case .relative(let value): value * here.initialRetainLoss
            }
        let (multiplier, excess) = (here.multiplier ?? settings.multiplierStart, here.retainLoss - limit)
        let learns = here.progress >= settings.multiplierWarmUp
        return Mixture(
            forget: settings.forgetWeight, retain: max(0, multiplier + settings.constraintWeight * excess),
            multiplier: learns ? max(0, multiplier + settings.multiplierRate * excess) : multiplier)
    }
}
