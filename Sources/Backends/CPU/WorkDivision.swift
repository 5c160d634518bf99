import CKernels
import Graph

/// How the units of one call spread over threads.
struct WorkDivision: Hashable {
    /// Units of the C kernel's work.
    var units: Int
    /// Units per chunk; the last chunk may be shorter.
    var chunk: Int
    var chunks: Int
    /// Pieces of each product for `matmul`, images or channels in each unit for convolutions.
    var parts = 1

    /// Divides `call` for `threads` threads. Expects a call whose integers are complete.
    init(_ call: KernelCall, threads: Int) {
        switch call.work {
        case .matmul:
            let (rows, columns) = (call["M"], call["N"])
            let batch = call["batch"] * call["batch", 1] * call["batch", 2]
            parts = Self.parts(rows: rows, columns: columns, depth: call["K"], batch: batch)
            units = batch * parts
        case .elements(let count), .rows(let count):
            // Rows of the output collide; its columns do not.
            units = call.kernel == .scatterRows ? call["columns"] : count
        }
        let total = Double(units) * Self.nanoseconds(call, parts: parts)
        let isConvolution = [Kernel.convolution, .convolutionImage, .convolutionFilters].contains(call.kernel)
        if isConvolution { (units, parts) = Self.convolutionUnits(call) }
        guard threads > 1, total >= Self.parallelThreshold, units > 1, !Self.isMostlyClearing(call) else {
            chunk = units
            chunks = 1
            return
        }
        // Long calls get spare chunks, so that a thread that the system interrupts does not hold up the others. Not `fill`:
        // the system clears faster, past the caches, when a piece is large.
        let wanted = min(threads * (total > Self.longCall && call.kernel != .fill ? 4 : 1), units)
        var size = max((units + wanted - 1) / wanted, Self.leastChunk(call))
        if case .elements = call.work, size > 64, !isConvolution {
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
        call.kernel == .scatterRows && call["accumulate"] == 0 && call["rows of a"] < call["rows of y"]
    }

    /// Sums down columns read a piece of every row; pieces shorter than this defeat the processor's prefetching.
    private static func leastChunk(_ call: KernelCall) -> Int {
        call.kernel == .sum && call["inner"] > 1 ? 256 : 1
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

    /// Products of convolutions are computed for blocks of images or of channels, large enough that the library works well.
    private static func convolutionUnits(_ call: KernelCall) -> (units: Int, parts: Int) {
        if call.kernel == .convolutionFilters {
            let block = ConvolutionShape.filterBlock
            return (call["shares"] * call["groups"] * ((call["depth"] + block - 1) / block), block)
        }
        let area = max(1, call["out h"] * call["out w"]), block = max(1, min(call["N"], leastColumns / area))
        return ((call["N"] + block - 1) / block * call["groups"], block)
    }

    /// Columns of a product that a block of images should have.
    private static let leastColumns = 512

    /// The price of one unit.
    private static func nanoseconds(_ call: KernelCall, parts: Int) -> Double {
        var price = call.kernel.cost.nanoseconds(call.integers, parts: parts)
        // A column is cleared before anything is added to it.
        if call.kernel == .scatterRows, call["accumulate"] == 0 { price += 0.1 * Double(call["rows of y"]) }
        return price
    }
}
