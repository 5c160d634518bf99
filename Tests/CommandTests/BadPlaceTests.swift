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
        let folder = Scratch.shared.path(unique: "occupied")
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

    @Test("A file that may not grow to its size leaves nothing behind", arguments: ["export", "train", "run"])
    func limitedFile(_ command: String) throws {
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann"]))
        let retain = try Scratch.shared.file("retain.jsonl", TinyModel.rows(["Bob"]))
        let out = Scratch.shared.path(unique: "limited")
        let arguments: [String] =
            switch command {
            case "export": ["export", "--model", model, "--out", out]
            case "train": ["train", "--model", model, "--data", data, "--steps", "1", "--out", out, "--device", "cpu", "--quiet"]
            default:
                [
                    "run", "--model", model, "--forget", data, "--retain", retain, "--rounds", "1", "--evaluate", "0", "--out", out,
                    "--device", "cpu", "--quiet",
                ]
            }
        try expectRefusal(arguments, ["larger than files may be"], absent: out, limits: "ulimit -f 8")
    }

    @Test("An unknown device", arguments: ["gpu", "opencl:99", "opencl:x", ""])
    func unknownDevice(_ name: String) throws {
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann"]))
        try expectRefusal(
            ["score", "--model", model, "--data", data, "--device", name], ["no device \"\(name)\"", "cpu"],
            absent: Scratch.shared.path(unique: "none"))
    }
}
