import Backends
import Files
import Graph
import Models

/// One part of an unlearning step on random weights and tokens, timed.
struct StepMeasurement {
    /// What can be measured.
    enum Operation: String, CaseIterable {
        /// g = ∇L on one batch.
        case grad
        /// g and H·u on one batch.
        case hvp

        var meaning: String {
            switch self {
            case .grad: "the gradient of one batch"
            case .hvp: "an exact Hessian-vector product"
            }
        }
    }

    var shape: StepShape
    var batch: Int
    var length: Int
    var repeats: Int
    var seed: UInt64 = 1

    /// The median and the least seconds of a replay, and its floating-point operations.
    struct Result {
        var seconds: Double
        var least: Double
        var flops: Int
        var planBytes: Int
    }

    func run(_ operation: Operation, on backend: any Backend) throws(ModelError) -> Result {
        // The host's copy of the weights is gone before the plan gets its workspace.
        let session = try LanguageModelSession(shape.model(seed: seed), on: backend)
        let tokens = shape.tokens(batch: batch, length: length, seed: seed, stream: "forget")
        var inputs = session.loss.inputs(tokens, role: "forget")
        let plan: Plan
        do throws(GraphError) { plan = try self.plan(operation, session.loss, tokens.shape) } catch { throw .graph(error) }
        if operation == .hvp { inputs["direction"] = .real(direction(session.split.moving.count)) }
        let runner = try PlanRunner(plan, on: backend, shared: session.parameters)
        // The first run compiles kernels and touches memory.
        try runner.run(inputs)
        do throws(BackendError) { try backend.synchronize() } catch { throw .backend(error) }
        var times: [Double] = []
        for _ in 0..<repeats {
            let start = Clock.seconds
            try runner.run([:])
            do throws(BackendError) { try backend.synchronize() } catch { throw .backend(error) }
            times.append(Clock.seconds - start)
        }
        times.sort()
        return Result(seconds: times[times.count / 2], least: times[0], flops: plan.flops, planBytes: plan.byteCount)
    }

    private func direction(_ count: Int) -> [Float] {
        var random = SeededRandom(seed: seed, stream: "direction")
        return (0..<count).map { _ in Float(2 * random.uniform() - 1) }
    }

    private func plan(_ operation: Operation, _ loss: LanguageModelLoss, _ batch: BatchShape) throws(GraphError) -> Plan {
        let graph = ComputationGraph()
        let theta = try graph.input(WeightNodes.movingName, .real, [loss.parameterCount])
        let value = try loss.losses(theta, batch, role: "forget").sum().scaled(by: 1 / Double(batch.examples))
        let gradient = try gradient(of: value, theta)
        switch operation {
        case .grad: return try Plan([("gradient", gradient)])
        case .hvp:
            let direction = try graph.input("direction", .real, theta.shape)
            let product = try hessianVectorProduct(gradient, theta, direction)
            return try Plan([("gradient", gradient), ("product", product)])
        }
    }
}
