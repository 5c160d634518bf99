import CKernels
import Testing

@Suite("Threads that share a call")
struct ThreadPoolTests {
    /// More threads than processors, so that they lose theirs anywhere between looking at a call and taking a part of it.
    @Test("every unit is computed once, however calls follow each other", arguments: [2, 3, 8, 16]) func once(threads: Int64) throws {
        let pool = try #require(ofmu_pool_create(threads))
        defer { ofmu_pool_destroy(pool) }
        let most = 64
        let counts = UnsafeMutablePointer<Int32>.allocate(capacity: most)
        defer { counts.deallocate() }
        var call = ofmu_call()
        call.operand.0 = UnsafeMutableRawPointer(counts)
        let kernel: ofmu_kernel = { call, begin, end in
            guard let counts = call?.pointee.operand.0?.assumingMemoryBound(to: Int32.self) else { return }
            for unit in begin..<end {
                // Long enough for a thread to lose its processor in between.
                for _ in 0..<16 { _ = ofmu_kernel_count() }
                counts[Int(unit)] += 1
            }
        }
        var wrong = 0
        for number in 0..<100_000 {
            counts.update(repeating: 0, count: most)
            let units = 2 + number * 37 % (most - 2)
            ofmu_pool_run(pool, kernel, &call, Int64(units), Int64(1 + number % 3))
            for unit in 0..<most where counts[unit] != (unit < units ? 1 : 0) { wrong += 1 }
        }
        #expect(wrong == 0)
    }
}
