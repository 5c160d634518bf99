/// Negation of a task vector (Ilharco et al., arXiv 2212.04089): steps of the weighted sum, which descend the forget set's loss where the
/// forget objective says so, lead from θ₀ to θ_ft; at the end θ ← θ₀ − α·(θ_ft − θ₀). What the forget set taught is taken away instead.
///
/// α is `--task-scale`. The authors choose it up to 1 on held-out data; 1 is the value here.
struct TaskNegation: Combination {
    let code = "task-negation"
    let summary = "steps of the weighted sum, at the end taken from the original instead of added to it"
    let source = "arXiv 2212.04089"
    let needsRetain = false
    let needsOriginal = true

    func innerDirection(_ settings: UnlearningSettings) -> any Direction { WeightedSum().innerDirection(settings) }

    func begin(_ view: ParameterView, _ settings: UnlearningSettings) throws {
        guard !view.movesFactors else { throw UnlearningError.factors(code) }
    }

    func finish(_ view: ParameterView, _ settings: UnlearningSettings) throws {
        guard let original = view.original else { return }
        // The difference first: it is small, and would be lost in a sum of large numbers.
        try view.vectors.add(-1, original, to: view.parameters)
        try view.vectors.scale(-settings.taskScale, view.parameters)
        try view.vectors.add(1, original, to: view.parameters)
    }
}
