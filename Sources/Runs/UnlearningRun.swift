import Backends
import Evaluation
import Files
import Graph
import Inference
import Reporting
import Text
import Unlearning

/// A run on a real model: asks, unlearns, asks again, writes.
public struct UnlearningRun {
    /// How a run ended.
    public enum Outcome {
        /// The model and its report are in the run's place.
        case written(RunReport)
        /// They were there already, made by this very call.
        case alreadyThere
    }

    private let prepared: PreparedRun
    private let place: RunPlace
    private let resumes: Bool
    /// The least seconds between two checkpoints.
    private let interval: Double

    /// A run whose result appears in `place` when it is complete.
    /// - Parameters:
    ///   - resumes: whether to continue from the checkpoint beside the place.
    ///   - interval: the least seconds between two checkpoints.
    public init(_ prepared: PreparedRun, in place: RunPlace, resumes: Bool = false, checkpointEvery interval: Double = 60) {
        self.prepared = prepared
        self.place = place
        self.resumes = resumes
        self.interval = interval
    }

    private var opened: OpenedModel { prepared.opened }
    private var listener: any JobListener { prepared.listener }

    /// - Throws: `RunError.interrupted` after saving. A target that was not reached is no error: see the report's `shortfall`.
    public func run(on backend: any Backend) throws -> Outcome {
        let settings = prepared.settings
        let request = RunIdentity(
            settings: settings.codes, text: prepared.encoder.settings, trainable: prepared.trainable, data: prepared.data)
        if place.holdsResult(of: request, from: opened.folder.path) {
            try place.acknowledge()
            return .alreadyThere
        }
        // The model, and in the checkpoint its parameters twice.
        try place.check(resumes: resumes, bytes: DType.real.byteCount * 3 * opened.parameterCount)
        let date = ReportParts.date
        let loaded = try ModelLoader.load(opened.folder, trainable: prepared.trainable, seed: settings.seed)
        try place.exporter.check(loaded)
        let identity = request.json(loaded)
        if resumes { try place.checkCheckpoint(identity) }
        let session = try LanguageModelSession(loaded, on: backend)
        let judge = Judge(
            prepared.judging, forget: prepared.forget.examples, retain: prepared.retain?.examples ?? [], encoder: prepared.encoder,
            listener)
        var stages: [ReportParts.Stage] = []
        func ask(_ name: String) throws {
            guard prepared.judging.examples > 0 else { return }
            stages.append((name, try judge.ask(session, name)))
        }

        // The model as it was, also when a run is resumed: its parameters are still the original ones here.
        try ask("before")
        try stages.first.map { try $0.verdict.check() }
        let invented = try prepared.invent(session)
        let unlearner = try prepared.unlearner(session, invented: invented)
        if resumes {
            try unlearner.resume(from: place.checkpoint, identity: identity)
            listener.note("Resuming in round \(unlearner.state.round + 1)")
        }
        let firstRound = unlearner.state.round
        let saving = Saving(path: place.checkpoint, identity: identity, interval: interval)
        try UnlearningDriver(listener, saving: saving).run(unlearner)
        // Whatever happens while questions are asked and the model is written, the run need not be repeated.
        try unlearner.save(to: saving.path, identity: identity)
        try ask("after")

        var report = RunReport(
            title: "Unlearning \(lastComponent(of: opened.folder.path))", date: date, settings: settings,
            device: "\(backend.name): \(backend.summary)", rounds: unlearner.state.history)
        report.data = prepared.data
        report.model = ReportParts.model(opened.folder.path, session, trainable: prepared.trainable.title)
        report.versions = ReportParts.versions
        report.stages = stages.map { .init(name: $0.name, forget: $0.verdict.forget, retain: $0.verdict.retain) }
        report.samples = ReportParts.samples(stages, forget: 3, retain: 3)
        report.cost.gradientEquivalents = unlearner.state.gradientEquivalents
        report.cost.seconds = unlearner.state.seconds
        if case .finished(let reason) = unlearner.state.phase { report.stopReason = reason }
        report.shortfall = unlearner.shortfall
        if let overlap = prepared.overlap { report.notes.append(overlap) }
        report.notes += prepared.notes
        if resumes { report.notes.append("The run was interrupted and resumed in round \(firstRound + 1).") }
        let result = try session.download()
        report.change = try WeightChange(sinceLoading: result, writtenAs: place.exporter.precision)
        try place.export(result, identity, extra: opened.rebuiltTokenizerFiles + report.extraFiles)
        try place.finish()
        return .written(report)
    }
}
