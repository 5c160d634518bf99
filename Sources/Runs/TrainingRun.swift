import Backends
import Data
import Files
import Graph
import Inference
import Models
import Reporting
import Unlearning

/// What a training is asked to do.
public struct TrainingRequest {
    /// A GGUF file or a Hugging Face folder.
    public var model: String
    /// A file of rows.
    public var data: String
    /// How rows become tokens.
    public var text: TextChoice
    /// Which parameters may change.
    public var trainable: TrainableParameters
    /// Epochs, rate, batches.
    public var settings: TrainingSettings

    /// A request to train all parameters, unless it says otherwise.
    public init(
        model: String, data: String, text: TextChoice = TextChoice(), trainable: TrainableParameters = .all,
        settings: TrainingSettings = TrainingSettings()
    ) {
        self.model = model
        self.data = data
        self.text = text
        self.trainable = trainable
        self.settings = settings
    }
}

/// A training on a real model: reads, checks, trains, writes.
public struct TrainingRun {
    /// How a training ended.
    public enum Outcome {
        /// The model is in the training's place; its mean loss over the last epoch, and how far its weights went.
        case written(loss: Double, change: WeightChange?)
        /// It was there already, made by this very call.
        case alreadyThere
    }

    private let request: TrainingRequest
    private let place: RunPlace
    private let resumes: Bool
    /// The least seconds between two checkpoints.
    private let interval: Double
    private let listener: any JobListener

    /// A training whose result appears in `place` when it is complete.
    public init(
        _ request: TrainingRequest, in place: RunPlace, resumes: Bool = false, checkpointEvery interval: Double = 300,
        _ listener: any JobListener
    ) {
        self.request = request
        self.place = place
        self.resumes = resumes
        self.interval = interval
        self.listener = listener
    }

    /// - Throws: `RunError.interrupted` after saving.
    public func run(on backend: any Backend) throws -> Outcome {
        let settings = request.settings
        try settings.validate()
        let opened = try OpenedModel(path: request.model)
        let encoder = try request.text.encoder(for: opened)
        let rows = try DataRows(request.data, encoder)
        for note in opened.notes(encoder) + rows.notes { listener.note(note) }
        let identityOfRequest = RunIdentity(
            settings: settings.codes, text: encoder.settings, trainable: request.trainable,
            data: [.init(role: "training", path: request.data, examples: rows.encoded.count, sha256: rows.sha256)])
        if place.holdsResult(of: identityOfRequest, from: opened.folder.path) {
            try place.acknowledge()
            return .alreadyThere
        }
        // The model, and in the checkpoint its parameters and two moments.
        try place.check(resumes: resumes, bytes: DType.real.byteCount * 4 * opened.parameterCount)
        let loaded = try ModelLoader.load(opened.folder, trainable: request.trainable, seed: settings.seed)
        try place.exporter.check(loaded)
        let identity = identityOfRequest.json(loaded)
        if resumes { try place.checkCheckpoint(identity) }
        let session = try LanguageModelSession(loaded, on: backend)
        let trainer = try Trainer(
            session.loss, session.trainable, examples: ExampleSet(rows.encoded, context: opened.model.dimensions.context), settings,
            on: backend)
        listener.note(
            "Training \(NumberText.grouped(session.split.trainable.count)) parameters on \(rows.encoded.count) examples, "
                + "\(trainer.steps) steps, on \(backend.name)")
        if resumes {
            try trainer.resume(from: place.checkpoint, identity: identity)
            listener.note("Resuming at step \(trainer.step + 1)")
        }
        let saving = Saving(path: place.checkpoint, identity: identity, interval: interval)
        let loss = try TrainingDriver(listener, saving: saving).run(trainer)
        let result = try session.download()
        let change = try WeightChange(sinceLoading: result, writtenAs: place.exporter.precision)
        try place.export(result, identity, extra: opened.rebuiltTokenizerFiles)
        try place.finish()
        return .written(loss: loss, change: change)
    }
}
