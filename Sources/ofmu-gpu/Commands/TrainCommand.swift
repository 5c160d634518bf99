import ArgumentParser
import Files
import Inference
import Reporting
import Runs
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

    @OptionGroup(title: "Training") var training: SettingOptions<TrainingSettings>
    @OptionGroup var trainable: TrainableOptions
    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard place.out != nil else { throw ValidationError("Missing expected option '--out <folder>'.") }
        try OptionLimits.seconds.check("--checkpoint-every", checkpointEvery)
    }

    func run() throws {
        Interruption.watch()
        let listener = ConsoleListener(output.console)
        let backend = try device.backend()
        let target = RunPlace(place)
        // In place, the model itself may be what an exchange left beside its folder.
        try finishExchange(of: target.path)
        var settings = TrainingSettings()
        try settings.set(training.asked)
        let request = TrainingRequest(
            model: target.source(model.model), data: data, text: text.choice, trainable: trainable.choice, settings: settings)
        let outcome = try TrainingRun(request, in: target, resumes: resume, checkpointEvery: checkpointEvery, listener).run(on: backend)
        try target.tell {
            guard case .written(let loss, let change) = outcome else { return try output.console.sayComplete(target) }
            try output.console.say(
                "Mean loss over the last epoch \(NumberText.fixed(loss, 4)). "
                    + "Wrote \(target.path)\(change?.complaint.map { ", but " + $0 } ?? "").")
            try output.console.emit([
                "event": "exported", "folder": .string(target.path), "loss": .number(loss), "weight_change": change?.json ?? .null,
            ])
        }
    }
}
