/// BLUR (Reisizadeh et al., arXiv 2506.08164): forgetting is the lower level. With g_u = −g_f, the gradient of what is minimised to
/// forget, steps descend g_r + (γ − ⟨g_r, g_u⟩/‖g_u‖²)·g_u: the retain gradient's part along g_u gives way to γ·g_u.
///
/// γ is `--forget-weight`; the authors' is 1. Around NPO their β is 0.05 at rate 2.5e-5 (MUSE News), 0.4 at 1e-5 (Books) and 0.005 at
/// 2e-6 (WMDP, 150 steps of 4). On TOFU's forget10 a repetition with 5 seeds found it unstable (utility 0.09 ± 0.14).
struct ForgetProjection: GradientMixing {
    let code = "blur"
    let summary = "the retain gradient, with the forget gradient in place of its own part along it"
    let source = "arXiv 2506.08164"

    func mixture(_ here: MixtureView, _ settings: UnlearningSettings) -> Mixture {
        guard here.forgetSquare > 1e-24 else { return Mixture(forget: 0, retain: 1) }
        return Mixture(forget: settings.forgetWeight + here.cross / here.forgetSquare, retain: 1)
    }
}
