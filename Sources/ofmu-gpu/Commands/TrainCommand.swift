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
            AdamW on the answers' loss; the rate rises over the warm-up and then falls in a line to zero.

            Example: ofmu-gpu train --model MODEL --data authors.jsonl --epochs 10 --lr 1e-4 --out TRAINED
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The data file (JSON or JSONL).", valueName: "path"))
    var data: String

    @OptionGroup var place: PlaceOptions

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
        guard weightDecay >= 0 else { throw ValidationError("--weight-decay must be 0 or more, not \(weightDecay).") }
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
        let opened = try model.open()
        let encoder = try text.encoder(for: opened)
        let rows = try DataRows(data, encoder, opened.model.dimensions)
        let target = RunPlace(path: place.out ?? "", replaces: place.replace)
        try target.check(resumes: false, bytes: 4 * opened.model.specifications.reduce(0) { $0 + $1.count })
        let session = try opened.session(on: backend, moving: moving.choice, seed: seed)
        let trainer = try Trainer(
            session.loss, session.moving, ExampleSet(rows.encoded, context: opened.model.dimensions.context), settings,
            on: backend)
        console.note(
            "Training \(NumberText.grouped(session.split.moving.count)) parameters on \(rows.encoded.count) examples, "
                + "\(trainer.steps) steps, on \(backend.name)")
        let epochSteps = max(1, rows.encoded.count / batchSize)
        let loss = try TrainingDriver(console: console).run(trainer, epochSteps: epochSteps)
        try ModelExporter(precision: place.dtype, replacing: place.replace)
            .export(session.download(), to: target.path, extra: opened.rebuiltTokenizerFiles)
        try console.say("Wrote \(target.path); mean loss over the last epoch \(NumberText.fixed(loss, 4)).")
        try console.emit(["event": "exported", "folder": .string(target.path), "loss": .number(loss)])
    }
}
