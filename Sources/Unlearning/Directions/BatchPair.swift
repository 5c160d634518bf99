import Backends
import Inference
import Models

/// One forget batch and one retain batch, and everything a direction works with.
final class BatchPair<Loss: ExampleLoss> {
    let forget: Loss.Batch
    let retain: Loss.Batch
    /// The positions of the forget batch's examples in their set.
    let forgetPlaces: [Int]
    let settings: UnlearningSettings
    /// ρ of the round.
    let rho: Double
    /// Forget steps taken before this one, in the whole run.
    let step: Int
    /// Of each forget example, the sum of its losses for the model as it was; nil where the method does not compare with it.
    let original: [Double]?
    /// The mean loss of the run's first retain batch; nil before there was one.
    let initialRetainLoss: Double?
    /// θ.
    let parameters: any Buffer
    /// Where the direction goes.
    let direction: any Buffer
    let vectors: DeviceVectors
    /// What the step's direction learned; begins with what the step before left.
    var notes: StepNotes
    /// In gradient-equivalents.
    private(set) var cost = 0.0

    private let loss: Loss
    private let plans: PlanCache<Loss>
    private let memory: RunMemory

    init(
        _ forget: Loss.Batch, _ retain: Loss.Batch, forgetPlaces: [Int], original: [Double]?, initialRetainLoss: Double?,
        _ settings: UnlearningSettings,
        rho: Double, step: Int, notes: StepNotes, loss: Loss, plans: PlanCache<Loss>, memory: RunMemory
    ) {
        (self.forget, self.retain, self.forgetPlaces, self.settings) = (forget, retain, forgetPlaces, settings)
        (self.original, self.initialRetainLoss, self.rho, self.step, self.notes) = (original, initialRetainLoss, rho, step, notes)
        (self.loss, self.plans, self.memory) = (loss, plans, memory)
        (parameters, direction, vectors) = (memory.parameters, memory.direction, memory.vectors)
    }

    /// The same batches for a step of another number.
    func again(step: Int) -> BatchPair {
        BatchPair(
            forget, retain, forgetPlaces: forgetPlaces, original: original, initialRetainLoss: initialRetainLoss, settings, rho: rho,
            step: step, notes: notes, loss: loss, plans: plans, memory: memory)
    }

    /// A vector that is kept from step to step.
    func kept(_ name: String) -> any Buffer { memory[name] }

    func borrow<Result>(_ use: (any Buffer) throws -> Result) throws -> Result {
        try memory.scratch.borrow(use)
    }

    func borrowPair<Result>(_ use: (any Buffer) throws -> Result) throws -> Result {
        try memory.scratch.borrowPair(use)
    }

    /// Lets `visit` move θ, and puts θ back to the bit. Borrows one vector.
    func moved(_ visit: () throws -> Void) throws {
        try borrow { origin in
            try vectors.copy(parameters, to: origin)
            try visit()
            try vectors.copy(origin, to: parameters)
        }
    }

    /// Runs a plan where θ is.
    /// - Parameter outputs: where its vectors go, by name.
    func evaluate(_ plan: ObjectivePlan, _ outputs: [String: any Buffer] = [:]) throws -> Measured {
        let shapes = (forget: loss.shape(of: forget), retain: loss.shape(of: retain))
        var shared = outputs
        shared["theta"] = parameters
        let runner = try plans.runner(plan, shapes.forget, shapes.retain, shared: shared)
        var scalars = ObjectivePlan.Scalars(target: settings.saturation, cap: settings.cap, beta: settings.beta.value, rho: rho)
        scalars.original = original
        let inputs = plan.inputs(loss, forget: forget, retain: retain, scalars)
        try runner.run(inputs)
        cost += plan.gradientEquivalents
        return try Measured(runner)
    }
}

/// What a direction learns beside its vector; nil where it measures no such thing.
struct StepNotes {
    /// s = cos(g_f, g_r)
    var similarity: Double?
    /// ‖∇Φ‖
    var penaltyNorm: Double?
    /// v·∇²Φ·v / ‖v‖² along v = ∇Φ
    var curvature: Double?
    /// As last used, which steps that reuse a correction need.
    var beta = 0.0
    /// λ for the next step; nil where there is none.
    var multiplier: Double?
}
