/// The table of contents of a safetensors file: an 8-byte length and that many bytes of
/// JSON, which give each tensor's type, shape and byte range in the data that follows.
///
/// It is held to the format's own rules: the ranges must cover the data exactly, in
/// some order, without gaps, overlaps or leftover bytes.
/// Format: https://huggingface.co/docs/safetensors
struct SafetensorsHeader {
    struct Entry {
        let info: TensorInfo
        /// Bytes from the start of the file.
        let offset: Int
    }

    /// In the order of the data.
    let entries: [Entry]
    let metadata: [(key: String, value: String)]

    /// More than any real header; the reference reader draws the same line.
    private static let largest = 100_000_000

    init(of file: MappedFile) throws(FileError) {
        let path = file.path
        guard file.count >= 8 else {
            throw FileError(
                .truncated, path: path,
                problem: "a safetensors file begins with 8 bytes, but it has \(file.count)",
                advice: downloadAgain)
        }
        let length = try file.withBytes(at: 0, count: 8) { (bytes) throws(FileError) in
            UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        }
        guard length <= UInt64(Self.largest) else {
            if let mistake = file.withBytes({ MistakenFile(beginning: $0) }) { throw mistake.error(path) }
            throw FileError(
                .malformed, path: path, offset: 0,
                problem: "the header claims \(length) bytes, more than the format allows",
                advice: "Make sure that it is a safetensors file, and download it again")
        }
        let size = Int(length)
        guard size <= file.count - 8 else {
            throw FileError(
                .truncated, path: path, offset: 0,
                problem: "the header claims \(size) bytes, but only \(file.count - 8) follow",
                advice: downloadAgain)
        }
        let json = try file.withBytes(at: 8, count: size) { (bytes) throws(FileError) in
            guard bytes.first == UInt8(ascii: "{") else {
                throw FileError(
                    .malformed, path: path, offset: 8, problem: "the header does not begin with {",
                    advice: "Make sure that it is a safetensors file")
            }
            return try JSONValue(parsing: bytes, of: path)
        }
        guard let members = json.asObject?.members else {
            throw FileError(.malformed, path: path, offset: 8, problem: "the header is not an object")
        }

        var found: [Entry] = []
        var metadata: [(key: String, value: String)] = []
        var seen: Set<[UInt8]> = []
        found.reserveCapacity(members.count)
        for (name, value) in members {
            guard seen.insert(Array(name.utf8)).inserted else {
                throw FileError(
                    .malformed, path: path, tensor: name, problem: "the header names it twice",
                    advice: "Export the model again")
            }
            if name == "__metadata__" {
                metadata = try Self.metadata(value, path: path)
            } else {
                found.append(try Self.entry(name, value, dataStart: 8 + size, path: path))
            }
        }
        found.sort { ($0.offset, $0.info.byteCount) < ($1.offset, $1.info.byteCount) }
        try Self.checkCoverage(found, from: 8 + size, to: file.count, path: path)
        entries = found
        self.metadata = metadata
    }

    private static func metadata(
        _ value: JSONValue, path: String
    ) throws(FileError) -> [(key: String, value: String)] {
        guard let members = value.asObject?.members else {
            throw FileError(.malformed, path: path, offset: 8, problem: "__metadata__ is not an object")
        }
        var pairs: [(key: String, value: String)] = []
        for (key, value) in members {
            guard let text = value.asString else {
                throw FileError(
                    .malformed, path: path, offset: 8,
                    problem: "__metadata__ may hold only strings, but \(quoted(key)) is \(value.kind)")
            }
            pairs.append((key, text))
        }
        return pairs
    }

    private static func entry(
        _ name: String, _ value: JSONValue, dataStart: Int, path: String
    ) throws(FileError) -> Entry {
        func bad(_ problem: String) -> FileError {
            FileError(.malformed, path: path, tensor: name, problem: problem, advice: "Export the model again")
        }
        guard let typeName = value["dtype"]?.asString else { throw bad("it has no dtype") }
        guard let type = StoredType(rawValue: typeName), !type.isQuantised else {
            throw FileError(
                .unsupported, path: path, tensor: name, problem: "its type \(quoted(typeName)) is not supported",
                advice: "Convert it to F32, F16 or BF16")
        }
        guard let sizes = value["shape"]?.asArray else { throw bad("it has no shape") }
        var shape: [Int] = []
        for size in sizes {
            guard case .integer(let size) = size, size >= 0 else { throw bad("its shape holds something else than sizes") }
            shape.append(size)
        }
        guard let pair = value["data_offsets"]?.asArray, pair.count == 2,
            case .integer(let begin) = pair[0], case .integer(let end) = pair[1], 0 <= begin, begin <= end
        else { throw bad("its data_offsets are not two increasing positions") }
        guard let info = TensorInfo(name: name, type: type, shape: shape) else {
            throw bad("its shape \(shape) is larger than any memory")
        }
        guard end - begin == info.byteCount else {
            throw bad(
                "shape \(shape) in \(type.name) needs \(info.byteCount) bytes, but its data_offsets give \(end - begin)")
        }
        let (offset, overflow) = begin.addingReportingOverflow(dataStart)
        guard !overflow else { throw bad("its data_offsets are beyond any file") }
        return Entry(info: info, offset: offset)
    }

    /// `entries` must be sorted by offset.
    private static func checkCoverage(
        _ entries: [Entry], from start: Int, to end: Int, path: String
    ) throws(FileError) {
        var position = start
        for entry in entries {
            guard checkedRange(offset: entry.offset, count: entry.info.byteCount, limit: end) != nil else {
                throw FileError(
                    .truncated, path: path, tensor: entry.info.name, offset: entry.offset,
                    problem: "its \(entry.info.byteCount) bytes reach beyond the end of the file, which has \(end)",
                    advice: downloadAgain)
            }
            guard entry.offset == position else {
                let what = entry.offset < position ? "overlaps the tensor before it" : "leaves a gap before it"
                throw FileError(
                    .malformed, path: path, tensor: entry.info.name, offset: entry.offset,
                    problem: "its place in the data \(what)", advice: "Export the model again")
            }
            position += entry.info.byteCount
        }
        guard position == end else {
            throw FileError(
                .malformed, path: path, offset: position,
                problem: "\(end - position) bytes after the last tensor belong to none",
                advice: "Export the model again")
        }
    }
}

let downloadAgain = "Download or copy it again"
