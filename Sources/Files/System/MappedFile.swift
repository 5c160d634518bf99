import Glibc

/// A file mapped into memory for reading. Every access is checked against its length.
///
/// The pages are loaded when touched, so opening a large model costs nothing.
/// Nobody may shorten the file while it is mapped: the system answers a touch of
/// a vanished page with a signal, not with an error.
package final class MappedFile: Sendable {
    package let path: String
    /// The length in bytes when the file was opened.
    package let count: Int
    // Never written through and unmapped only in deinit, so sharing it is safe.
    private nonisolated(unsafe) let base: UnsafeRawPointer?

    /// Maps `path`.
    /// - Throws: `missing`; `unreadable` for folders, pipes, devices and refused access; `wrongSize` beyond the use's limit.
    package init(path: String, for use: FileUse = .weights) throws(FileError) {
        let file = try OpenedFile(path, for: use)
        self.path = path
        count = file.count
        guard count > 0 else {
            base = nil
            return
        }
        let mapping = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.descriptor, 0)
        guard let mapping, mapping != MAP_FAILED else { throw .reading(path, code: errno) }
        base = UnsafeRawPointer(mapping)
        // A pointer stands for a file of any kind and is never that file.
        try withBytes { (bytes) throws(FileError) in
            if let mistake = MistakenFile.pointer(bytes) { throw mistake.error(path) }
        }
    }

    deinit {
        if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
    }

    /// Lends the whole file. The buffer must not outlive the call.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        // `self` is kept alive by the caller for the whole call.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Lends `count` bytes from `offset`. The buffer must not outlive the call.
    /// - Throws: `truncated` if the range leaves the file, and what `body` throws.
    package func withBytes<R>(
        at offset: Int, count wanted: Int, _ body: (UnsafeRawBufferPointer) throws(FileError) -> R
    ) throws(FileError) -> R {
        guard let range = checkedRange(offset: offset, count: wanted, limit: count) else {
            throw FileError(
                .truncated, path: path, offset: offset,
                problem: "\(wanted) bytes are expected here, but the file has only \(count) in all",
                advice: "Download or copy it again")
        }
        return try withBytes { (bytes) throws(FileError) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }
}

/// `offset ..< offset + count` if it lies within `0 ..< limit`, without ever overflowing.
func checkedRange(offset: Int, count: Int, limit: Int) -> Range<Int>? {
    guard offset >= 0, count >= 0, offset <= limit, count <= limit - offset else { return nil }
    return offset..<(offset + count)
}

/// The product of the dimensions, or nil if one is negative or the product overflows.
func checkedProduct(_ shape: [Int]) -> Int? {
    var product = 1
    var hasZero = false
    for size in shape {
        guard size >= 0 else { return nil }
        if size == 0 {
            hasZero = true
            continue
        }
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        product = next
    }
    return hasZero ? 0 : product
}
