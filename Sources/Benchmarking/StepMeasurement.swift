import Backends
import Data
import Files
import Graph
import Inference
import Models
import Unlearning

/// One part of an unlearning step on random weights and tokens, timed.
package struct StepMeasurement {
    /// What can be measured.
    package enum Operation: String, CaseIterable {
        /// g = ∇L on one batch.
        case grad
        /// g and H·u on one batch.
        case hvp
        /// ∇Φ on two batches.
        case gradphi
        /// ∇F = g_r + 2ρ·∇²Φ·v on two batches.
        case outer

        /// The plan of a run that does this; nil for those made here, which look at the forget batch alone.
        package var objective: ObjectivePlan? {
            switch self {
            case .grad, .hvp: nil
            case .gradphi: .penalty(keepsCorrection: false)
            case .outer: .outer
            }
        }

        package var meaning: String {
            switch self {
            case .grad: "the gradient of one batch"
            case .hvp: "a gradient and an exact Hessian-vector product"
            case .gradphi: "the exact gradient of the forget objective"
            case .outer: "the exact gradient of the outer objective"
            }
        }
    }

    package var shape: StepShape
    package var batch: Int
    package var length: Int
    package var repeats: Int
    package var seed: UInt64

    package init(shape: StepShape, batch: Int, length: Int, repeats: Int, seed: UInt64 = 1) {
        self.shape = shape
        self.batch = batch
        self.length = length
        self.repeats = repeats
        self.seed = seed
    }

    /// The median and the least seconds of a replay, and its floating-point operations.
    package struct Result {
        package var seconds: Double
        package var least: Double
        package var flops: Int
        package var planBytes: Int
    }

    package func run(_ operation: Operation, on backend: any Backend) throws -> Result {
        // The host's copy of the weights is gone before the plan gets its workspace.
        let session = try LanguageModelSession(shape.model(seed: seed), on: backend)
        let forget = shape.tokens(batch: batch, length: length, seed: seed, stream: "forget")
        let retain = shape.tokens(batch: batch, length: length, seed: seed, stream: "retain")
        var inputs = (operation.objective ?? .forgetGradient)
            .inputs(session.loss, forget: forget, retain: retain, .init(beta: 0.1, rho: 0.1))
        if operation == .hvp { inputs["direction"] = .real(direction(session.split.trainable.count)) }
        let plan = try plan(operation, session.loss, forget: forget.shape, retain: retain.shape)
        let runner = try PlanRunner(plan, on: backend, shared: session.parameters)
        // The first run compiles kernels and touches memory.
        try runner.run(inputs)
        try backend.synchronize()
        var times: [Double] = []
        for _ in 0..<repeats {
            let start = SteadyClock.seconds
            try runner.run([:])
            try backend.synchronize()
            times.append(SteadyClock.seconds - start)
        }
        times.sort()
        return Result(seconds: times[times.count / 2], least: times[0], flops: plan.flops, planBytes: plan.byteCount)
    }

    private func direction(_ count: Int) -> [Float] {
        var random = SeededRandom(seed: seed, stream: "direction")
        return (0..<count).map { _ in Float(2 * random.uniform() - 1) }
    }

    private func plan(
        _ operation: Operation, _ loss: LanguageModelLoss, forget: BatchShape, retain: BatchShape
    ) throws -> Plan {
        if let plan = operation.objective {
            let options = ObjectiveOptions(beta: .absolute(0.1), rho: .absolute(0.1), saturates: false)
            return try plan.compile(loss, forget: forget, retain: retain, options)
        }
        let objective = try Objective(loss, forget: forget, retain: retain, saturates: false)
        guard operation == .hvp else { return Plan([("gradient", objective.forgetGradient)]) }
        let direction = objective.graph.input("direction", .real, objective.parameters.shape)
        let product = hessianVectorProduct(objective.forgetGradient, objective.parameters, direction)
        return Plan([("gradient", objective.forgetGradient), ("product", product)])
    }
}
