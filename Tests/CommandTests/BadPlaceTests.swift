import Files
import Glibc
import Testing

@Suite("A place that cannot be written to, or a device that is not there, is the user's to mend: status 2")
struct BadPlaceTests {
    private let model = TinyModel.folder

    @Test("An output folder below a file")
    func belowFile() throws {
        let file = try Scratch.shared.file("plain", "x")
        try expectRefusal(["export", "--model", model, "--out", file + "/model"], ["file"], absent: file + "/model")
    }

    @Test("An output folder where nothing can be made")
    func unwritable() throws {
        try expectRefusal(["export", "--model", model, "--out", "/proc/model"], ["/proc/model"], absent: "/proc/model")
    }

    @Test("An output folder that is not empty is left as it is")
    func occupied() throws {
        let folder = try Scratch.shared.path(unique: "occupied")
        try FileSystem.createFolder(folder)
        try Scratch.write([1, 2, 3], to: folder + "/mine")
        let result = try Command.run("export", "--model", model, "--out", folder)
        #expect(result.status == 2)
        #expect(result.errors.contains("not empty"))
        #expect(try FileSystem.list(folder) == ["mine"])
    }

    @Test("Standard output on a full disk")
    func fullStandardOutput() throws {
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann"]))
        let result = try Command.run(["score", "--model", model, "--data", data], output: "/dev/full")
        #expect(result.status == 2)
        #expect(result.errors.contains("standard output"))
    }

    /// A disk of 20 KiB, where this process may mount one: in a container usually not.
    static let smallDisk: String? = {
        guard let folder = try? Scratch.shared.path(unique: "disk"), (try? FileSystem.createFolder(folder)) != nil,
            mount("tmpfs", folder, "tmpfs", 0, "size=20k") == 0
        else { return nil }
        return folder
    }()

    @Test("An output folder on a full disk", .enabled(if: smallDisk != nil, "no file system can be mounted here"))
    func fullDisk() throws {
        let disk = try #require(Self.smallDisk)
        defer { umount(disk) }
        try expectRefusal(["export", "--model", model, "--out", disk + "/model"], ["disk is full"], absent: disk + "/model")
    }

    @Test("An unknown device", arguments: ["gpu", "opencl:99", "opencl:x", ""])
    func unknownDevice(_ name: String) throws {
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann"]))
        try expectRefusal(
            ["score", "--model", model, "--data", data, "--device", name], ["no device \"\(name)\"", "cpu"],
            absent: Scratch.shared.path(unique: "none"))
    }
}
