import Glibc
import Graph

/// Where the time of a plan's runs goes, by kernel and for matrix products by shape. Made if `OFMU_PROFILE` is set; the table goes
/// to standard error when the executable is let go.
final class KernelProfile {
    private var seconds: [Double]
    private var runs: [Int]
    private let calls: [KernelCall]

    /// Nil unless the environment asks for a profile.
    init?(_ plan: Plan) {
        guard getenv("OFMU_PROFILE") != nil else { return nil }
        calls = plan.calls
        seconds = [Double](repeating: 0, count: calls.count)
        runs = [Int](repeating: 0, count: calls.count)
    }

    func measure(_ step: Int, _ body: () -> Void) {
        let start = Self.now
        body()
        runs[step] += 1
        // The first run touches memory for the first time.
        if runs[step] > 1 { seconds[step] += Self.now - start }
    }

    func report() {
        struct Row { var seconds = 0.0, calls = 0, work = 0.0 }
        var rows: [String: Row] = [:]
        var total = 0.0
        for (index, call) in calls.enumerated() {
            let (name, work) = Self.describe(call)
            rows[name, default: Row()].seconds += seconds[index]
            let counted = max(0, runs[index] - 1)
            rows[name, default: Row()].calls += counted
            rows[name, default: Row()].work += work * Double(counted)
            total += seconds[index]
        }
        var text = "profile: \(calls.count) calls, \(total) s; seconds, calls, GFLOP/s of products or output GB/s\n"
        for (name, row) in rows.sorted(by: { $0.value.seconds > $1.value.seconds }) {
            let rate = row.work / row.seconds / 1e9
            text += "  \(Self.rounded(row.seconds))  \(row.calls)  \(Self.rounded(rate))  \(name)\n"
        }
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }

    /// A row of the table, and what one call does: operations of a product, bytes written by anything else.
    private static func describe(_ call: KernelCall) -> (String, Double) {
        switch call.work {
        case .matmul:
            let (a, b) = (call["strides of a", 4], call["strides of b", 4])
            let size = [call.outputCount / max(1, call["M"] * call["N"]), call["M"], call["N"], call["K"]]
            let turns = (a == 1 ? "" : "aᵀ") + (b == 1 ? "" : "bᵀ")
            return ("matmul \(size.map(String.init).joined(separator: "×")) \(turns)", 2 * size.reduce(1) { $0 * Double($1) })
        case .elements(let count): return (call.kernel.name + layout(call), Double(count * DType.real.byteCount))
        case .rows: return (call.kernel.name, Double(call.outputCount * DType.real.byteCount))
        }
    }

    /// The shape and strides of a strided call, or all integers of another.
    private static func layout(_ call: KernelCall) -> String {
        guard case .strided = call.kernel.division else { return " \(call.integers)" }
        let sizes = call.integers.dropFirst().prefix(Collapse.rank)
        let kept = sizes.indices.filter { sizes[$0] != 1 }
        let views = 1 + call.operands.indices.count { call.kernel.strides(of: $0) != nil }
        let rows = (0..<views).map { view in
            kept.map { "\(call.integers[$0 + view * Collapse.rank])" }.joined(separator: "×")
        }
        return " " + rows[0] + rows.dropFirst().map { " [\($0)]" }.joined()
    }

    private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
