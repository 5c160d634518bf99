/// Writes a checkpoint: named sections, straight from the caller's memory, then a JSON
/// header. The file appears, or replaces the earlier one, when `commit(header:)` succeeds.
package struct CheckpointWriter: ~Copyable {
    private let file: AtomicFile
    private let path: String
    private var sections: [CheckpointSection] = []

    /// Begins a checkpoint.
    /// - Parameter expectedBytes: an estimate of its size; a disk without room is an error at once.
    /// - Throws: `unwritable`, `diskFull` or `busy`.
    package init(path: String, expectedBytes: Int? = nil) throws(FileError) {
        let file = try AtomicFile(path: path, expectedBytes: expectedBytes)
        // Its place is kept; what belongs there is known at the end.
        try file.writer.write([UInt8](repeating: 0, count: CheckpointFormat.preambleBytes))
        self.file = file
        self.path = path
    }

    /// Appends numbers under a name.
    /// - Throws: `alreadyExists` if the name is taken, `diskFull` or `unwritable`.
    package mutating func write(_ name: String, _ values: UnsafeBufferPointer<Float>) throws(FileError) {
        try append(name, .float32, UnsafeRawBufferPointer(values))
    }

    package mutating func write(_ name: String, _ values: [Float]) throws(FileError) {
        try values.withUnsafeBufferPointer { (values) throws(FileError) in try write(name, values) }
    }

    /// Appends bytes under a name.
    /// - Throws: `alreadyExists` if the name is taken, `diskFull` or `unwritable`.
    package mutating func write(_ name: String, bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
            try append(name, .bytes, UnsafeRawBufferPointer(bytes))
        }
    }

    private mutating func append(
        _ name: String, _ kind: CheckpointSection.Kind, _ bytes: UnsafeRawBufferPointer
    ) throws(FileError) {
        guard !sections.contains(where: { $0.name == name }) else {
            throw FileError(
                .alreadyExists, path: path, problem: "the checkpoint has a section \(quoted(name)) already")
        }
        let offset = file.writer.position
        try file.writer.write(bytes)
        sections.append(
            CheckpointSection(
                name: name, kind: kind, offset: offset, byteCount: bytes.count, checksum: xxHash64(bytes)))
    }

    /// Writes the header and completes the file.
    /// - Throws: `diskFull` or `unwritable`.
    package consuming func commit(header: JSONValue) throws(FileError) {
        let table: JSONValue = .object(
            JSONObject([
                ("header", header),
                ("sections", .array(sections.map(Self.describe))),
            ]))
        let bytes = Array(table.serialized().utf8)
        let tableOffset = file.writer.position
        try file.writer.write(bytes)
        let preamble = CheckpointFormat.preamble(
            fileBytes: file.writer.position, tableOffset: tableOffset,
            tableChecksum: bytes.withUnsafeBytes { xxHash64($0) })
        try file.writer.seek(to: 0)
        try file.writer.write(preamble)
        try file.commit()
    }

    private static func describe(_ section: CheckpointSection) -> JSONValue {
        .object(
            JSONObject([
                ("name", .string(section.name)),
                ("kind", .string(section.kind.rawValue)),
                ("offset", .integer(section.offset)),
                ("bytes", .integer(section.byteCount)),
                ("checksum", .string(section.checksum.hexadecimal(digits: 16))),
            ]))
    }
}
