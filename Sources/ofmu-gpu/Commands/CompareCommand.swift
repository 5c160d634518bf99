import ArgumentParser
import Comparison
import Files
import Reporting
import Runs
import Unlearning

/// Methods against each other, from one plan.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares methods of unlearning with each other and with retraining, from a plan file.",
        discussion: """
            A plan (TOML) names data, models or how they are trained, methods with the settings they may try, seeds, and what a cell \
            may spend. Every cell's numbers go to results.sqlite in the folder of results; what is done stays done, and after Ctrl-C \
            or a kill the same command goes on with the next cell. docs/compare.md explains the plan and the report.

            Examples:
              ofmu-gpu compare plan.toml --dry-run
              ofmu-gpu compare plan.toml --data TOFU --out RESULTS
              ofmu-gpu compare --report RESULTS/results.sqlite
            """)

    @Argument(help: ArgumentHelp("The plan; for a report alone, or its results.sqlite.", valueName: "plan.toml"))
    var plan: String

    @Option(name: .long, help: ArgumentHelp("The folder that the plan's data files are in.", valueName: "folder"))
    var data: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder of the results (default: PLAN-results).", valueName: "folder"))
    var out: String?

    @Flag(name: .long, help: "Only list the cells and say what each would take; nothing is written.")
    var dryRun = false

    @Flag(name: .long, help: "Only write the report on what is done.")
    var report = false

    @Flag(name: .long, help: "Add what is new in the plan's methods and seeds to results that are there.")
    var extend = false

    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if dryRun, report { throw ValidationError("--dry-run and --report exclude each other.") }
    }

    func run() throws {
        Interruption.watch()
        let console = output.console
        if report { return try writeReport(plan.hasSuffix(".toml") ? ComparisonRun.results(of: read()) : plan, console) }
        let plan = try read()
        let comparison = try ComparisonRun(plan, ConsoleListener(console))
        let backend = try device.backend()
        if dryRun { return try show(comparison.forecasts(on: backend), of: plan, console) }
        let outcome = try comparison.run(on: backend, extends: extend)
        try console.say(
            "\(outcome.done) cells done, \(outcome.kept) were there, \(outcome.failed) came to no result. Results: "
                + ComparisonRun.results(of: plan))
        try console.emit([
            "event": "compared", "done": .integer(outcome.done), "kept": .integer(outcome.kept), "failed": .integer(outcome.failed),
            "results": .string(ComparisonRun.results(of: plan)),
        ])
        try writeReport(ComparisonRun.results(of: plan), console)
    }

    private func read() throws -> ComparisonPlan { try ComparisonPlan(contentsOf: plan, data: data, out: out) }

    private func writeReport(_ results: String, _ console: Console) throws {
        let folder = plan.hasSuffix(".toml") ? parentFolder(of: results) : out ?? parentFolder(of: results)
        let paths = try ComparisonReport(ResultStore(reading: results)).write(to: folder)
        try console.say("Wrote " + paths.joined(separator: ", "))
        try console.emit(["event": "report", "files": .array(paths.map { .string($0) })])
    }

    private func show(_ forecasts: [ComparisonRun.Forecast], of plan: ComparisonPlan, _ console: Console) throws {
        for forecast in forecasts {
            try console.say(forecast.cell.key + (forecast.cost.map { ": a round takes \($0.text)" } ?? ""))
            try console.emit([
                "event": "cell", "cell": .string(forecast.cell.key), "round": forecast.cost?.json ?? .null,
            ])
        }
        try console.say("\(plan.cellCount) cells with all \(plan.seeds.count) seeds.")
    }
}
