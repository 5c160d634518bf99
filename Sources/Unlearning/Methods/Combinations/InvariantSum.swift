/// ILU (Wang et al., arXiv 2506.01339): what is minimised gains λ·‖∇_{w|w=1} ℓ(w∘θ; D)‖², so that D's loss is stationary where the run
/// ends and later fine-tuning on D, or on anything like it, has no slope to follow back.
///
/// w is one number, as in invariant risk minimisation (arXiv 1907.02893), and here multiplies θ: the term is (θ·g)², and its gradient
/// 2(θ·g)·(g + H·θ) is exact. The authors' D is one set that has nothing to do with what is forgotten, such as arithmetic; here it is the
/// retain set, under its own objective: put such rows there. They found the forget set unfit. λ is `--invariance-weight`; they name
/// 0.05 to 0.1. Beside it γ and α weigh as in the weighted sum.
struct InvariantSum: Combination {
    let code = "ilu"
    let summary = "the weighted sum, where the retain objective is held stationary along the parameters"
    let source = "arXiv 2506.01339"

    func innerDirection(_ settings: UnlearningSettings) -> any Direction { InvariantMixture() }

    func conflict(_ settings: UnlearningSettings) -> UnlearningError? {
        guard !Sharpness(settings).isOff else { return nil }
        return .setting(name: "forget sam", problem: "and retain sam must be 0 where the combination is ilu, whose terms are of one place.")
    }
}
