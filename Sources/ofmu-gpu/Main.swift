import ArgumentParser
import Glibc
import Runs

/// The entry point: parses, runs, and turns every error into one message and one exit status.
@main
enum Main {
    static func main() {
        // A file that grows beyond its limit is an error with a message, not a death by signal.
        signal(SIGXFSZ, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        // Parsing may be what fails, so the raw arguments say whether a program is listening.
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        do {
            var command = try Root.parseAsRoot(withEmptyValues(arguments))
            try command.run()
        } catch {
            finish(error, isJSON: isJSON)
        }
    }

    /// ArgumentParser takes `--text=` for an option without a value; here it is one with an empty value.
    private static func withEmptyValues(_ arguments: [String]) -> [String] {
        let options = arguments.prefix { $0 != "--" }
        return options.flatMap { $0.hasPrefix("--") && $0.hasSuffix("=") && $0.count > 3 ? [String($0.dropLast()), ""] : [$0] }
            + arguments[options.endIndex...]
    }

    private static func finish(_ error: any Error, isJSON: Bool) -> Never {
        // Help and the version arrive as errors too.
        if Root.exitCode(for: error) == .success {
            try? StandardStream.output.write(Root.fullMessage(for: error) + "\n")
            exit(ExitStatus.success.rawValue)
        }
        let failure = Failure(error)
        let kind = [.interrupted, .targetUnmet].contains(failure.status) ? "" : "error: "
        try? StandardStream.errors.write("ofmu-gpu: \(kind)\(failure.visible)\n" + failure.usage.visible())
        if isJSON { try? StandardStream.output.write(failure.json.serialized() + "\n") }
        exit(failure.status.rawValue)
    }
}

/// `ofmu-gpu` itself: a name for its subcommands.
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ofmu-gpu",
        abstract: "Makes language models forget chosen data while keeping the rest.",
        discussion: """
            Without a model, "ofmu-gpu run" is a demonstration that needs no downloads. With one, it unlearns:

              ofmu-gpu run --model SmolLM2-135M-Instruct.Q4_1.gguf --forget forget.jsonl --retain retain.jsonl --out DIR

            Exit status: 0 done; 2 bad input, with nothing written; 3 the device failed; 4 \
            done and written, but the forget target was not reached; 70 an error in this program; 74 done \
            and written, but the last words could not be printed; 130 interrupted, after saving where the run stood.
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, TrainCommand.self, DiagnoseCommand.self, GenerateCommand.self, ScoreCommand.self, AlternativesCommand.self,
            EvalCommand.self,
            InspectCommand.self, MethodsCommand.self, TokenizeCommand.self, ExportCommand.self, DevicesCommand.self, BenchCommand.self,
            CompareCommand.self,
        ])
}
