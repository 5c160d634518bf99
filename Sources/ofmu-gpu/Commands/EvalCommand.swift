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
            paraphrased_question, as TOFU's do. What a metric lacks is said beside it. Benchmarks with rows of their own have options of \
            their own (docs/metrics.md).

            Writes eval.json (every metric with source, direction, target, interval and the value of each example, every question with \
            its answer), eval.csv, and TOFU_EVAL.json in open-unlearning's form. Until the folder appears, what is measured lies beside it \
            (OUT.checkpoint); after Ctrl-C or a crash, the same command with --resume continues.

            Example: ofmu-gpu eval --model FORGOT --forget forget10_perturbed.jsonl --retain retain_perturbed.jsonl --reference RETRAINED \
            --out RESULTS
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .long, help: ArgumentHelp("What was to be forgotten.", valueName: "path"))
    var forget: String?

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

    @Flag(name: .long, help: "Continue an interrupted evaluation from its checkpoint.")
    var resume = false

    @Option(name: .long, help: ArgumentHelp("The most rows taken of each set, evenly (default: all).", valueName: "rows"))
    var limit: Int?

    @Option(name: .long, help: "The most tokens of a generated answer; 0 generates none.")
    var answerTokens = 200

    @Flag(name: .long, help: "Ask the forget set's paraphrased questions too.")
    var paraphrasedQuestions = false

    @Option(name: .long, help: "How many rows are computed together.")
    var batchSize = 16

    @Option(name: .long, help: "The seed of the intervals and of sampled answers.")
    var seed: UInt64 = 0

    @OptionGroup(title: "Beyond one answer to one question") var probing: ProbingOptions
    @OptionGroup(title: "Other benchmarks") var benchmarks: BenchmarkOptions
    @OptionGroup(title: "Does it last") var robustness: RobustnessOptions
    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Limits.from(1, to: 100_000).check("--batch-size", batchSize)
        try Limits.from(1, to: 1_000_000_000).check("--limit", limit)
        try Limits.from(0, to: 1_000_000).check("--answer-tokens", answerTokens)
        if probing.samples != nil, answerTokens == 0 {
            throw ValidationError("--samples draws answers, and --answer-tokens 0 generates none; give one of them.")
        }
        let files: [String?] = Array(questions.values) + [plainText] + benchmarks.choices.values.map { $0 }
        try DataRows.checkStandardInput(files + [known])
        if benchmarks.muse != nil, forget != nil || holdout != nil {
            throw ValidationError(
                "--muse brings its own forget and holdout texts, whose metrics have the same names; leave out --forget, --holdout.")
        }
        guard benchmarks.muse != nil || files.contains(where: { $0 != nil }) else {
            throw ValidationError("Nothing is to be measured; give --forget, --muse, --wmdp-bio or another set of questions or texts.")
        }
        let ofForget = ["--samples": probing.samples != nil, "--prefix": probing.prefix != nil].merging(robustness.asked) { $1 }
        if forget == nil, let option = ofForget.filter(\.value).keys.min() {
            throw ValidationError("\(option) is about the forget set; give --forget too.")
        }
    }

    private var questions: [EvaluationRole: String?] {
        [
            .forget: forget, .retain: retain, .realAuthors: realAuthors, .worldFacts: worldFacts, .holdout: holdout,
            .neighbours: neighbours,
        ]
    }

    func run() throws {
        Interruption.watch()
        let console = output.console
        var request = EvaluationRequest(model: model.model, questions: questions.compactMapValues { $0 }, text: text.choice)
        (request.choices, request.muse) = (benchmarks.choices, benchmarks.muse)
        (request.plainText, request.known, request.reference, request.judge) = (plainText, known, reference, judge)
        (request.limit, request.seed) = (limit, seed)
        (request.original, request.robustness) = (robustness.original, try robustness.evaluator(seed: seed))
        request.options.generates = answerTokens > 0
        request.options.maximumTokens = max(1, answerTokens)
        request.options.rephrases = paraphrasedQuestions
        request.options.batchSize = batchSize
        request.options.measuresConfidence = true
        request.options.sampling = probing.sampling(seed: seed)
        request.options.prefixes = try probing.shares
        request.robustness.batchSize = batchSize
        let report = try EvaluationRun(request, ConsoleListener(console)).run(
            on: try device.backend(), writingTo: EvaluationPlace(out, replacing: replace), resumes: resume)
        try RunError.telling("The results are complete in \(out).") {
            try console.say(report.table(OutputStyle.detect()))
            try console.say(
                "\(report.items) items in \(NumberText.duration(report.seconds)), \(NumberText.fixed(report.itemsPerSecond, 2)) items/s; "
                    + "written to \(out)")
            try console.emit(report.json)
        }
    }
}
