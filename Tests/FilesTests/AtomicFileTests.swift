import Files
import Glibc
import Testing

@Suite("A file appears whole or not at all")
struct AtomicFileTests {
    struct Interrupted: Error {}

    @Test("A committed file has its bytes, and nothing else is left in the folder")
    func committed() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(path: folder("a"))
        try file.writer.write("hello")
        #expect(!FileSystem.isFile(folder("a")))
        try file.commit()
        #expect(try contents(folder("a")) == Array("hello".utf8))
        #expect(try folder.names == ["a"])
    }

    @Test("An error on the way leaves the old file and nothing else")
    func interrupted() throws {
        let folder = try TemporaryFolder()
        try folder.put("a", "old")
        func write() throws {
            let file = try AtomicFile(path: folder("a"))
            try file.writer.write("new")
            try file.writer.flush()
            #expect(try folder.names.count == 2)
            throw Interrupted()
        }
        #expect(throws: Interrupted.self) { try write() }
        #expect(try contents(folder("a")) == Array("old".utf8))
        #expect(try folder.names == ["a"])
    }

    @Test("What a killed run left behind is overwritten")
    func leftover() throws {
        let folder = try TemporaryFolder()
        try folder.put(".a.partial", "a long piece of an earlier file")
        let file = try AtomicFile(path: folder("a"))
        try file.writer.write("new")
        try file.commit()
        #expect(try contents(folder("a")) == Array("new".utf8))
        #expect(try folder.names == ["a"])
    }

    @Test("Two writers of one file do not mix: the second is refused")
    func locked() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(path: folder("a"))
        expectError(.busy, saying: "another process") { _ = try AtomicFile(path: folder("a")) }
        try file.writer.write("first")
        try file.commit()
        #expect(try contents(folder("a")) == Array("first".utf8))
    }

    @Test("A link keeps pointing where it pointed, to the new bytes")
    func link() throws {
        let folder = try TemporaryFolder()
        try folder.put("real", "old")
        #expect(symlink("real", folder("link")) == 0)
        let file = try AtomicFile(path: folder("link"))
        try file.writer.write("new")
        try file.commit()
        #expect(try contents(folder("real")) == Array("new".utf8))
        var status = stat()
        #expect(lstat(folder("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test("Places that cannot be written are refused with a reason")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        try folder.put("file", "x")
        expectError(.unwritable, saying: "parent folder", "Create") { _ = try AtomicFile(path: folder("no/a")) }
        expectError(.unwritable, saying: "not a folder") { _ = try AtomicFile(path: folder("file/a")) }
        expectError(.unwritable, saying: "folder is in the place") { _ = try AtomicFile(path: folder.path) }
        expectError(.unwritable, saying: "device") { _ = try AtomicFile(path: "/dev/null") }
        expectError(.unwritable, saying: "/proc/ofmu") { _ = try AtomicFile(path: "/proc/ofmu") }
        #expect(try folder.names == ["file"])
    }

    @Test("A disk without room for the announced size is refused before anything is written")
    func noRoom() throws {
        let folder = try TemporaryFolder()
        expectError(.diskFull, saying: "the disk is full", "more bytes are needed") {
            _ = try AtomicFile(path: folder("a"), expectedBytes: Int.max / 2)
        }
        #expect(try folder.names == [])
    }

    @Test("A disk that fills up while writing says how many bytes were missing")
    func fillsUp() throws {
        let writer = try FileWriter(path: "/dev/full", expectedBytes: 1_000_000)
        expectError(.diskFull, saying: "1000000 more bytes") {
            try writer.write([UInt8](repeating: 1, count: 600_000))
        }
        let small = try FileWriter(path: "/dev/full")
        try small.write("buffered")
        expectError(.diskFull, saying: "8 more bytes") { try small.flush() }
    }
}

@Suite("A folder appears whole or not at all")
struct AtomicFolderTests {
    struct Interrupted: Error {}

    private func fill(_ folder: borrowing AtomicFolder, _ name: String, _ text: String) throws {
        let file = try AtomicFile(path: folder.file(name))
        try file.writer.write(text)
        try file.commit()
    }

    @Test("A committed folder has its files and nothing is left beside it")
    func committed() throws {
        let parent = try TemporaryFolder()
        let output = try AtomicFolder(path: parent("out/"))
        try fill(output, "a", "1")
        try fill(output, "b", "2")
        #expect(!FileSystem.isFolder(parent("out")))
        try output.commit()
        #expect(try parent.names == ["out"])
        #expect(try FileSystem.list(parent("out")) == ["a", "b"])
    }

    @Test("An error on the way leaves nothing")
    func interrupted() throws {
        let parent = try TemporaryFolder()
        func write() throws {
            let output = try AtomicFolder(path: parent("out"))
            try fill(output, "a", "1")
            throw Interrupted()
        }
        #expect(throws: Interrupted.self) { try write() }
        #expect(try parent.names == [])
    }

    @Test("An empty folder is filled; what a killed run left is cleared")
    func emptyAndLeftover() throws {
        let parent = try TemporaryFolder()
        try FileSystem.createFolder(parent("out"))
        try FileSystem.createFolder(parent(".out.partial/sub"))
        try parent.put(".out.partial/sub/old", "x")
        let output = try AtomicFolder(path: parent("out"))
        try fill(output, "a", "1")
        try output.commit()
        #expect(try parent.names == ["out"])
        #expect(try FileSystem.list(parent("out")) == ["a"])
    }

    @Test("A full folder is kept unless its replacement is asked for")
    func replacing() throws {
        let parent = try TemporaryFolder()
        try FileSystem.createFolder(parent("out"))
        try parent.put("out/mine", "x")
        expectError(.alreadyExists, saying: "not empty") { _ = try AtomicFolder(path: parent("out")) }
        let output = try AtomicFolder(path: parent("out"), replacing: true)
        try fill(output, "a", "1")
        #expect(try FileSystem.list(parent("out")) == ["mine"])
        try output.commit()
        #expect(try FileSystem.list(parent("out")) == ["a"])
        #expect(try parent.names == ["out"])
    }

    @Test("A folder that holds folders is never replaced, nor is a file")
    func refused() throws {
        let parent = try TemporaryFolder()
        try FileSystem.createFolder(parent("home/deep"))
        try parent.put("file", "x")
        expectError(.alreadyExists, saying: "deep") { _ = try AtomicFolder(path: parent("home"), replacing: true) }
        expectError(.alreadyExists, saying: "a file is in the place") {
            _ = try AtomicFolder(path: parent("file"), replacing: true)
        }
        expectError(.unwritable, saying: "parent folder") { _ = try AtomicFolder(path: parent("no/out")) }
        #expect(try parent.names == ["file", "home"])
    }

    @Test("Something that came into the place meanwhile is not overwritten")
    func cameMeanwhile() throws {
        let parent = try TemporaryFolder()
        let output = try AtomicFolder(path: parent("out"))
        try fill(output, "a", "1")
        try FileSystem.createFolder(parent("out"))
        try parent.put("out/theirs", "x")
        let error = commitError(output)
        #expect(error?.kind == .alreadyExists)
        #expect(try parent.names == ["out"])
        #expect(try FileSystem.list(parent("out")) == ["theirs"])
    }

    private func commitError(_ folder: consuming AtomicFolder) -> FileError? {
        do throws(FileError) {
            try folder.commit()
            return nil
        } catch { return error }
    }
}
