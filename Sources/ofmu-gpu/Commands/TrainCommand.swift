import ArgumentParser
import Files
import Models
import Reporting
import Text
import Unlearning

/// Ordinary fine-tuning.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Fine-tunes a model on data, so that there is something to forget.",
        discussion: """
            AdamW on the answers' loss; the rate rises over the warm-up and then falls in a line that would reach zero one step after \
            the last. Until the folder appears, \
            a checkpoint lies beside it (OUT.checkpoint); after Ctrl-C or a crash, the same command with --resume continues.

            Example: ofmu-gpu train --model MODEL --data authors.jsonl --epochs 10 --lr 1e-4 --out TRAINED
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The data file (JSON or JSONL).", valueName: "path"))
    var data: String

    @OptionGroup var place: PlaceOptions

    @Flag(name: .long, help: "Continue an interrupted training from its checkpoint.")
    var resume = false

    @Option(name: .long, help: ArgumentHelp("The least seconds between two checkpoints.", valueName: "seconds"))
    var checkpointEvery = 300.0

    @Option(name: .long, help: "How often every example is seen.")
    var epochs = TrainingSettings().epochs

    @Option(name: .long, help: "Steps in all, instead of --epochs.")
    var steps: Int?

    @Option(name: .long, help: "Examples in a batch.")
    var batchSize = TrainingSettings().batch

    @Option(name: [.customLong("lr"), .long], help: "The largest learning rate.")
    var learningRate = TrainingSettings().rate

    @Option(name: .long, help: "Steps over which the rate rises from zero.")
    var warmUp = 0

    @Option(name: .long, help: "AdamW's weight decay.")
    var weightDecay = 0.01

    @Option(name: .long, help: "Gradients longer than this are shortened to it.")
    var clip = 1.0

    @Option(name: .long, help: "The beginning of the random numbers; it decides the order of the data.")
    var seed: UInt64 = 0

    @OptionGroup var moving: MovingOptions
    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard place.out != nil else { throw ValidationError("Missing expected option '--out <folder>'.") }
        try OptionLimits.seconds.check("--checkpoint-every", checkpointEvery)
        do { try settings.validate() } catch { throw ValidationError("\(error)") }
    }

    private var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.epochs = epochs
        settings.steps = steps
        settings.batch = batchSize
        settings.rate = learningRate
        settings.warmUp = warmUp
        settings.optimiser = AdamW(decay: weightDecay)
        settings.clip = clip
        settings.seed = seed
        return settings
    }

    func run() throws {
        Interruption.watch()
        let console = output.console
        let settings = settings
        try settings.validate()
        let backend = try device.backend()
        let target = RunPlace(place)
        // In place, the model itself may be what an exchange left beside its folder.
        try finishExchange(of: target.path)
        let opened = try OpenedModel(path: target.source(model.model))
        let encoder = try text.encoder(for: opened)
        let rows = try DataRows(data, encoder, opened.model.dimensions)
        for note in opened.notes(encoder) + rows.notes { console.note(note) }
        let request = RunIdentity(
            settings: "\(settings)", text: encoder.settings, moving: moving.choice,
            data: [.init(role: "training", path: data, examples: rows.encoded.count, sha256: rows.sha256)])
        if target.holdsResult(of: request, from: opened.folder.path) { return try target.acknowledge(console) }
        // The model, and in the checkpoint its parameters and two moments.
        try target.check(resumes: resume, bytes: 4 * 4 * opened.model.specifications.reduce(0) { $0 + $1.count })
        let loaded = try ModelLoader.load(opened.folder, moving: moving.choice, seed: seed)
        try target.exporter.check(loaded)
        let identity = request.json(loaded)
        if resume { try target.checkCheckpoint(identity) }
        let session = try LanguageModelSession(loaded, on: backend)
        let trainer = try Trainer(
            session.loss, session.moving, ExampleSet(rows.encoded, context: opened.model.dimensions.context), settings,
            on: backend)
        console.note(
            "Training \(NumberText.grouped(session.split.moving.count)) parameters on \(rows.encoded.count) examples, "
                + "\(trainer.steps) steps, on \(backend.name)")
        if resume {
            try trainer.resume(from: target.checkpoint, identity: identity)
            console.note("Resuming at step \(trainer.step + 1)")
        }
        let saving = Saving(path: target.checkpoint, identity: identity, interval: checkpointEvery)
        let loss = try TrainingDriver(console: console, saving: saving).run(trainer)
        let result = try session.download()
        let change = try WeightChange(sinceLoading: result, writtenAs: place.dtype)
        try target.export(result, identity, extra: opened.rebuiltTokenizerFiles)
        try target.finish {
            try console.say(
                "Mean loss over the last epoch \(NumberText.fixed(loss, 4)). "
                    + "Wrote \(target.path)\(change?.complaint.map { ", but " + $0 } ?? "").")
            try console.emit([
                "event": "exported", "folder": .string(target.path), "loss": .number(loss), "weight_change": change?.json ?? .null,
            ])
        }
    }
}
