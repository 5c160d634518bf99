import Files
import Glibc
import Testing

@Suite("Files and paths")
struct FileSystemTests {
    @Test("Paths are joined and taken apart")
    func paths() {
        #expect(joinPath("a", "b") == "a/b")
        #expect(joinPath("a/", "b") == "a/b")
        #expect(joinPath("", "b") == "b")
        #expect(parentFolder(of: "a/b") == "a")
        #expect(parentFolder(of: "a/b/") == "a")
        #expect(parentFolder(of: "a") == ".")
        #expect(parentFolder(of: "/a") == "/")
        #expect(parentFolder(of: "/") == "/")
        #expect(lastComponent(of: "a/b//") == "b")
        #expect(lastComponent(of: "b") == "b")
    }

    @Test("A mapped file gives its bytes and refuses ranges that leave it")
    func mapping() throws {
        let folder = try TemporaryFolder()
        let file = try MappedFile(path: folder.put("a", "hello"))
        #expect(file.count == 5)
        #expect(try file.withBytes(at: 1, count: 3) { Array($0) } == Array("ell".utf8))
        #expect(try file.withBytes(at: 5, count: 0) { $0.count } == 0)
        for (offset, count) in [(0, 6), (5, 1), (6, 0), (-1, 2), (2, -1), (Int.max, Int.max), (3, Int.max)] {
            expectError(.truncated, saying: "only 5 in all") { try file.withBytes(at: offset, count: count) { _ in } }
        }
    }

    @Test("An empty file can be mapped")
    func empty() throws {
        let folder = try TemporaryFolder()
        let file = try MappedFile(path: folder.put("a", ""))
        #expect(file.withBytes { $0.count } == 0)
    }

    @Test("What is not an ordinary file is refused, without waiting")
    func notFiles() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder("pipe"), 0o600) == 0)
        expectError(.missing, saying: "no such file") { _ = try MappedFile(path: folder("absent")) }
        expectError(.unreadable, saying: "folder") { _ = try MappedFile(path: folder.path) }
        expectError(.unreadable, saying: "ordinary") { _ = try MappedFile(path: folder("pipe")) }
        expectError(.missing) { _ = try MappedFile(path: "") }
    }

    @Test("Folders are listed by bytes, created with their parents, and removed without following links")
    func folders() throws {
        let folder = try TemporaryFolder()
        try FileSystem.createFolder(folder("a/b/c"))
        try FileSystem.createFolder(folder("a/b/c"))
        try folder.put("a/z", "")
        try folder.put("a/é", "")
        #expect(try FileSystem.list(folder("a")) == ["b", "z", "é"])
        try folder.put("keep", "x")
        #expect(symlink("..", folder("a/b/up")) == 0)
        #expect(symlink(folder("keep"), folder("a/b/keep")) == 0)
        try FileSystem.remove(folder("a"))
        try FileSystem.remove(folder("a"))
        #expect(try folder.names == ["keep"])
        expectError(.unwritable, saying: "not a folder") { try FileSystem.createFolder(folder("keep/a")) }
        expectError(.unwritable, saying: "file is in the place") { try FileSystem.createFolder(folder("keep")) }
        expectError(.missing) { _ = try FileSystem.list(folder("absent")) }
    }

    @Test("A copy has the same bytes; copying what is not there says so")
    func copy() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try folder.put("a", bytes)
        try FileSystem.copyFile(folder("a"), to: folder("b"))
        #expect(try contents(folder("b")) == bytes)
        expectError(.missing, saying: "absent") { try FileSystem.copyFile(folder("absent"), to: folder("c")) }
        #expect(try folder.names == ["a", "b"])
    }

    @Test("Small and large writes keep their order, and a seek overwrites")
    func writing() throws {
        let folder = try TemporaryFolder()
        let large = [UInt8](repeating: 7, count: 300_000)
        let writer = try FileWriter(path: folder("a"))
        try writer.write("ab")
        try writer.write(littleEndian: UInt32(0x0102_0304))
        try writer.write(large)
        try writer.write("end")
        #expect(writer.position == 300_009)
        try writer.seek(to: 1)
        try writer.write("B")
        try writer.flush()
        #expect(try contents(folder("a")) == Array("aB".utf8) + [4, 3, 2, 1] + large + Array("end".utf8))
    }

    @Test("A message says where, what and what to do, and shows control characters harmlessly")
    func message() {
        let error = FileError(
            .malformed, path: "m.gguf", tensor: "a\u{1B}[31mb", offset: 12, problem: "it is odd",
            advice: "Use another")
        #expect(error.description == #"m.gguf: tensor "a\u{1B}[31mb": it is odd (at byte 12). Use another."#)
    }

    @Test("A JSON file that is not JSON is refused with line and column")
    func json() throws {
        let folder = try TemporaryFolder()
        #expect(try JSONValue(contentsOf: folder.put("a", #"{"x": 1}"#))["x"] == 1)
        expectError(.malformed, saying: "line 2") { _ = try JSONValue(contentsOf: folder.put("b", "{\n,}")) }
        expectError(.malformed) { _ = try JSONValue(contentsOf: folder.put("c", "")) }
    }
}
