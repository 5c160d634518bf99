import ArgumentParser
import Models
import Unlearning

/// The main job: unlearning, or a demonstration of it.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Makes a model forget chosen data; without a model, shows how on a small one.",
        discussion: """
            Without --model a demonstration runs, in under three minutes: fictitious people are made up, a small decoder learns \
            them, forgets some, and is compared with one that never knew them.

            With a model, --forget names the data to forget, --retain the data to keep, and --out the folder for the result: the \
            model as transformers loads it, report.json and report.md. The folder appears when all is done. Until then a \
            checkpoint lies beside it (OUT.checkpoint); after Ctrl-C or a crash, the same command with --resume continues.

            Examples:
              ofmu-gpu run
              ofmu-gpu run --model MODEL --forget forget.jsonl --retain retain.jsonl --out FORGOTTEN
              ofmu-gpu run --model MODEL --forget forget.jsonl --retain retain.jsonl --plan
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The model: a GGUF file or a Hugging Face folder. Without it, the demonstration runs.", valueName: "path"))
    var model: String?

    @Option(name: .long, help: ArgumentHelp("The data to forget (JSON or JSONL).", valueName: "path"))
    var forget: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The data to keep (JSON or JSONL). Gradient ascent does without.", valueName: "path"))
    var retain: String?

    @OptionGroup var place: PlaceOptions

    @Flag(name: .long, help: "Continue an interrupted run from its checkpoint.")
    var resume = false

    @Flag(name: .long, help: "Only say what a run would do and take; nothing is changed or written.")
    var plan = false

    @Option(
        name: .long,
        help: ArgumentHelp("The least seconds between two checkpoints, which are saved at the ends of rounds.", valueName: "seconds"))
    var checkpointEvery = 60.0

    @Flag(name: .long, help: .hidden)
    var tiny = false

    @OptionGroup(title: "Unlearning") var unlearning: UnlearningOptions
    @OptionGroup(title: "Parameters that move") var moving: MovingOptions
    @OptionGroup(title: "Evaluation") var evaluation: EvaluationOptions
    @OptionGroup(title: "Data") var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    /// Whether nothing real was asked for.
    var isDemo: Bool { model == nil && forget == nil && retain == nil }

    func validate() throws {
        if isDemo {
            if resume || plan { throw ValidationError("--resume and --plan need --model, --forget and --retain.") }
        } else {
            let needed = [("--model", model), ("--forget", forget)] + (unlearning.method.usesRetain ? [("--retain", retain)] : [])
            if let (name, _) = needed.first(where: { $0.1 == nil }) { throw ValidationError("\(name) is missing.") }
            if place.out == nil, !plan { throw ValidationError("--out is missing: where should the model go?") }
        }
        try OptionLimits.seconds.check("--checkpoint-every", checkpointEvery)
        try DataRows.checkStandardInput([forget, retain])
    }

    func run() throws {
        Interruption.watch()
        if isDemo {
            try DemoRun(options: self).run()
        } else {
            try ModelRun(options: self).run()
        }
    }
}
