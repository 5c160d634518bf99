import CKernels
import Dispatch
import Glibc
import Synchronization

/// Runs chunks of one kernel call on several threads.
struct ThreadPool: Sendable {
    /// How many threads work at once, the caller included.
    let threads: Int

    /// As many threads as the process may use, or what `OFMU_THREADS` says.
    init() {
        let wanted = getenv("OFMU_THREADS").flatMap { Int(String(cString: $0)) }
        threads = max(1, wanted ?? Int(ofmu_processor_count()))
    }

    /// Computes all units of `call`, divided as `division` says. Returns when they are done.
    func run(_ kernel: CPUKernel, _ call: UnsafePointer<ofmu_call>, _ division: WorkDivision) {
        let units = division.units
        if division.chunks <= 1 {
            if units > 0 { kernel(call, 0, Int64(units)) }
            return
        }
        let size = division.chunk
        // The arguments outlive the loop and no thread changes them.
        nonisolated(unsafe) let call = call
        // At most `threads` takers, whatever Dispatch would use. They draw chunks until none is left, so that one that the
        // system interrupts does not hold up the others.
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: min(threads, division.chunks)) { _ in
            while true {
                let begin = next.add(1, ordering: .relaxed).oldValue * size
                if begin >= units { return }
                kernel(call, Int64(begin), Int64(min(units, begin + size)))
            }
        }
    }
}
