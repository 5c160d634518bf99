import Backends
import Files
import Inference
import Reporting
import Unlearning

/// What a run would do and take.
public struct RunPlan {
    private let run: PreparedRun
    private let device: String
    private let trainableCount: Int
    /// What a round takes.
    public let cost: RunForecast

    /// A dry run: one step of each kind is taken and taken back, and the rest follows from it.
    public init(_ run: PreparedRun, on backend: any Backend) throws {
        self.run = run
        device = backend.name
        let session = try run.opened.session(on: backend, trainable: run.trainable, seed: run.settings.seed)
        trainableCount = session.split.trainable.count
        run.listener.note("Timing one step of each kind on \(backend.name)")
        cost = try run.unlearner(session, invented: run.standIns).forecast(measures: true)
    }

    private var settings: UnlearningSettings { run.settings }

    private var approximations: String {
        settings.approximations.isEmpty ? "none" : settings.approximations.joined(separator: "; ")
    }

    /// Labels and values, for people.
    public var lines: [(String, String)] {
        [
            ("Model", "\(run.opened.folder.path) (\(run.opened.model.architecture))"),
            ("Trainable", "\(run.trainable.title), \(NumberText.grouped(trainableCount)) parameters"),
            ("Forget", "\(run.forget.path): \(run.forget.encoded.count) examples, batches of \(settings.forgetBatch)"),
            ("Retain", run.retain.map { "\($0.path): \($0.encoded.count) examples, batches of \(settings.retainBatch)" } ?? "none"),
            (
                "Method",
                "\(settings.method.rawValue), at most \(cost.rounds) rounds of \(settings.innerSteps) forget steps "
                    + "(\(settings.innerStep))" + (cost.outer.map { " and \($0.count) restore steps (\(settings.outerStep))" } ?? "")
            ),
            ("Weights", "beta \(settings.beta), rho \(settings.rho) growing by \(settings.rhoGrowth), \(settings.similarity.rawValue)"),
            ("Approximations", approximations),
            ("A round", cost.text),
            ("All rounds", cost.seconds.map { "about \(NumberText.duration($0 * Double(cost.rounds)))" } ?? "-"),
        ]
    }

    /// The same for programs.
    public var json: JSONValue {
        [
            "event": "plan", "model": .string(run.opened.folder.path), "device": .string(device),
            "trainable_parameters": .integer(trainableCount), "forget_examples": .integer(run.forget.encoded.count),
            "retain_examples": .integer(run.retain?.encoded.count ?? 0), "settings": .object(settings.codes),
            "approximations": .string(approximations), "rounds": .integer(cost.rounds), "round": cost.json,
        ]
    }
}
