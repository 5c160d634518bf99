import Files
import Glibc

/// The whole content of the file at `path`.
func readFile(_ path: String) throws(TextError) -> [UInt8] {
    func failure() -> TextError { .unreadable(file: path, problem: String(cString: strerror(errno))) }
    let handle = open(path, O_RDONLY | O_CLOEXEC)
    guard handle >= 0 else { throw failure() }
    defer { close(handle) }
    var status = stat()
    guard fstat(handle, &status) == 0 else { throw failure() }
    var content = [UInt8](repeating: 0, count: max(Int(status.st_size), 1 << 12) + 1)
    var filled = 0
    while true {
        if filled == content.count { content.append(contentsOf: [UInt8](repeating: 0, count: filled)) }
        let room = content.count - filled
        let got = content.withUnsafeMutableBytes { read(handle, $0.baseAddress.map { $0 + filled }, room) }
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw failure() }
        if got == 0 { break }
        filled += got
    }
    content.removeLast(content.count - filled)
    if let mistake = MistakenFile(beginning: content) {
        throw .unreadable(file: path, problem: "is \(mistake.what). \(mistake.advice)")
    }
    return content
}

/// The JSON document in the file at `path`.
func readJSON(_ path: String) throws(TextError) -> JSONValue {
    let content = try readFile(path)
    do {
        return try JSONValue(parsing: content)
    } catch {
        throw .malformed(file: path, error)
    }
}

/// The JSON document in the file at `path`, `nil` if there is no such file.
func readJSONIfPresent(_ path: String) throws(TextError) -> JSONValue? {
    access(path, F_OK) == 0 ? try readJSON(path) : nil
}
