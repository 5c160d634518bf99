import ArgumentParser
import Backends
import Demo
import Files
import Inference
import Reporting
import Runs
import Unlearning

/// The main job: unlearning, or a demonstration of it.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Makes a model forget chosen data; without a model, shows how on a small one.",
        discussion: """
            Without --model a demonstration runs, in under a minute: fictitious people are made up, a small decoder learns \
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

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Other answers to the forget rows' questions, row by row, for methods that ask for them; without, the model invents them.",
            valueName: "path"))
    var alternatives: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A model that never saw the forget rows, such as the one before fine-tuning. Without a method, the run then forgets every "
                + "word as far as that model would not know it.", valueName: "path"))
    var reference: String?

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

    @Flag(
        name: .long,
        help: "Start from the algorithm as printed (arXiv 2509.22483): absolute weights, plain steps, exact derivatives, no target.")
    var paper = false

    @OptionGroup(title: "Unlearning") var unlearning: SettingOptions<UnlearningSettings>
    @OptionGroup(title: "Trainable parameters") var trainable: TrainableOptions
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
            let needed =
                [("--model", model), ("--forget", forget)] + (try settings().method.usesRetain ? [("--retain", retain)] : [])
            if let (name, _) = needed.first(where: { $0.1 == nil }) { throw ValidationError("\(name) is missing.") }
            if place.out == nil, !plan { throw ValidationError("--out is missing: where should the model go?") }
        }
        try OptionLimits.seconds.check("--checkpoint-every", checkpointEvery)
        try DataRows.checkStandardInput([forget, retain, alternatives])
    }

    func run() throws {
        Interruption.watch()
        let start = SteadyClock.seconds
        let listener = ConsoleListener(output.console)
        let backend = try device.backend()
        if isDemo { return try demonstrate(on: backend, listener, since: start) }
        let place = RunPlace(place)
        // In place, the model itself may be what an exchange left beside its folder.
        if !plan { try finishExchange(of: place.path) }
        let request = UnlearningRequest(
            model: place.source(model ?? ""), forget: forget ?? "", retain: retain, alternatives: alternatives, reference: reference,
            text: text.choice, trainable: trainable.choice,
            judging: evaluation.judging
        ) { try settings(for: $0) }
        let prepared = try PreparedRun(request, listener)
        if plan { return try show(RunPlan(prepared, on: backend)) }
        let outcome = try UnlearningRun(prepared, in: place, resumes: resume, checkpointEvery: checkpointEvery).run(on: backend)
        guard case .written(let report) = outcome else { return try output.console.sayComplete(place) }
        try place.tell {
            try output.console.show(report)
            try output.console.say(
                "Wrote the model and report.md to \(place.path)\(report.change?.complaint.map { ", but " + $0 } ?? "").")
        }
        if let shortfall = report.shortfall {
            throw RunError.targetUnmet("\(shortfall) More --rounds, a lower --forget-target or a larger --retain-floor may help.")
        }
    }

    private func settings(vocabulary: Int? = nil, base: UnlearningSettings = UnlearningSettings()) throws -> UnlearningSettings {
        try UnlearningSettings(unlearning.asked, isPaper: paper, vocabulary: vocabulary, base: base)
    }

    /// The settings of a run on a model. Without a method they are those of the standard one, unless parts of others are asked for.
    private func settings(for facts: RunFacts) throws -> UnlearningSettings {
        var asked = unlearning.asked
        let isOpen = ["method", "forget-objective", "retain-objective", "combination"].allSatisfy { (asked[$0] ?? "auto") == "auto" }
        if isOpen, !paper {
            let (others, reference) = (facts.hasAlternatives, facts.hasReference)
            asked["method"] = UnlearningMethod.standard(hasAlternatives: others, hasReference: reference).name
        }
        return try UnlearningSettings(asked, isPaper: paper, vocabulary: facts.vocabulary)
    }

    private func show(_ plan: RunPlan) throws {
        for (label, value) in plan.lines { try output.console.say(Format.padded(label, 16) + value) }
        try output.console.emit(plan.json)
    }

    private func demonstrate(on backend: any Backend, _ listener: ConsoleListener, since start: Double) throws {
        let place = place.out == nil ? nil : RunPlace(place)
        let request = DemoRequest(
            seed: try settings().seed, scale: tiny ? .tiny : .standard, judging: evaluation.judging,
            target: paper || unlearning["forget-target"] != nil
                ? .settings : unlearning["token-cap"] == nil ? .strangers : .strangersCapped
        ) { try settings(vocabulary: $0, base: $1) }
        let report = try DemoRun(request, in: place, precision: self.place.dtype, listener).run(on: backend)
        func show() throws {
            try output.console.show(report)
            if let place { try output.console.say("Wrote the model, its data and report.md to \(place.path).") }
            try output.console.say("All of it took \(NumberText.duration(SteadyClock.seconds - start)).")
        }
        if let place { try place.tell(show) } else { try show() }
    }
}
