import ArgumentParser
import Benchmarking
import Files
import Reporting
import Runs
import Unlearning

/// Times the parts of an unlearning step.
struct BenchStepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Times the parts of one unlearning step on random weights and tokens.",
        discussion: """
            Each operation runs in a process of its own, so that its peak memory is its own. Reported are the median seconds of \
            the repeats after one run that is not counted, the peak resident bytes, and the floating-point operations.

            Benchmarks/peers has the same operations in PyTorch.

            Example: ofmu-gpu bench step --shape tiny --json
            """)

    @Option(name: .long, help: "The model: tiny (4 layers of width 128) or smol (as SmolLM2-135M).")
    var shape = StepShape.tiny

    @Option(name: .long, help: "Sequences in a batch (default: 16 for tiny, 4 for smol).")
    var batch: Int?

    @Option(name: .long, help: "Tokens in a sequence (default: 64).")
    var seq: Int?

    @Option(name: .long, help: "Timed repeats (default: 7 for tiny, 3 for smol).")
    var repeats: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What to measure, separated by commas: \(StepMeasurement.Operation.allCases.map(\.rawValue).joined(separator: ", ")) "
                + "(default: all of them).", valueName: "list"))
    var operations: String?

    @Option(name: .long, help: .hidden)
    var child: StepMeasurement.Operation?

    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try UnlearningSettings.batchLimits.check("--batch", batch)
        try Limits.from(1, to: 1_000_000).check("--repeats", repeats)
        try Limits.from(2, to: 2048).check("--seq", seq)
        _ = try chosen()
    }

    func run() throws {
        if let child { return try measure(child) }
        let console = output.console
        // A wrong name should not have to fail in every child.
        let name = try device.backend().name
        try console.say(
            "\(shape.rawValue), batch \(batch ?? shape.batch) x \(seq ?? shape.length) tokens, on \(name)")
        try console.say("operation       seconds   GFLOP/s        peak")
        for operation in try chosen() {
            let result = try ChildProcess.run(arguments(operation))
            guard result.status == 0, var json = try? JSONValue(parsing: Array(result.output.utf8)).asObject else {
                throw RunError.badInput(
                    "\(operation.rawValue) could not be measured; its process ended with status \(result.status). "
                        + "Status 137 usually means that memory ran out.")
            }
            json["peak_resident_bytes"] = .integer(result.peakResidentBytes)
            try console.emit(.object(json))
            let seconds = json["seconds"]?.asDouble ?? .nan
            let speed = (json["flops"]?.asDouble ?? .nan) / seconds / 1e9
            try console.say(
                Format.padded(operation.rawValue, 12) + Format.padded(NumberText.fixed(seconds, 4), 11, right: true)
                    + Format.padded(NumberText.fixed(speed, 1), 10, right: true)
                    + Format.padded(NumberText.bytes(result.peakResidentBytes), 12, right: true) + "   \(operation.meaning)")
        }
    }

    private func chosen() throws -> [StepMeasurement.Operation] {
        guard let operations else { return StepMeasurement.Operation.allCases }
        return try operations.split(separator: ",").map { name throws in
            guard let operation = StepMeasurement.Operation(rawValue: String(name)) else {
                throw ValidationError("There is no operation \"\(name)\" to measure.")
            }
            return operation
        }
    }

    private func arguments(_ operation: StepMeasurement.Operation) -> [String] {
        [
            "bench", "step", "--child", operation.rawValue, "--shape", shape.rawValue, "--device", device.device,
            "--batch", "\(batch ?? shape.batch)", "--seq", "\(seq ?? shape.length)",
            "--repeats", "\(repeats ?? shape.repeats)",
        ]
    }

    /// The child's part: one operation, one line.
    private func measure(_ operation: StepMeasurement.Operation) throws {
        let backend = try device.backend()
        let measurement = StepMeasurement(
            shape: shape, batch: batch ?? shape.batch, length: seq ?? shape.length, repeats: repeats ?? shape.repeats)
        let result = try measurement.run(operation, on: backend)
        try output.console.emitAlways([
            "engine": "ofmu-gpu", "version": .string(Version.text), "device": .string(backend.name),
            "shape": .string(shape.rawValue), "batch": .integer(measurement.batch), "seq": .integer(measurement.length),
            "operation": .string(operation.rawValue), "seconds": .number(result.seconds),
            "least_seconds": .number(result.least), "repeats": .integer(measurement.repeats),
            "flops": .integer(result.flops), "plan_bytes": .integer(result.planBytes),
        ])
    }
}

extension StepShape: ExpressibleByArgument {}
extension StepMeasurement.Operation: ExpressibleByArgument {}
