/// Walks through a GGUF file's header, little-endian, never beyond its end.
struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    let path: String
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    var remaining: Int { bytes.count - offset }

    /// The next integer.
    mutating func next<Value: FixedWidthInteger>(_: Value.Type, _ what: @autoclosure () -> String) throws(FileError) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= remaining else { throw ends(what()) }
        defer { offset += size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// A 64-bit length or count that must fit in the rest of the file at `unit` bytes each.
    mutating func nextCount(of unit: Int, _ what: @autoclosure () -> String) throws(FileError) -> Int {
        let place = offset
        let count = try next(UInt64.self, what())
        guard count <= UInt64(remaining / unit) else {
            throw FileError(
                .truncated, path: path, offset: place,
                problem: "\(what()) is said to be \(count), more than the \(remaining) bytes that follow can hold",
                advice: downloadAgain)
        }
        return Int(count)
    }

    /// Where the next string's bytes are; the cursor moves past them.
    mutating func nextStringRange(_ what: @autoclosure () -> String) throws(FileError) -> Range<Int> {
        let length = try nextCount(of: 1, "the length of \(what())")
        defer { offset += length }
        return offset..<(offset + length)
    }

    /// The next string, which must be valid UTF-8.
    mutating func nextString(_ what: @autoclosure () -> String) throws(FileError) -> String {
        let range = try nextStringRange(what())
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw FileError(
                .malformed, path: path, offset: range.lowerBound, problem: "\(what()) is not valid UTF-8",
                advice: downloadAgain)
        }
        return text
    }

    mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(FileError) {
        guard count >= 0, count <= remaining else { throw ends(what()) }
        offset += count
    }

    private func ends(_ what: String) -> FileError {
        FileError(
            .truncated, path: path, offset: offset, problem: "the file ends where \(what) should be",
            advice: downloadAgain)
    }
}
