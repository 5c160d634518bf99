/// PCGrad (Yu et al., arXiv 2001.06782) of g_u = −g_f and g_r: the mean of the two, where each first loses its part along the other if
/// they point against each other, ⟨g_u, g_r⟩ < 0. Nothing to tune.
struct ConflictProjection: GradientMixing {
    let code = "pcgrad"
    let summary = "the mean of the two gradients, each without what works against the other"
    let source = "arXiv 2001.06782"

    func mixture(_ here: MixtureView, _ settings: UnlearningSettings) -> Mixture {
        // ⟨g_u, g_r⟩ = −⟨g_f, g_r⟩
        guard here.cross > 0 else { return Mixture(forget: 0.5, retain: 0.5) }
        let share = { (square: Double) in square > 1e-24 ? here.cross / square : 0 }
        return Mixture(forget: 0.5 * (1 + share(here.forgetSquare)), retain: 0.5 * (1 + share(here.retainSquare)))
    }
}
