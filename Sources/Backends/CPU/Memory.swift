import Glibc

/// Zero-filled host memory aligned to cache lines, freed with its owner.
///
/// Not `Sendable` by itself: whoever holds it decides when it may be touched. See `CPUBackend` for the ordering contract.
final class Memory {
    let base: UnsafeMutableRawPointer
    let bytes: Int
    private let mapped: Bool

    /// From this size on the memory is mapped: the system hands out zero pages on first touch, so nothing is cleared
    /// twice, and large pages can be used.
    private static let mappingThreshold = 1 << 20
    private static let alignment = 64

    /// Nil when the system refuses.
    init?(bytes: Int) {
        guard bytes >= 0, bytes <= Int.max - Self.alignment else { return nil }
        let size = max(Self.alignment, (bytes + Self.alignment - 1) / Self.alignment * Self.alignment)
        if size >= Self.mappingThreshold {
            let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let address, address != MAP_FAILED else { return nil }
            // Only advice: without it first touches cost one page fault per 4 KiB.
            _ = madvise(address, size, Int32(MADV_HUGEPAGE))
            base = address
            mapped = true
        } else {
            var address: UnsafeMutableRawPointer?
            guard posix_memalign(&address, Self.alignment, size) == 0, let address else { return nil }
            memset(address, 0, size)
            base = address
            mapped = false
        }
        self.bytes = size
    }

    deinit {
        if mapped {
            munmap(base, bytes)
        } else {
            free(base)
        }
    }
}
