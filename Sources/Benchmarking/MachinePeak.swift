import COpenBLAS
import Data
import Dispatch
import Files
import Models

/// The most this machine's processors reach, measured: what kernels on them are compared with.
package struct MachinePeak {
    package var threads: Int
    /// A large square product by OpenBLAS with its own threads.
    package var flopsPerSecond: Double
    /// a = b + s·c over arrays far larger than the caches, counting two reads and a write.
    package var bytesPerSecond: Double

    package static func measure(threads: Int, seconds: Double) -> MachinePeak {
        MachinePeak(
            threads: threads,
            flopsPerSecond: product(1536, 1536, 1536, threads: threads, seconds: seconds),
            bytesPerSecond: triad(count: 1 << 24, threads: threads, seconds: seconds))
    }

    /// The rate at which OpenBLAS multiplies [m, k] with the transpose of [n, k], with its own threads.
    package static func product(_ m: Int, _ n: Int, _ k: Int, threads: Int, seconds: Double) -> Double {
        var random = SeededRandom(seed: 1)
        let a = (0..<m * k).map { _ in Float(random.uniform()) }
        let b = (0..<n * k).map { _ in Float(random.uniform()) }
        var c = [Float](repeating: 0, count: m * n)
        // The CPU backend divides work itself and keeps the library at one thread.
        openblas_set_num_threads(Int32(threads))
        defer { openblas_set_num_threads(1) }
        let time = Repetition.leastSeconds(for: seconds) {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, blasint(m), blasint(n), blasint(k), 1, a, blasint(k), b, blasint(k), 0,
                &c, blasint(n))
        }
        return 2 * Double(m) * Double(n) * Double(k) / time
    }

    private static func triad(count: Int, threads: Int, seconds: Double) -> Double {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: 3 * count)
        memory.initialize(repeating: 1, count: 3 * count)
        defer { memory.deallocate() }
        let chunk = (count + threads - 1) / threads
        // Threads write to stretches that do not overlap.
        nonisolated(unsafe) let base = memory
        let time = Repetition.leastSeconds(for: seconds) {
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                let a = base, b = base + count, c = base + 2 * count
                for i in min(count, thread * chunk)..<min(count, (thread + 1) * chunk) { a[i] = b[i] + 0.5 * c[i] }
            }
        }
        return 12 * Double(count) / time
    }
}

/// Timing of something short by doing it often.
package enum Repetition {
    /// The least seconds of one run among repeats that together take about `budget` seconds, after one that is not counted.
    package static func leastSeconds<E: Error>(for budget: Double, _ body: () throws(E) -> Void) throws(E) -> Double {
        try body()
        var least = Double.infinity
        var spent = 0.0
        var repeats = 0
        while spent < budget || repeats < 3 {
            let start = SteadyClock.seconds
            try body()
            let time = SteadyClock.seconds - start
            least = min(least, time)
            spent += time
            repeats += 1
        }
        return least
    }
}
