import Glibc

/// What a file is read for decides how large it may be: nothing is read, or even reserved, before its length is known to make sense.
package enum FileUse: Sendable {
    /// Tensors: of any size, because only what is asked for is read.
    case weights
    /// `config.json`, an index of shards, and other small documents.
    case configuration
    /// Vocabularies and templates.
    case tokenizer
    /// Rows to train on, to forget or to ask, and other text.
    case data

    /// The most bytes; nil where there is no limit.
    var largest: Int? {
        switch self {
        case .weights: nil
        case .configuration: 64 << 20
        case .tokenizer: 256 << 20
        case .data: 1 << 30
        }
    }

    var name: String {
        switch self {
        case .weights: "weights"
        case .configuration: "a configuration"
        case .tokenizer: "a part of a tokenizer"
        case .data: "data"
        }
    }
}

/// The one door through which files are opened for reading: without waiting, and only if they are ordinary files of a size that
/// makes sense.
struct OpenedFile: ~Copyable {
    let path: String
    let descriptor: Int32
    /// The length in bytes when the file was opened.
    let count: Int
    private let use: FileUse

    /// - Throws: `missing`; `unreadable` for folders, pipes, devices and refused access; `wrongSize` beyond the limit.
    init(_ path: String, for use: FileUse) throws(FileError) {
        // Non-blocking, or else opening a pipe would wait for its other end.
        let descriptor = uninterrupted { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw .reading(path, code: errno) }
        do throws(FileError) {
            count = try Self.length(of: descriptor, path, use)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        self.use = use
    }

    deinit { close(descriptor) }

    private static func length(of descriptor: Int32, _ path: String, _ use: FileUse) throws(FileError) -> Int {
        var status = stat()
        guard uninterrupted({ fstat(descriptor, &status) }) == 0 else { throw .reading(path, code: errno) }
        switch FileSystem.kind(of: status) {
        case .file: break
        case .folder:
            throw FileError(
                .unreadable, path: path, problem: "is a folder where a file is expected", advice: "Name a file in it")
        case .other:
            throw FileError(
                .unreadable, path: path, problem: "is not an ordinary file",
                advice: use == .data
                    ? "Copy its contents to a file first, or send them to standard input and write - for the name"
                    : "Copy its contents to a file first")
        }
        if let largest = use.largest, status.st_size > largest { throw tooLarge(path, use, Int(status.st_size)) }
        return Int(status.st_size)
    }

    /// The whole content; a file may have grown or shrunk since it was opened.
    func contents() throws(FileError) -> [UInt8] { try readAll(descriptor, path, use, expected: count) }
}

/// The bytes of a file.
/// - Throws: `missing`; `unreadable` for folders, pipes, devices and refused access; `wrongSize` if it is larger than files for this
///   use can be.
package func readFile(_ path: String, for use: FileUse) throws(FileError) -> [UInt8] {
    try OpenedFile(path, for: use).contents()
}

/// A file's text, with malformed UTF-8 replaced.
/// - Throws: as `readFile`, and for what is plainly no text.
package func readText(_ path: String, for use: FileUse) throws(FileError) -> String {
    let bytes = try readFile(path, for: use)
    if let mistake = MistakenFile(beginning: bytes) { throw mistake.error(path) }
    return String(decoding: bytes, as: UTF8.self)
}

/// How a user names standard input where data are expected.
package let standardInputName = "-"

/// The bytes of a data file, or of standard input if the name is "-".
/// - Throws: as `readFile`.
package func readInput(_ path: String) throws(FileError) -> [UInt8] {
    guard path == standardInputName else { return try readFile(path, for: .data) }
    return try readAll(STDIN_FILENO, "standard input", .data, expected: 0)
}

private func readAll(_ descriptor: Int32, _ path: String, _ use: FileUse, expected: Int) throws(FileError) -> [UInt8] {
    var content = [UInt8](repeating: 0, count: max(expected, 1 << 12) + 1)
    var filled = 0
    while true {
        if filled == content.count { content.append(contentsOf: repeatElement(0, count: filled)) }
        let room = content.count - filled
        let got = content.withUnsafeMutableBytes { bytes in
            uninterrupted { read(descriptor, bytes.baseAddress.map { $0 + filled }, room) }
        }
        guard got >= 0 else { throw .reading(path, code: errno) }
        if got == 0 { break }
        filled += got
        if let largest = use.largest, filled > largest { throw tooLarge(path, use, filled) }
    }
    content.removeLast(content.count - filled)
    return content
}

private func tooLarge(_ path: String, _ use: FileUse, _ count: Int) -> FileError {
    FileError(
        .wrongSize, path: path, problem: "has \(count) bytes; \(use.name) may have at most \(use.largest ?? .max)",
        advice: "Check that it is the right file")
}
