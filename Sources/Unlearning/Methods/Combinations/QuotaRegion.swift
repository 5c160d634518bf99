/// HAMU (arXiv 2606.02119): a trust region and a quota for every tensor. HAMU-Q takes the step that lowers L_r most among those of length
/// η·‖g_r‖ that raise L_f by the tensor's share of Q; HAMU-U the one that raises L_f most among those of length η·‖g_f‖ that lower L_r by
/// its share. Shares are as ‖g_f‖·‖g_r‖ of the tensors. The run ends where Σ √(‖g_f‖²‖g_r‖² − ⟨g_f, g_r⟩²) falls below Q/η: what is left
/// of the two gradients has no direction that serves one alone.
///
/// η is the rate of `--inner-step`, and Q/η `--quota`; the authors' for language models are 1e-4 and 0.5 with plain steps.
struct QuotaRegion: Combination {
    /// Whether the quota is the forget loss's (HAMU-Q) or the retain loss's (HAMU-U).
    let isForgetting: Bool
    var code: String { isForgetting ? "hamu-q" : "hamu-u" }
    var summary: String {
        isForgetting
            ? "of each tensor the step that keeps most while it does its share of the forgetting"
            : "of each tensor the step that forgets most while it does its share of the keeping"
    }
    let source = "arXiv 2606.02119"

    func innerDirection(_ settings: UnlearningSettings) -> any Direction {
        TensorQuota(isForgetting: isForgetting, sharpness: Sharpness(settings))
    }
}
