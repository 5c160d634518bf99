import CKernels
import Graph

/// How the units of one call spread over threads.
struct WorkDivision: Hashable {
    /// Units of the C kernel's work.
    var units: Int
    /// Units per chunk; the last chunk may be shorter.
    var chunk: Int
    var chunks: Int
    /// Pieces of each product, for `matmul` only.
    var parts = 1

    /// Divides `call` for `threads` threads. Expects a call whose integers are complete.
    init(_ call: KernelCall, threads: Int) {
        let n = call.integers
        if call.work == .matmul {
            let batch = n[3] * n[4] * n[5]
            parts = Self.parts(rows: n[0], columns: n[1], depth: n[2], batch: batch)
            units = batch * parts
        } else if call.kernel == "scatter_rows" {
            // Rows of the output collide; its columns do not.
            units = n[1]
        } else {
            units = Self.count(call.work)
        }
        let total = Double(units) * Self.nanoseconds(call, parts: parts)
        guard threads > 1, total >= Self.parallelThreshold, units > 1, !Self.isMostlyClearing(call) else {
            chunk = units
            chunks = 1
            return
        }
        // Long calls get spare chunks, so that a thread that the system interrupts does not hold up the others. Not `fill`:
        // the system clears faster, past the caches, when a piece is large.
        let wanted = min(threads * (total > Self.longCall && call.kernel != "fill" ? 4 : 1), units)
        var size = max((units + wanted - 1) / wanted, Self.leastChunk(call))
        if case .elements = call.work, size > 64 {
            // Whole cache lines: no two threads write the same one.
            size = (size + 63) / 64 * 64
        }
        chunk = size
        chunks = (units + size - 1) / size
    }

    /// That this process may use.
    private static let processors = Int(ofmu_processor_count())

    /// Below this much work, in nanoseconds, waking other threads (about 1 µs) costs more than it saves.
    private static let parallelThreshold = 4_000.0
    /// From here on a chunk is long enough for four per thread.
    private static let longCall = 400_000.0

    /// Clearing a large table in one piece is several times as fast as clearing it column by column on two threads.
    private static func isMostlyClearing(_ call: KernelCall) -> Bool {
        call.kernel == "scatter_rows" && call.integers[3] == 0 && call.integers[0] < call.integers[2]
    }

    /// Sums down columns read a piece of every row; pieces shorter than this defeat the processor's prefetching.
    private static func leastChunk(_ call: KernelCall) -> Int {
        call.kernel == "sum" && call.integers[2] > 1 ? 256 : 1
    }

    private static func count(_ work: Work) -> Int {
        switch work {
        case .elements(let count), .rows(let count): count
        case .matmul: 0
        }
    }

    /// Pieces per product: enough for all processors, but each large enough that the library works as on the whole product.
    ///
    /// Where a product is cut decides its last bits on processors whose library kernels handle the rest of a tile in another order. So
    /// the cuts must not depend on how many threads are asked for, or results would.
    private static func parts(rows: Int, columns: Int, depth: Int, batch: Int) -> Int {
        guard processors > 1, batch < 4 * processors else { return 1 }
        let volume = Double(rows) * Double(columns) * Double(depth)
        let bySize = Int(min(volume / 2_000_000, 1e6))
        let longer = max(rows, columns)
        // Spare pieces, as above, where each is still long enough to make up for packing the other operand again.
        let wanted = longer >= 4096 * processors ? 4 * processors : processors
        return max(1, min(wanted, bySize, longer / 64))
    }

    /// A rough price of one unit, measured on one thread of a current x86 server. Only its order of magnitude matters.
    private static func nanoseconds(_ call: KernelCall, parts: Int) -> Double {
        let n = call.integers
        func integer(_ index: Int) -> Double { index < n.count ? Double(n[index]) : 1 }
        switch call.kernel {
        case "matmul":
            return 200 + 2 * integer(0) * integer(1) * integer(2) / 90 / Double(parts)
        case "exp", "log", "sigmoid", "tanh", "adamw":
            return 0.4
        case "silu_0", "silu_1", "silu_2", "silu_3", "gelu_0", "gelu_1", "gelu_2", "gelu_3":
            return 0.5
        case "sum":
            return 2 + 0.05 * integer(1)
        case "row_dot", "dot_blocks", "similarity_dots", "rms_scale", "layer_scale":
            return 5 + 0.08 * integer(1)
        case "rms_norm", "rms_tangent", "layer_norm", "layer_tangent", "softmax_tangent":
            return 10 + 0.15 * integer(1)
        case "softmax", "softmax_masked", "cross_entropy":
            return 20 + 0.35 * integer(1)
        case "rope", "unfold":
            return 0.5
        case "scatter_rows":
            return 0.2 * integer(0) + (integer(3) == 0 ? 0.1 * integer(2) : 0)
        case "fold":
            return 0.2 * integer(4) * integer(5)
        default:
            return 0.15
        }
    }
}
