import Backends
import Data
import Files
import Graph
import Inference
import Models

/// One step of training.
public struct TrainingRecord: Sendable, Hashable {
    /// From 1.
    public var step: Int
    /// Steps in all.
    public var steps: Int
    /// Mean loss of the batch before the step, in nats.
    public var loss: Double
    /// Before clipping.
    public var gradientNorm: Double
    /// The learning rate of the step.
    public var rate: Double
}

/// Trains the trainable parameters with AdamW, warm-up and linear decay. Used from one thread at a time.
public final class Trainer<Loss: ExampleLoss> {
    /// What decides the training.
    public let settings: TrainingSettings
    /// Steps that are taken.
    public private(set) var step = 0
    /// Steps in all.
    public let steps: Int
    /// Losses of the last epoch's steps, oldest first.
    public private(set) var recentLosses: [Double] = []

    private let loss: Loss
    private let parameters: any Buffer
    private let examples: ExampleSet<Loss.Batch>
    /// Examples in a batch: never one twice, so that an epoch takes at least a step.
    private let batch: Int
    private var cursor: BatchCursor
    private let vectors: DeviceVectors
    private let gradient: any Buffer
    private let moments: Moments
    private let plans: PlanCache<Loss>
    /// What layers keep of the data, on the device; nil where nothing is kept.
    private let kept: (any Buffer)?

    /// - Throws: `UnlearningError.setting`, `.emptySet`, or `.backend` if memory is short.
    public init(
        _ loss: Loss, _ parameters: any Buffer, examples: ExampleSet<Loss.Batch>, _ settings: TrainingSettings,
        on backend: any Backend
    ) throws {
        try settings.validate()
        guard examples.count > 0 else { throw UnlearningError.emptySet(role: "training") }
        let learning = loss as? any LearningLoss
        self.loss = learning?.learning as? Loss ?? loss
        kept = (self.loss as? any LearningLoss)?.kept
        self.parameters = parameters
        self.examples = examples
        self.settings = settings
        batch = min(settings.batch, examples.count)
        steps = settings.steps ?? (settings.epochs * examples.count + batch - 1) / batch
        cursor = BatchCursor(seed: settings.seed)
        vectors = try DeviceVectors(backend, count: parameters.count)
        gradient = try vectors.make(parameters.count)
        moments = Moments(first: try vectors.make(parameters.count), second: try vectors.make(parameters.count))
        plans = PlanCache(
            self.loss, backend, ObjectiveOptions(beta: .absolute(0), rho: .absolute(0), saturates: false))
    }

    /// Whether every step is taken.
    public var isFinished: Bool { step >= steps }
    /// Steps in an epoch, at least 1.
    package var epochSteps: Int { examples.count / batch }

    /// Takes one step.
    /// - Throws: `UnlearningError.trainingDiverged` if the loss, the gradient or, after the last step, a parameter is not finite.
    public func advance() throws -> TrainingRecord {
        let batch = examples.makeBatch(cursor.next(self.batch, of: examples.count))
        let shape = loss.shape(of: batch)
        let runner = try plans.runner(
            .retainGradient, forget: shape, retain: shape, alternative: nil, shared: shared)
        let inputs = ObjectivePlan.retainGradient.inputs(loss, forget: batch, retain: batch, .init())
        try runner.run(inputs)
        let measured = try Measured(runner)
        let norm = measured.norm(.retainSquare)
        guard measured.isFinite else {
            throw diverged(measured[.retainLoss].isFinite ? "the gradient" : "the loss")
        }
        if let clip = settings.clip, norm > clip { try vectors.scale(clip / norm, gradient) }
        step += 1
        let rate = settings.rate * settings.rateShare(step, of: steps)
        try vectors.adamW(parameters, moments, gradient, rule: settings.optimiser, rate: rate, sign: 1, step: step)
        recentLosses.append(measured[.retainLoss])
        if recentLosses.count > epochSteps { recentLosses.removeFirst() }
        if isFinished { try checkParameters() }
        return TrainingRecord(step: step, steps: steps, loss: measured[.retainLoss], gradientNorm: norm, rate: rate)
    }

    private var shared: [String: any Buffer] {
        var buffers = ["theta": parameters, "retainGradient": gradient]
        buffers[ObjectivePlan.keptName] = kept
        return buffers
    }

    /// A step may leave numbers that only the next one would meet.
    private func checkParameters() throws {
        guard try vectors.dot(parameters, parameters).isFinite else { throw diverged("a parameter") }
    }

    private func diverged(_ quantity: String) -> UnlearningError {
        .trainingDiverged(quantity: quantity, steps: step, rate: settings.rate)
    }

    // MARK: Checkpoints

    private var persistent: [(name: String, buffer: any Buffer)] {
        [("theta", parameters), ("first", moments.first), ("second", moments.second)] + (kept.map { [("kept", $0)] } ?? [])
    }

    /// Saves everything the next step depends on to one file, which appears whole or not at all.
    /// - Parameter identity: what else decides the training (settings, data, model); a resume with another identity is refused.
    /// - Throws: `UnlearningError.trainingDiverged` rather than replacing a good checkpoint by one that nothing can follow.
    public func save(to path: String, identity: JSONValue) throws {
        try checkParameters()
        let state: JSONValue = [
            "step": .integer(step), "cursor": cursor.json, "recentLosses": .array(recentLosses.map { .number($0) }),
        ]
        try VectorCheckpoint(path: path, identity: identity, backend: vectors.backend).save(persistent, state: state)
    }

    /// Continues a saved training: its next step gives the same bytes as if it had never been interrupted.
    /// - Throws: `UnlearningError.checkpoint` if the file belongs to another training, `.file` if it is damaged.
    public func resume(from path: String, identity: JSONValue) throws {
        let checkpoint = VectorCheckpoint(path: path, identity: identity, backend: vectors.backend)
        (step, cursor, recentLosses) = try checkpoint.load(persistent) { state in
            guard let step = state.int("step", .from(0, to: steps)), let losses = state.doubles("recentLosses", most: epochSteps),
                let cursor = state["cursor"].flatMap(BatchCursor.init(json:)), cursor.isWithin(examples.count),
                losses.count == min(step, epochSteps)
            else { return nil }
            return (step, cursor, losses)
        }
    }
}
