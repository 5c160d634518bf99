import ArgumentParser

/// The benchmarks.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures kernels and whole steps on this machine.",
        subcommands: [BenchStepCommand.self, BenchKernelsCommand.self])
}
