/// SAUL: least retain loss subject to a forget loss of at least α, by an augmented Lagrangian. Steps climb λ⁺·g_f − g_r with
/// λ⁺ = max(0, λ + μ·(α − L_f)), so that forgetting stops by itself where λ⁺ is 0; then λ ← max(0, λ + η·(α − L_f)).
///
/// L_f is the plain mean loss of the forget batch, whatever objective's gradient is followed. α is `--forget-threshold` (the authors'
/// 10), η `--multiplier-rate` (1e-4), and both gradients are sharpened with radius 1e-3 to 1e-2, at rate 1e-5. μ
/// (`--constraint-weight`) and λ at the start are ours: 0.1 and 0. The authors keep one AdamW state for each gradient; here they share one.
struct ForgetConstraint: GradientMixing {
    let code = "forget-constraint"
    let summary = "descent on the retain objective subject to a least forget loss, by an augmented Lagrangian"
    let source = "SAUL (POSTECH, 2026)"

    func mixture(_ here: MixtureView, _ settings: UnlearningSettings) -> Mixture {
        let (multiplier, missing) = (here.multiplier ?? settings.multiplierStart, settings.threshold - here.forgetLoss)
        return Mixture(
            forget: max(0, multiplier + settings.constraintWeight * missing), retain: 1,
            multiplier: max(0, multiplier + settings.multiplierRate * missing))
    }
}

extension UnlearningSettings {
    /// α of a constraint on the forget loss.
    var threshold: Double { forgetThreshold ?? forgetTarget.value ?? 10 }
}
