import CKernels
import Glibc

/// Runs chunks of one kernel call on several threads. Calls come from one thread at a time.
final class ThreadPool: @unchecked Sendable {
    /// How many threads work at once, the caller included.
    let threads: Int
    /// Nil if there was no memory for it; the caller then works alone.
    private let pool: OpaquePointer?

    /// More than any machine has processors for; what is asked for beyond it would only fail to start.
    static let most = 1024

    /// - Parameter wanted: by default what `OFMU_THREADS` says, or as many as the process may use.
    init(_ wanted: Int?) {
        let named = getenv("OFMU_THREADS").flatMap { Int(String(cString: $0)) }
        threads = min(max(1, wanted ?? named ?? Int(ofmu_processor_count())), Self.most)
        pool = ofmu_pool_create(Int64(threads))
    }

    deinit { ofmu_pool_destroy(pool) }

    /// Computes all units of `call`, divided as `division` says. Returns when they are done.
    func run(_ kernel: CPUKernel, _ call: UnsafePointer<ofmu_call>, _ division: WorkDivision) {
        guard division.units > 0 else { return }
        if let pool, division.chunks > 1 {
            ofmu_pool_run(pool, kernel, call, Int64(division.units), Int64(division.chunk))
        } else {
            kernel(call, 0, Int64(division.units))
        }
    }
}
