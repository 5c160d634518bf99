import Backends
import Data
import Graph
import Inference
import Models

/// One kernel at a size that occurs in SmolLM2-135M, with the work it does.
package struct KernelBenchmark {
    /// What a buffer holds before the kernel runs.
    package enum Contents {
        case real(Int)
        /// Indices below a limit.
        case index(Int, limit: Int)

        package var count: Int {
            switch self {
            case .real(let count), .index(let count, _): count
            }
        }
    }

    /// For `matmul`: the sizes, so that OpenBLAS can be given the same product.
    package struct Product {
        package var m: Int
        package var n: Int
        package var k: Int
    }

    package var size: String
    /// Outputs first, as the kernel takes them.
    package var buffers: [Contents]
    /// Operands are positions in `buffers`.
    package var invocation: Invocation<Int>
    package var flops: Double = 0
    /// Bytes that must move at least: each input once, each output once.
    package var bytes: Double
    package var product: Product?

    package var kernel: String { invocation.kernel.name }

    /// Seconds of one call. Kernels that take little time are queued together, as they are in a plan.
    package func seconds(on backend: any Backend, budget: Double) throws(BackendError) -> Double {
        var random = SeededRandom(seed: 7)
        var made: [any Buffer] = []
        for contents in buffers {
            switch contents {
            case .real(let count):
                // Small positive numbers suit every kernel, logarithms and square roots included.
                made.append(try backend.upload((0..<count).map { _ in Float(0.1 + 0.9 * random.uniform()) }))
            case .index(let count, let limit):
                let buffer = try backend.makeBuffer(.index, count: count)
                try backend.write((0..<count).map { _ in Int32.random(in: 0..<Int32(limit), using: &random) }, to: buffer)
                made.append(buffer)
            }
        }
        let call = KernelCall(invocation)
        let group = bytes < 1e6 && flops < 1e7 ? 20 : 1
        return try Repetition.leastSeconds(for: budget) { () throws(BackendError) in
            for _ in 0..<group { try backend.dispatch(call, on: made) }
            try backend.synchronize()
        } / Double(group)
    }
}
