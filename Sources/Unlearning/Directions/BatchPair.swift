import Backends
import Graph
import Inference
import Models

/// One forget batch and one retain batch, and everything a direction works with.
final class BatchPair<Loss: ExampleLoss> {
    let forget: Loss.Batch
    let retain: Loss.Batch
    /// Another answer to each question of the forget batch; nil where there are none.
    let alternative: Loss.Batch?
    /// The positions of the batches' examples in their sets.
    let places: BatchPlaces
    let settings: UnlearningSettings
    /// ρ of the step.
    let rho: Double
    /// Steps of the same level taken before this one, in the whole run.
    let step: Int
    /// By role, of each example the sum of its losses for the model as it was; empty where the method does not compare with it.
    let originalSums: [String: [Double]]
    /// The mean loss of the run's first retain batch; nil before there was one.
    let initialRetainLoss: Double?
    /// Parts of the batches, in place of which they are computed one after another; none where batches are computed whole.
    let slices: [BatchPair]
    /// θ.
    let parameters: any Buffer
    /// Where the direction goes.
    let direction: any Buffer
    let vectors: DeviceVectors
    /// What the step's direction learned; begins with what the step before left.
    var notes: StepNotes
    /// Up to which loss a forget example counts, in nats or as a share of a reference's; nil where the objective has no such limit.
    var saturation: Double?
    /// In gradient-equivalents.
    private(set) var cost = 0.0

    private let parts: RunParts<Loss>

    init(
        _ forget: Loss.Batch, _ retain: Loss.Batch, alternative: Loss.Batch?, places: BatchPlaces, originalSums: [String: [Double]],
        initialRetainLoss: Double?, _ settings: UnlearningSettings, rho: Double, step: Int, notes: StepNotes, parts: RunParts<Loss>,
        slices: [BatchPair] = []
    ) {
        self.slices = slices
        (self.forget, self.retain, self.alternative, self.places) = (forget, retain, alternative, places)
        (self.originalSums, self.initialRetainLoss, self.settings) = (originalSums, initialRetainLoss, settings)
        (self.rho, self.step, self.notes, self.parts) = (rho, step, notes, parts)
        saturation = settings.saturation
        (parameters, direction, vectors) = (parts.memory.parameters, parts.memory.direction, parts.memory.vectors)
    }

    /// The same batches for a step of another number.
    func again(step: Int) -> BatchPair {
        BatchPair(
            forget, retain, alternative: alternative, places: places, originalSums: originalSums, initialRetainLoss: initialRetainLoss,
            settings, rho: rho, step: step, notes: notes, parts: parts, slices: slices)
    }

    /// Where θ's tensors lie.
    var tensors: [Range<Int>] { parts.loss.parameterRanges }

    /// A vector that is kept from step to step.
    func kept(_ name: String) -> any Buffer { parts.memory[name] }

    func borrow<Result>(_ use: (any Buffer) throws -> Result) throws -> Result {
        try parts.memory.scratch.borrow(use)
    }

    func borrowPair<Result>(_ use: (any Buffer) throws -> Result) throws -> Result {
        try parts.memory.scratch.borrowPair(use)
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
        guard slices.isEmpty else { return try accumulate(plan, outputs) }
        var shared = outputs
        shared["theta"] = parameters
        let loss = parts.loss
        let runner = try parts.plans.runner(
            plan, forget: loss.shape(of: forget), retain: loss.shape(of: retain), alternative: alternative.map { loss.shape(of: $0) },
            shared: shared)
        let scalars = ObjectivePlan.Scalars(target: saturation, cap: settings.cap, beta: settings.beta.value, rho: rho)
        var inputs = plan.inputs(loss, forget: forget, retain: retain, scalars)
        for (role, batch, places) in [
            ("forget", forget, places.forget), ("retain", retain, places.retain), ("alternative", alternative, places.alternative),
        ] {
            guard let batch else { continue }
            inputs.merge(try constants(runner.plan, role: role, batch, places)) { $1 }
        }
        try runner.run(inputs)
        cost += plan.gradientEquivalents(settings.method) + parts.frozen.cost
        parts.frozen.cost = 0
        return try Measured(runner)
    }

    /// Pays for work that its slices have done: what one look at the whole batch costs.
    func pay(_ equivalents: Double) { cost += equivalents }

    /// What the plan asks for of a role's examples beside what other roles have too.
    private func constants(_ plan: Plan, role: String, _ batch: Loss.Batch, _ places: [Int]) throws -> [String: HostInput] {
        let asks = { (name: String) in plan.slot("\(role).\(name)", .input) != nil }
        var inputs: [String: HostInput] = [:]
        if role == "alternative" {
            inputs = parts.loss.inputs(batch, role: role).filter { plan.slot($0.key, .input) != nil }
        }
        if asks("weight") { inputs["\(role).weight"] = .real([Float(settings.alternativeWeight)]) }
        if asks("terms") { inputs["\(role).terms"] = .real(parts.loss.termCounts(batch)) }
        if asks("original"), let sums = originalSums[role] { inputs["\(role).original"] = .real(sums.map(Float.init)) }
        for model in FrozenModel.allCases where asks(model.rawValue) {
            guard let logits = try parts.frozen.logits(of: model, role: role, batch, places) else { continue }
            inputs["\(role).\(model.rawValue)"] = .real(logits)
        }
        return inputs
    }
}

/// The positions of a pair's examples in their sets.
struct BatchPlaces {
    var forget: [Int]
    var retain: [Int]
    var alternative: [Int] = []
}

/// What all batches of a run share.
struct RunParts<Loss: ExampleLoss> {
    let loss: Loss
    let plans: PlanCache<Loss>
    let memory: RunMemory
    let frozen: FrozenLogits<Loss>
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
    /// The share of the run's steps that are taken, from 0.
    var progress = 0.0
    /// No step can do what the combination asks of it: the run is over.
    var isExhausted = false
}
