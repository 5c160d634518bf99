import Backends
import Files
import Graph
import Models

/// Ordinary fine-tuning.
public struct TrainingSettings: Sendable, Hashable {
    public var epochs = 5
    /// Steps in all; nil: as many as the epochs need.
    public var steps: Int?
    public var batch = 8
    /// The largest learning rate.
    public var rate = 1e-4
    /// Steps over which the rate rises from zero.
    public var warmUp = 0
    /// After the warm-up the rate falls in a line to this share of its largest value.
    public var finalShare = 0.0
    public var optimiser = AdamW(decay: 0.01)
    /// Gradients longer than this are shortened to it.
    public var clip: Double? = 1
    public var seed: UInt64 = 0

    public init() {}

    /// - Throws: `UnlearningError.setting` naming the first setting that makes no sense.
    public func validate() throws(UnlearningError) {
        for (name, value) in [("epochs", epochs), ("batch size", batch), ("steps", steps ?? 1)] where value < 1 {
            throw .setting(name: name, problem: "must be at least 1, not \(value)")
        }
        if !(rate > 0) || !rate.isFinite { throw .setting(name: "learning rate", problem: "must be above 0, not \(rate)") }
        if warmUp < 0 { throw .setting(name: "warm-up", problem: "must not be negative") }
    }
}

/// One step of training.
public struct TrainingRecord: Sendable, Hashable {
    /// From 1.
    public var step: Int
    public var steps: Int
    /// Mean loss of the batch before the step, in nats.
    public var loss: Double
    public var gradientNorm: Double
    public var rate: Double
}

/// Trains the moving parameters with AdamW, warm-up and linear decay. Used from one thread at a time.
public final class Trainer<Loss: ExampleLoss> {
    public let settings: TrainingSettings
    public private(set) var step = 0
    public let steps: Int
    /// Losses of the last epoch's steps, oldest first.
    public private(set) var recentLosses: [Double] = []

    private let loss: Loss
    private let parameters: Buffer
    private let examples: ExampleSet<Loss.Batch>
    private var cursor: BatchCursor
    private let vectors: DeviceVectors
    private let gradient: Buffer
    private let moments: Moments
    private let plans: PlanCache<Loss>

    /// - Throws: `UnlearningError.setting`, `.emptySet`, or `.backend` if memory is short.
    public init(
        _ loss: Loss, _ parameters: Buffer, _ examples: ExampleSet<Loss.Batch>, _ settings: TrainingSettings,
        on backend: any Backend
    ) throws(UnlearningError) {
        try settings.validate()
        guard examples.count > 0 else { throw .emptySet(role: "training") }
        self.loss = loss
        self.parameters = parameters
        self.examples = examples
        self.settings = settings
        steps = settings.steps ?? max(1, (settings.epochs * examples.count + settings.batch - 1) / settings.batch)
        cursor = BatchCursor(seed: settings.seed)
        vectors = try DeviceVectors(backend, count: parameters.count)
        gradient = try vectors.make(parameters.count)
        moments = Moments(first: try vectors.make(parameters.count), second: try vectors.make(parameters.count))
        plans = PlanCache(
            loss, backend, ObjectiveOptions(beta: .absolute(0), rho: .absolute(0), saturates: false))
    }

    public var isFinished: Bool { step >= steps }
    /// Steps in an epoch, at least 1.
    public var epochSteps: Int { max(1, examples.count / settings.batch) }

    /// Takes one step.
    /// - Throws: `UnlearningError.diverged` if the loss or the gradient is not finite.
    public func advance() throws(UnlearningError) -> TrainingRecord {
        let batch = examples.makeBatch(cursor.next(settings.batch, of: examples.count))
        let shape = loss.shape(of: batch)
        let runner = try plans.runner(
            .retainGradient, shape, shape, shared: ["theta": parameters, "retainGradient": gradient])
        let inputs = loss.inputs(batch, role: "retain")
        try UnlearningError.models { () throws(ModelError) in try runner.run(inputs) }
        let measured = try Measured(runner)
        let norm = measured.norm(.retainSquare)
        guard measured.isFinite else { throw .diverged(round: step, attempts: 1) }
        if let clip = settings.clip, norm > clip { try vectors.scale(clip / norm, gradient) }
        step += 1
        let rate = settings.rate * schedule(step)
        try vectors.adamW(parameters, moments, gradient, settings.optimiser, rate: rate, sign: 1, step: step)
        recentLosses.append(measured[.retainLoss])
        if recentLosses.count > epochSteps { recentLosses.removeFirst() }
        return TrainingRecord(step: step, steps: steps, loss: measured[.retainLoss], gradientNorm: norm, rate: rate)
    }

    // MARK: Checkpoints

    private var persistent: [(name: String, buffer: Buffer)] {
        [("theta", parameters), ("first", moments.first), ("second", moments.second)]
    }

    /// Saves everything the next step depends on to one file, which appears whole or not at all.
    /// - Parameter identity: what else decides the training (settings, data, model); a resume with another identity is refused.
    public func save(to path: String, identity: JSONValue) throws(UnlearningError) {
        let state: JSONValue = [
            "step": .integer(step), "cursor": cursor.json, "recentLosses": .array(recentLosses.map { .number($0) }),
        ]
        try VectorCheckpoint(path: path, identity: identity, backend: vectors.backend).save(persistent, state: state)
    }

    /// Continues a saved training: its next step gives the same bytes as if it had never been interrupted.
    /// - Throws: `UnlearningError.checkpoint` if the file belongs to another training, `.file` if it is damaged.
    public func resume(from path: String, identity: JSONValue) throws(UnlearningError) {
        let checkpoint = VectorCheckpoint(path: path, identity: identity, backend: vectors.backend)
        (step, cursor, recentLosses) = try checkpoint.load(persistent) { state in
            guard let step = state["step"]?.asInt, let cursor = state["cursor"].flatMap(BatchCursor.init(json:)),
                let losses = state["recentLosses"]?.asArray
            else { return nil }
            return (step, cursor, losses.compactMap(\.asDouble))
        }
    }

    /// The share of the largest rate at a step, counted from 1.
    private func schedule(_ step: Int) -> Double {
        if step <= settings.warmUp { return Double(step) / Double(settings.warmUp) }
        let rest = Double(steps - step) / Double(max(1, steps - settings.warmUp))
        return settings.finalShare + (1 - settings.finalShare) * max(0, rest)
    }
}
