import Glibc

/// JSON values in lines of a file, added while work goes on. A line that its writer was killed in is cut off when the file is opened
/// again; all before it stands. Open in one process at a time.
package final class JournalFile {
    package let path: String
    /// What the file was begun with.
    package let header: JSONValue
    /// What stood in it when it was opened.
    package let earlier: [JSONValue]

    private let writer: FileWriter

    /// Begins a file that must not be there yet.
    /// - Throws: `alreadyExists`, `unwritable`, `diskFull`.
    package init(beginning path: String, header: JSONValue) throws(FileError) {
        let descriptor = try openLocked(path, for: path) { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666) }
        writer = FileWriter(owning: descriptor, path: path)
        (self.path, self.header, earlier) = (path, header, [])
        try append([header])
    }

    /// Opens a file to go on with.
    /// - Throws: `missing`, `unreadable`, `busy` if another process writes it; `malformed` if its first line is none of a journal.
    package init(continuing path: String) throws(FileError) {
        let descriptor = try openLocked(path, for: path) { open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
        writer = FileWriter(owning: descriptor, path: path)
        let bytes = try readFile(path, for: .data)
        var values: [JSONValue] = []
        var whole = 0
        while let end = bytes[whole...].firstIndex(of: UInt8(ascii: "\n")), let value = try? JSONValue(parsing: Array(bytes[whole..<end])) {
            values.append(value)
            whole = end + 1
        }
        guard let header = values.first else {
            throw FileError(.malformed, path: path, problem: "it has no first line that could be read", advice: "Delete it and start anew")
        }
        (self.path, self.header, earlier) = (path, header, Array(values.dropFirst()))
        guard uninterrupted({ ftruncate(descriptor, off_t(whole)) }) == 0 else { throw .writing(path, code: errno) }
        try writer.seek(to: whole)
    }

    /// Adds values; when this returns, the end of the process does not lose them.
    package func append(_ values: [JSONValue]) throws(FileError) {
        try writer.write(values.map { $0.serialized() + "\n" }.joined())
        try writer.flush()
    }
}
