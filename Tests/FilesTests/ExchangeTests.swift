import Files
import Glibc
import Testing

@Suite("An exchange of folders that was cut short is finished by the next start")
struct ExchangeTests {
    /// A parent with the folders that a process left which died between two renames.
    private func parent(_ folders: [String: String]) throws -> TemporaryFolder {
        let parent = try TemporaryFolder()
        for (name, content) in folders {
            try FileSystem.createFolder(parent(name))
            try parent.put("\(name)/file", content)
        }
        return parent
    }

    private func text(_ path: String) throws -> String { String(decoding: try contents(path), as: UTF8.self) }

    @Test("The old folder had stepped aside: the new one takes its place")
    func between() throws {
        let parent = try parent([".out.partial": "new", ".out.partial.old": "old"])
        try finishExchange(of: parent("out"))
        #expect(try parent.names == ["out"])
        #expect(try text(parent("out/file")) == "new")
    }

    @Test("The new folder is in place: the old one goes")
    func after() throws {
        let parent = try parent(["out": "new", ".out.partial.old": "old"])
        try finishExchange(of: parent("out/"))
        #expect(try parent.names == ["out"])
        #expect(try text(parent("out/file")) == "new")
    }

    @Test("The new folder is lost: the old one comes back")
    func lost() throws {
        let parent = try parent([".out.partial.old": "old"])
        try finishExchange(of: parent("out"))
        #expect(try parent.names == ["out"])
        #expect(try text(parent("out/file")) == "old")
    }

    @Test("Something else came into the place: nothing is touched")
    func taken() throws {
        let parent = try parent(["out": "theirs", ".out.partial": "new", ".out.partial.old": "old"])
        expectError(.alreadyExists, saying: "cut short") { try finishExchange(of: parent("out")) }
        #expect(try parent.names == [".out.partial", ".out.partial.old", "out"])
    }

    @Test("Without an exchange nothing happens, also where another process is writing")
    func none() throws {
        let parent = try parent(["out": "old", ".out.partial": "unfinished"])
        try finishExchange(of: parent("out"))
        try finishExchange(of: parent("other"))
        #expect(try parent.names == [".out.partial", "out"])
    }

    @Test(
        "A start after any of these states writes its own result, and nothing else stays",
        arguments: [
            [".out.partial": "new", ".out.partial.old": "old"], ["out": "new", ".out.partial.old": "old"], [".out.partial.old": "old"],
            ["out": "old", ".out.partial": "half"],
        ])
    func next(_ folders: [String: String]) throws {
        let parent = try parent(folders)
        let output = try AtomicFolder(path: parent("out"), replacing: true)
        let file = try AtomicFile(path: output.file("file"))
        try file.writer.write("newest")
        try file.commit()
        try output.commit()
        #expect(try parent.names == ["out"])
        #expect(try text(parent("out/file")) == "newest")
    }

    @Test("A folder that is a link stays one: what it points to is replaced")
    func link() throws {
        let parent = try parent(["real": "old"])
        #expect(symlink("real", parent("link")) == 0)
        let output = try AtomicFolder(path: parent("link"), replacing: true)
        let file = try AtomicFile(path: output.file("new"))
        try file.commit()
        try output.commit()
        #expect(try parent.names == ["link", "real"])
        #expect(try FileSystem.list(parent("real")) == ["new"])
        var status = stat()
        #expect(lstat(parent("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test("Asking whether a folder can be written leaves nothing, and refuses what writing would")
    func check() throws {
        let parent = try parent(["full": "x", "deep/inner": "x"])
        try AtomicFolder.check(parent("new"))
        try AtomicFolder.check(parent("full"), replacing: true)
        expectError(.alreadyExists, saying: "not empty") { try AtomicFolder.check(parent("full")) }
        expectError(.alreadyExists, saying: "holds another folder") { try AtomicFolder.check(parent("deep"), replacing: true) }
        expectError(.unwritable) { try AtomicFolder.check(parent("no/out")) }
        let writing = try AtomicFolder(path: parent("busy"))
        expectError(.busy) { try AtomicFolder.check(parent("busy")) }
        _ = consume writing
        #expect(try parent.names == ["deep", "full"])
    }
}
