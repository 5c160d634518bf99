/// Ascent on γ·L_f − α·L_r, or on γ·L_f alone where there is no retain objective.
///
/// Without a forget objective it is descent on α·L_r alone, and no forget batch is looked at.
///
/// γ and α are `--forget-weight` and `--retain-weight`, 1 and 1 unless a method says otherwise. Weights compare only between objectives of
/// one unit: ascent's gradient is that of a mean over tokens, NPO's at the start that of a sum.
struct WeightedSum: GradientMixing {
    let code = "weighted-sum"
    let summary = "ascent on the weighted forget objective minus the weighted retain objective"
    let source = "arXiv 2401.06121"
    let needsRetain = false
    let needsForget = false

    func innerDirection(_ settings: UnlearningSettings) -> any Direction {
        let sharpness = Sharpness(settings)
        guard settings.method.usesForget else { return RetainAlone(sharpness: sharpness) }
        return settings.method.usesRetain ? GradientMixture(mixing: self, sharpness: sharpness) : GradientAscent(sharpness: sharpness)
    }

    func mixture(_ here: MixtureView, _ settings: UnlearningSettings) -> Mixture {
        Mixture(forget: settings.forgetWeight, retain: settings.retainWeight)
    }
}
