import Glibc

/// A buffered writer for an open file. Large blocks go straight to the system,
/// without a second copy; small ones are gathered first.
package final class FileWriter {
    /// The name used in errors.
    package let path: String
    /// How many bytes the finished file is expected to have; makes "disk full" say how many are missing.
    package let expectedBytes: Int?
    /// Where the next byte goes, counted from the start of the file.
    package private(set) var position = 0

    let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private var used = 0
    private static let capacity = 1 << 18

    /// Takes over an open descriptor, positioned at its start, and closes it at the end of its own life.
    package init(owning descriptor: Int32, path: String, expectedBytes: Int? = nil) {
        self.descriptor = descriptor
        self.path = path
        self.expectedBytes = expectedBytes
        buffer = .allocate(byteCount: Self.capacity, alignment: 16)
    }

    /// Creates or empties a file, or opens a device such as a pipe.
    /// - Throws: `unwritable` or `diskFull`.
    package convenience init(path: String, expectedBytes: Int? = nil) throws(FileError) {
        let descriptor = uninterrupted { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw .writing(path, code: errno) }
        self.init(owning: descriptor, path: path, expectedBytes: expectedBytes)
    }

    deinit {
        buffer.deallocate()
        close(descriptor)
    }

    /// Appends bytes.
    /// - Throws: `diskFull` or `unwritable`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if bytes.count <= Self.capacity - used {
            if let base = bytes.baseAddress { memcpy(buffer.baseAddress! + used, base, bytes.count) }
            used += bytes.count
        } else {
            try flush()
            try send(bytes)
        }
        position += bytes.count
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Appends the UTF-8 bytes of `text`.
    package func write(_ text: String) throws(FileError) {
        try write(Array(text.utf8))
    }

    /// Appends an integer, least significant byte first.
    package func write<Value: FixedWidthInteger>(littleEndian value: Value) throws(FileError) {
        try withUnsafePointer(to: value.littleEndian) { (pointer) throws(FileError) in
            try write(UnsafeRawBufferPointer(start: pointer, count: MemoryLayout<Value>.size))
        }
    }

    /// Appends numbers as `type`, which must be F32, F16 or BF16; the narrower two
    /// round to the nearest, ties to even.
    /// - Throws: `unsupported` for another type, `diskFull` or `unwritable`.
    package func write(_ values: UnsafeBufferPointer<Float>, as type: StoredType = .f32) throws(FileError) {
        if type == .f32 { return try write(UnsafeRawBufferPointer(values)) }
        guard let narrow = type.narrowing else {
            throw FileError(
                .unsupported, path: path, problem: "tensors cannot be written as \(type.name)",
                advice: "Choose F32, F16 or BF16")
        }
        var done = 0
        while done < values.count {
            if Self.capacity - used < 2 { try flush() }
            let some = min(values.count - done, (Self.capacity - used) / 2)
            narrow(values.baseAddress! + done, buffer.baseAddress! + used, some)
            used += 2 * some
            position += 2 * some
            done += some
        }
    }

    package func write(_ values: [Float], as type: StoredType = .f32) throws(FileError) {
        try values.withUnsafeBufferPointer { (values) throws(FileError) in try write(values, as: type) }
    }

    /// Moves to another place in the file; what is written next overwrites what is there.
    package func seek(to offset: Int) throws(FileError) {
        try flush()
        guard uninterrupted({ lseek(descriptor, off_t(offset), SEEK_SET) }) >= 0 else { throw .writing(path, code: errno) }
        position = offset
    }

    /// Hands everything gathered so far to the system.
    package func flush() throws(FileError) {
        let pending = UnsafeRawBufferPointer(rebasing: buffer[..<used])
        used = 0
        try send(pending)
    }

    /// Flushes, and returns when the disk has the bytes.
    package func synchronize() throws(FileError) {
        try flush()
        // Pipes and some devices have nothing to synchronise.
        if uninterrupted({ fsync(descriptor) }) != 0, errno != EINVAL, errno != EROFS { throw .writing(path, code: errno) }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var done = 0
        while done < bytes.count {
            // The system takes at most about 2 GiB a call.
            let written = Glibc.write(descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30))
            if written > 0 {
                done += written
                continue
            }
            let code = written == 0 ? ENOSPC : errno
            if code != EINTR {
                let left = bytes.count - done
                throw .writing(path, code: code, needed: max(left, (expectedBytes ?? 0) - position))
            }
        }
    }
}
