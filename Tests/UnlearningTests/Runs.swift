import Backends
import Data
import Graph
import Inference
import TestSupport
import Testing
import Unlearning

/// A run on the CPU whose parameters can be looked at.
struct TestRun<Loss: ExampleLoss> {
    let backend: CPUBackend
    let buffer: any Buffer
    let unlearner: Unlearner<Loss>

    init(
        _ loss: Loss, _ theta: [Double], forget: ExampleSet<Loss.Batch>, retain: ExampleSet<Loss.Batch>,
        alternatives: ExampleSet<Loss.Batch>? = nil, reference: [Double]? = nil, _ settings: UnlearningSettings
    ) throws {
        let backend = CPUBackend()
        self.backend = backend
        buffer = try backend.upload(theta.map(Float.init))
        let other = try reference.map { ReferenceModel(loss, try backend.upload($0.map(Float.init))) }
        unlearner = try Unlearner(
            loss, buffer, forget: forget, retain: retain, alternatives: alternatives, reference: other, settings, on: backend)
    }

    var floats: [Float] { get throws { try backend.read(buffer) } }
    var theta: [Double] { get throws { try floats.map(Double.init) } }

    /// Everything that happens until the end.
    func events() throws -> [UnlearningEvent] {
        var all: [UnlearningEvent] = []
        try unlearner.run { all.append($0) }
        return all
    }
}

/// The perceptron with a forget set of 6 and a retain set of 10 rows.
struct SmallProblem {
    let loss = Perceptron()
    let theta: [Double]
    let forget: ExampleSet<LabelledBatch>
    let retain: ExampleSet<LabelledBatch>
    let forgetRows: LabelledBatch
    let retainRows: LabelledBatch

    init() {
        theta = randomVector(Perceptron().parameterCount, 3, 0.7).map { Double(Float($0)) }
        (forgetRows, retainRows) = (ModelCase.labelled(Perceptron(), 6, seed: 5), ModelCase.labelled(Perceptron(), 10, seed: 6))
        (forget, retain) = (Self.set(forgetRows), Self.set(retainRows))
    }

    static func set(_ rows: LabelledBatch) -> ExampleSet<LabelledBatch> {
        ExampleSet(count: rows.labels.count) { places in
            LabelledBatch(features: places.map { rows.features[$0] }, labels: places.map { rows.labels[$0] })
        }
    }

    func run(_ settings: UnlearningSettings) throws -> TestRun<Perceptron> {
        try TestRun(
            loss, theta, forget: forget, retain: retain, alternatives: alternatives,
            reference: randomVector(theta.count, 4, 0.7), settings)
    }

    /// The forget rows with another right class each.
    var alternatives: ExampleSet<LabelledBatch> {
        let classes = Int32(Set(forgetRows.labels).count)
        return Self.set(LabelledBatch(features: forgetRows.features, labels: forgetRows.labels.map { ($0 + 1) % classes }))
    }

    /// The whole sets as one batch pair, for the reference.
    var model: ModelCase { ModelCase("small", loss, theta: theta, forget: forgetRows, retain: retainRows) }

    /// Full batches, one step of each kind, at rate one: Δθ is the direction.
    static var fullBatch: UnlearningSettings {
        var settings = UnlearningSettings.paper
        settings.forgetBatch = 6
        settings.retainBatch = 10
        settings.rounds = 1
        settings.innerSteps = 1
        settings.outerSteps = 0
        settings.beta = .absolute(2)
        settings.rho = .absolute(0.5)
        settings.rhoGrowth = 1
        settings.innerStep = .sgd(rate: 1)
        settings.outerStep = .sgd(rate: 1)
        return settings
    }
}

extension [UnlearningEvent] {
    var records: [RoundRecord] { compactMap { if case .round(let record) = $0 { record } else { nil } } }
    var stop: RunState.StopReason? { if case .finished(let reason)? = last { reason } else { nil } }
    /// One letter per event.
    var pattern: String {
        map { event in
            switch event {
            case .innerStep: "f"
            case .outerStep: "r"
            case .round: "R"
            case .rolledBack: "b"
            case .released: "L"
            case .finished: "."
            }
        }.joined()
    }
}
