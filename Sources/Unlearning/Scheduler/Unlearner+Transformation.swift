import Inference

// What a combination does to θ as a whole. Both ends lie within a transition, so that no checkpoint falls between.
extension Unlearner {
    /// No step was taken or tried.
    var isAtStart: Bool {
        state.phase == .inner(0) && state.round == 0 && state.rollbacks == 0 && state.innerSteps == 0 && state.outerSteps == 0
    }

    func begin() throws {
        try settings.method.combination.begin(view, settings)
        // What the first step can go back to.
        try vectors.copy(parameters, to: memory["good"])
    }

    func finish() throws { try settings.method.combination.finish(view, settings) }

    private var view: ParameterView {
        let shaped = loss as? any ShapedLoss
        return ParameterView(
            parameters: parameters, original: memory.named["original"], scratch: memory.direction, vectors: vectors,
            shapes: shaped?.tensorShapes, movesFactors: shaped?.movesFactors ?? false)
    }
}
