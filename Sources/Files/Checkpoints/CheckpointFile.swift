import Glibc

/// A checkpoint opened for reading. Every section's checksum is verified when it is read.
package final class CheckpointFile: Sendable {
    /// What the writer gave as header.
    package let header: JSONValue
    /// The sections in the order in which they were written.
    package let sections: [CheckpointSection]
    package var path: String { file.path }

    private let file: MappedFile

    /// Opens a checkpoint and verifies its preamble and table.
    /// - Throws: `missing`, `unreadable`, `malformed` if it is no checkpoint, `unsupported` if a
    ///   newer version wrote it, `truncated`, or `corrupt`.
    package init(path: String) throws(FileError) {
        let file = try MappedFile(path: path)
        let table = try file.withBytes { (bytes) throws(FileError) in
            try Self.table(of: bytes, path: path)
        }
        guard let header = table.json["header"], let list = table.json["sections"]?.asArray else {
            throw FileError(.malformed, path: path, offset: table.offset, problem: "its table of contents is incomplete")
        }
        var sections: [CheckpointSection] = []
        var end = CheckpointFormat.preambleBytes
        for item in list {
            guard let section = Self.section(item), section.offset == end,
                checkedRange(offset: section.offset, count: section.byteCount, limit: table.offset) != nil
            else {
                throw FileError(
                    .malformed, path: path, offset: table.offset,
                    problem: "its table of contents does not fit its contents", advice: otherCheckpoint)
            }
            sections.append(section)
            end += section.byteCount
        }
        guard end == table.offset else {
            throw FileError(
                .malformed, path: path, offset: end, problem: "its sections do not fill the file",
                advice: otherCheckpoint)
        }
        self.file = file
        self.header = header
        self.sections = sections
    }

    /// The section of that name, or nil.
    package func section(_ name: String) -> CheckpointSection? { sections.first { $0.name == name } }

    /// Fills `target` with the numbers of a float section.
    /// - Throws: `notFound`, `wrongSize` if the counts or the kind differ, `corrupt`. After
    ///   `corrupt`, `target` is untouched.
    package func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws(FileError) {
        let section = try find(name, .float32)
        guard section.count == target.count else {
            throw FileError(
                .wrongSize, path: path,
                problem: "section \(quoted(name)) holds \(section.count) numbers, but \(target.count) are wanted",
                advice: "Resume with the model and options that the run was begun with")
        }
        try withVerified(section) { bytes in
            if let source = bytes.baseAddress, let start = target.baseAddress {
                memcpy(start, source, bytes.count)
            }
        }
    }

    /// The numbers of a float section.
    /// - Throws: `notFound`, `wrongSize` if it holds bytes, `corrupt`.
    package func floats(_ name: String) throws(FileError) -> [Float] {
        let section = try find(name, .float32)
        return try withVerified(section) { bytes in
            [Float](unsafeUninitializedCapacity: section.count) { buffer, filled in
                if let source = bytes.baseAddress, let start = buffer.baseAddress {
                    memcpy(start, source, bytes.count)
                }
                filled = section.count
            }
        }
    }

    /// The bytes of a byte section.
    /// - Throws: `notFound`, `wrongSize` if it holds numbers, `corrupt`.
    package func bytes(_ name: String) throws(FileError) -> [UInt8] {
        try withVerified(find(name, .bytes)) { Array($0) }
    }

    /// Verifies every section, so that a bad file is found before anything is changed.
    /// - Throws: `corrupt` naming the section.
    package func verify() throws(FileError) {
        for section in sections { try withVerified(section) { _ in } }
    }

    private func find(_ name: String, _ kind: CheckpointSection.Kind) throws(FileError) -> CheckpointSection {
        guard let section = section(name) else {
            throw FileError(
                .notFound, path: path, problem: "the checkpoint has no section \(quoted(name))",
                advice: "Resume with the version that wrote it")
        }
        guard section.kind == kind else {
            throw FileError(
                .wrongSize, path: path, problem: "section \(quoted(name)) holds \(section.kind), not \(kind)")
        }
        return section
    }

    private func withVerified<R>(
        _ section: CheckpointSection, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(FileError) -> R {
        try file.withBytes(at: section.offset, count: section.byteCount) { (bytes) throws(FileError) in
            guard xxHash64(bytes) == section.checksum else {
                throw FileError(
                    .corrupt, path: path, offset: section.offset,
                    problem: "section \(quoted(section.name)) was damaged: its checksum differs",
                    advice: otherCheckpoint)
            }
            return body(bytes)
        }
    }

    private static func table(
        of bytes: UnsafeRawBufferPointer, path: String
    ) throws(FileError) -> (json: JSONValue, offset: Int) {
        guard bytes.prefix(8).elementsEqual(CheckpointFormat.magic.prefix(bytes.count)), !bytes.isEmpty else {
            throw FileError(
                .malformed, path: path, offset: 0, problem: "is not a checkpoint of this program",
                advice: "Name the file that an earlier run wrote")
        }
        let preamble = CheckpointFormat.preambleBytes
        guard bytes.count >= preamble else {
            throw FileError(
                .truncated, path: path, problem: "the checkpoint has only \(bytes.count) bytes", advice: otherCheckpoint)
        }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard xxHash64(UnsafeRawBufferPointer(rebasing: bytes[..<40])) == word(40) else {
            throw FileError(
                .corrupt, path: path, offset: 0, problem: "the checkpoint's first bytes were damaged",
                advice: otherCheckpoint)
        }
        guard word(8) == CheckpointFormat.version else {
            throw FileError(
                .unsupported, path: path, offset: 8,
                problem: "it has checkpoint version \(word(8)); this program reads \(CheckpointFormat.version)",
                advice: "Resume with the version that wrote it")
        }
        guard word(16) == UInt64(bytes.count) else {
            throw FileError(
                .truncated, path: path,
                problem: "the checkpoint should have \(word(16)) bytes, but has \(bytes.count)", advice: otherCheckpoint)
        }
        // A million rounds are described in less than a gigabyte.
        guard let offset = Int(exactly: word(24)), offset >= preamble, offset <= bytes.count, bytes.count - offset <= 1 << 30 else {
            throw FileError(.malformed, path: path, offset: 24, problem: "its table of contents is out of range")
        }
        let table = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        guard xxHash64(table) == word(32) else {
            throw FileError(
                .corrupt, path: path, offset: offset, problem: "the checkpoint's table of contents was damaged",
                advice: otherCheckpoint)
        }
        return (try JSONValue(parsing: table, of: path), offset)
    }

    private static func section(_ item: JSONValue) -> CheckpointSection? {
        guard let name = item["name"]?.asString,
            let kind = item["kind"]?.asString.flatMap(CheckpointSection.Kind.init(rawValue:)),
            let offset = item["offset"]?.asInt,
            let bytes = item["bytes"]?.asInt, bytes >= 0, kind == .bytes || bytes % 4 == 0,
            let checksum = item["checksum"]?.asString.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        return CheckpointSection(name: name, kind: kind, offset: offset, byteCount: bytes, checksum: checksum)
    }
}

private let otherCheckpoint = "Use an earlier checkpoint or start the run again"
