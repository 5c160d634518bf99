import ArgumentParser
import Evaluation
import Files
import Reporting
import Runs

/// The field's metrics of one model, beside those of a model that never saw the forget set.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures what a model has forgotten and kept.",
        discussion: """
            Files hold question and answer and, for some metrics, paraphrased_answer, perturbed_answer (a list of wrong answers) and \
            paraphrased_question, as TOFU's do. What a metric lacks is said beside it.

            Writes eval.json (every metric with source, direction, target, interval and the value of each example, every question with \
            its answer), eval.csv, and TOFU_EVAL.json in open-unlearning's form.

            Example: ofmu-gpu eval --model FORGOT --forget forget10_perturbed.jsonl --retain retain_perturbed.jsonl --reference RETRAINED \
            --out RESULTS
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .long, help: ArgumentHelp("What was to be forgotten.", valueName: "path"))
    var forget: String

    @Option(name: .long, help: ArgumentHelp("What was to be kept.", valueName: "path"))
    var retain: String?

    @Option(name: .long, help: ArgumentHelp("Questions about real authors.", valueName: "path"))
    var realAuthors: String?

    @Option(name: .long, help: ArgumentHelp("Questions about the world.", valueName: "path"))
    var worldFacts: String?

    @Option(name: .long, help: ArgumentHelp("Rows like the forget set's that no model was trained on.", valueName: "path"))
    var holdout: String?

    @Option(name: .long, help: ArgumentHelp("What stands near the forget set, in neither file.", valueName: "path"))
    var neighbours: String?

    @Option(name: .customLong("text"), help: ArgumentHelp("Plain text whose perplexity is measured.", valueName: "path"))
    var plainText: String?

    @Option(name: .long, help: ArgumentHelp("More rows whose words are known words, such as the training data.", valueName: "path"))
    var known: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A model that never saw the forget set, or its results (the folder, eval.json or TOFU_EVAL.json).", valueName: "path"))
    var reference: String?

    @Option(name: .long, help: ArgumentHelp("A model under which the answers' perplexity is measured.", valueName: "path"))
    var judge: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write the results to.", valueName: "folder"))
    var out: String

    @Flag(name: .long, help: "Replace results that are already in the folder.")
    var replace = false

    @Option(name: .long, help: ArgumentHelp("The most rows taken of each set, evenly (default: all).", valueName: "rows"))
    var limit: Int?

    @Option(name: .long, help: "The most tokens of a generated answer; 0 generates none.")
    var answerTokens = 200

    @Flag(name: .long, help: "Ask the forget set's paraphrased questions too.")
    var paraphrasedQuestions = false

    @Option(name: .long, help: "How many rows are computed together.")
    var batchSize = 16

    @Option(name: .long, help: "The seed of the intervals.")
    var seed: UInt64 = 0

    @OptionGroup(title: "Does it last") var robustness: RobustnessOptions
    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Limits.from(1, to: 100_000).check("--batch-size", batchSize)
        try Limits.from(1, to: 1_000_000_000).check("--limit", limit)
        try Limits.from(0, to: 1_000_000).check("--answer-tokens", answerTokens)
        try DataRows.checkStandardInput([forget, retain, realAuthors, worldFacts, holdout, neighbours, plainText, known])
    }

    func run() throws {
        let console = output.console
        let files: [EvaluationRole: String?] = [
            .forget: forget, .retain: retain, .realAuthors: realAuthors, .worldFacts: worldFacts, .holdout: holdout,
            .neighbours: neighbours,
        ]
        var request = EvaluationRequest(model: model.model, questions: files.compactMapValues { $0 }, text: text.choice)
        (request.plainText, request.known, request.reference, request.judge) = (plainText, known, reference, judge)
        (request.limit, request.seed) = (limit, seed)
        (request.original, request.robustness) = (robustness.original, try robustness.evaluator(seed: seed))
        request.options.generates = answerTokens > 0
        request.options.maximumTokens = max(1, answerTokens)
        request.options.rephrases = paraphrasedQuestions
        request.options.batchSize = batchSize
        request.robustness.batchSize = batchSize
        let report = try EvaluationRun(request, ConsoleListener(console)).run(
            on: try device.backend(), writingTo: EvaluationPlace(out, replacing: replace))
        try RunError.telling("The results are complete in \(out).") {
            try console.say(report.table(OutputStyle.detect()))
            try console.say(
                "\(report.items) items in \(NumberText.duration(report.seconds)), \(NumberText.fixed(report.itemsPerSecond, 2)) items/s; "
                    + "written to \(out)")
            try console.emit(report.json)
        }
    }
}
