import ArgumentParser
import Evaluation
import Runs

/// Benchmarks that `eval` asks in a form of their own.
struct BenchmarkOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("WMDP's questions about biology: rows of question, choices (four) and answer.", valueName: "path"))
    var wmdpBio: String?

    @Option(name: .long, help: ArgumentHelp("WMDP's questions about chemistry.", valueName: "path"))
    var wmdpChem: String?

    @Option(name: .long, help: ArgumentHelp("WMDP's questions about cybersecurity.", valueName: "path"))
    var wmdpCyber: String?

    @Option(name: .long, help: ArgumentHelp("MMLU's questions, for what is kept: such rows with a subject.", valueName: "path"))
    var mmlu: String?

    @Option(
        name: .long,
        help: ArgumentHelp("MUSE's data: knowmem, verbmem and privleak as the benchmark's script writes them.", valueName: "folder"))
    var muse: String?

    var choices: [ChoiceTask: String] {
        let files: [ChoiceTask: String?] = [.biology: wmdpBio, .chemistry: wmdpChem, .cybersecurity: wmdpCyber, .mmlu: mmlu]
        return files.compactMapValues { $0 }
    }
}
