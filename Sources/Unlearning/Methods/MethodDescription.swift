/// What there is to say of a method before it is used.
public struct MethodDescription: Sendable {
    /// The method.
    public let method: UnlearningMethod
    /// The code of what is climbed.
    public let forgetObjective: String
    /// The numbers in its formula that `--forget-parameters` can choose.
    public let forgetParameters: [ParameterDescription]
    /// The code of what is descended; nil where there is nothing.
    public let retainObjective: String?
    /// The code of how the two meet.
    public let combination: String
    /// What a run must be given beside a model and a forget set, or makes itself.
    public let needs: [String]
    /// Of one forget step, at the method's defaults: 1 = one forward and one backward pass over one batch.
    public let forgetStepCost: Double
    /// Of one restore step; nil where there are none.
    public let restoreStepCost: Double?
}

extension UnlearningMethod {
    /// What there is to say of it.
    /// - Throws: `UnlearningError.setting` where its defaults do not go together.
    public func described() throws(UnlearningError) -> MethodDescription {
        var settings = UnlearningSettings()
        try settings.set(["method": name])
        let needs = settings.needs
        let asked: [(Bool, String)] = [
            (usesRetain, "retain set"), (needs.originalSums, "losses of the original model"),
            (needs.frozen.contains(.original), "logits of the original model"), (needs.frozen.contains(.reference), "reference model"),
            (needs.frozen.contains(.states), "states of the original model"),
            (needs.frozen.contains(.blurred), "logits of the original model with blurred attention"),
            (needs.alternatives, "alternative answers"),
        ]
        return MethodDescription(
            method: self, forgetObjective: forget.code, forgetParameters: forget.parameters, retainObjective: retain?.code,
            combination: combination.code,
            needs: asked.filter(\.0).map(\.1), forgetStepCost: settings.innerDirection.work.gradientEquivalents(self),
            restoreStepCost: settings.outerDirection()?.work.gradientEquivalents(self))
    }
}
