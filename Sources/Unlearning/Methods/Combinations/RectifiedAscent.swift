/// GRU (Wang et al., arXiv 2503.09117): with g_u = −g_f and ḡ_r a running mean of the retain gradients, steps descend
/// g_u − ⟨g_u, ḡ_r⟩/‖ḡ_r‖²·ḡ_r where ⟨g_u, ḡ_r⟩ < 0, else g_u. There is no retain term: what should stay only limits what is done.
///
/// ḡ_r ← γ·g_r + (1 − γ)·ḡ_r with γ = `--retain-average`; the authors' are 0.8 to 0.95.
struct RectifiedAscent: Combination {
    let code = "gru"
    let summary = "the forget gradient without what raises the retain loss, by a running mean of its gradients"
    let source = "arXiv 2503.09117"

    func innerDirection(_ settings: UnlearningSettings) -> any Direction { RectifiedGradient(sharpness: Sharpness(settings)) }
}
