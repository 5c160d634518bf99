import Files
import Glibc
import Synchronization

/// A folder for the tests' files, removed when the process ends normally.
final class Scratch: Sendable {
    static let shared = Scratch()

    let folder: String
    private let count = Atomic<Int>(0)

    private init() {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/ofmu-command-tests-XXXXXX".utf8CString)
        folder = mkdtemp(&template).map { String(cString: $0) } ?? "\(parent)/ofmu-command-tests"
        atexit { try? FileSystem.remove(Scratch.shared.folder) }
    }

    /// A path that nothing has yet.
    func path(unique name: String) -> String {
        "\(folder)/\(count.add(1, ordering: .relaxed).newValue)-\(name)"
    }

    /// A new file with a text.
    func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = path(unique: name)
        try Self.write(bytes, to: path)
        return path
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let writer = try FileWriter(path: path)
        try writer.write(bytes)
        try writer.flush()
    }

    static func bytes(_ path: String) throws -> [UInt8] { try MappedFile(path: path).withBytes { Array($0) } }

    /// A file's text; empty if there is none.
    static func text(_ path: String) -> String {
        (try? bytes(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
