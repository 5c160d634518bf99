import Files
import Glibc
import Models
import Testing

/// A folder for one test, removed afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let place = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(place)/models-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileSystem.remove(path) }
    try body(path)
}

func bytes(_ path: String) throws -> [UInt8] { try MappedFile(path: path).withBytes { Array($0) } }

func put(_ text: String, _ path: String) throws {
    let writer = try FileWriter(path: path)
    try writer.write(text)
    try writer.synchronize()
}

/// What `body` says when it fails; empty if it does not.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}

/// A tiny decoder with fresh weights.
func freshLlama(_ moving: MovingParameters = .all, seed: UInt64 = 1) throws -> LoadedModel {
    let golden = try ModelLoader.load(path: "\(Golden.folder)/llama-tied")
    return try LoadedModel(initialising: golden.model, moving: moving, seed: seed)
}
