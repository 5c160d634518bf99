import ArgumentParser
import Backends
import Benchmarking
import Files
import Glibc
import Reporting
import Runs

/// Times kernels one by one.
struct BenchKernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Times every family of kernels, and matrix products against OpenBLAS in the same run.",
        discussion: """
            First the machine's own peak is measured: a large product by OpenBLAS, and a sum of two arrays far larger than the \
            caches. Every kernel is then given as a fraction of the peak that bounds it, arithmetic or memory. Arrays that fit a \
            cache can exceed the memory's peak. For a GPU the processors' peak is no yardstick and no fraction is given.

            Example: ofmu-gpu bench kernels --device opencl --json
            """)

    @Option(name: .long, help: ArgumentHelp("Only kernels whose name begins so.", valueName: "prefix"))
    var only = ""

    @Option(name: .long, help: "Seconds of repeats for each kernel.")
    var seconds = 0.3

    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Limits.above(0, to: 3600).check("--seconds", seconds)
        guard KernelBenchmark.all.contains(where: { $0.kernel.hasPrefix(only) }) else {
            throw ValidationError("No kernel's name begins with \"\(only)\".")
        }
    }

    func run() throws {
        let console = output.console
        let backend = try device.backend()
        let wanted = getenv("OFMU_THREADS").flatMap { Int(String(cString: $0)) }
        let threads = min(max(1, wanted ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), 1024)
        let peak = MachinePeak.measure(threads: threads, seconds: seconds)
        let isCPU =
            backend.name == "cpu"
            || DeviceCatalogue.devices().contains { $0.selector == backend.name && $0.kind == .cpu }
        try console.say(backend.summary)
        try console.say(
            "Peak of \(threads) threads: \(NumberText.fixed(peak.flopsPerSecond / 1e9, 1)) GFLOP/s (OpenBLAS, 1536^3), "
                + "\(NumberText.fixed(peak.bytesPerSecond / 1e9, 1)) GB/s (triad)")
        try console.say(
            Format.padded("kernel", 24) + Format.padded("size", 32) + "        us   GFLOP/s      GB/s   of peak  OpenBLAS")
        try console.emit([
            "event": "peak", "device": .string(backend.name), "summary": .string(backend.summary),
            "threads": .integer(threads), "gflops": .number(peak.flopsPerSecond / 1e9),
            "gbytes_per_second": .number(peak.bytesPerSecond / 1e9),
        ])
        for benchmark in KernelBenchmark.all where benchmark.kernel.hasPrefix(only) {
            let time = try benchmark.seconds(on: backend, budget: seconds)
            // The two take turns, so that neither profits from a quieter moment.
            let library = benchmark.product.map {
                MachinePeak.product($0.m, $0.n, $0.k, threads: threads, seconds: seconds)
            }
            let row = Row(benchmark, time, peak: isCPU ? peak : nil, library: library)
            try console.say(row.text)
            try console.emit(row.json(device: backend.name))
        }
    }
}

/// One kernel's line.
private struct Row {
    let benchmark: KernelBenchmark
    let seconds: Double
    let library: Double?
    let fraction: Double?

    init(_ benchmark: KernelBenchmark, _ seconds: Double, peak: MachinePeak?, library: Double?) {
        self.benchmark = benchmark
        self.seconds = seconds
        self.library = library
        // Whatever takes longer at its peak is what bounds the kernel.
        fraction = peak.map {
            max(benchmark.flops / $0.flopsPerSecond, benchmark.bytes / $0.bytesPerSecond) / seconds
        }
    }

    private func rate(_ value: Double) -> Double { value / seconds / 1e9 }

    var text: String {
        let columns = [
            (seconds * 1e6, 1, 10), (rate(benchmark.flops), 1, 10), (rate(benchmark.bytes), 1, 10),
        ].map { Format.padded(NumberText.fixed($0.0, $0.1), $0.2, right: true) }.joined()
        let share = fraction.map { "\(NumberText.fixed(100 * $0, 0))%" } ?? "-"
        let other = library.map { NumberText.fixed($0 / 1e9, 1) } ?? ""
        return Format.padded(benchmark.kernel, 24) + Format.padded(benchmark.size, 32) + columns
            + Format.padded(share, 10, right: true) + Format.padded(other, 10, right: true)
    }

    func json(device: String) -> JSONValue {
        [
            "event": "kernel", "device": .string(device), "kernel": .string(benchmark.kernel), "size": .string(benchmark.size),
            "seconds": .number(seconds), "gflops": .number(rate(benchmark.flops)),
            "gbytes_per_second": .number(rate(benchmark.bytes)), "fraction_of_peak": fraction.map { .number($0) } ?? .null,
            "openblas_gflops": library.map { .number($0 / 1e9) } ?? .null,
        ]
    }
}
