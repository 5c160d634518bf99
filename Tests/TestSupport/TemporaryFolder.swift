import Files
import Glibc

/// Gives a folder to one test and removes it afterwards.
package func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    // The system replaces the six letters.
    var template = Array("\(parent)/ofmu-tests-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw NoTemporaryFolder(parent: parent, code: errno) }
    let path = String(cString: made)
    defer { try? FileSystem.remove(path) }
    try body(path)
}

struct NoTemporaryFolder: Error {
    var parent: String
    var code: Int32
}
