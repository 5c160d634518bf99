import Files
import Glibc
import Testing

@Suite("Files that are not files, names that are not names, and numbers beyond sense are refused at once")
struct HostileInputTests {
    private let model = TinyModel.folder
    private func data() throws -> String { try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann", "Bob"])) }
    private func other() throws -> String { try Scratch.shared.file("other.jsonl", TinyModel.rows(["Cid", "Dee"])) }

    private func pipe() -> String {
        let path = Scratch.shared.path(unique: "pipe")
        #expect(mkfifo(path, 0o600) == 0)
        return path
    }

    private func sparse() throws -> String {
        let path = try Scratch.shared.file("sparse", "")
        #expect(truncate(path, 100 << 30) == 0)
        return path
    }

    @Test("Data from a pipe, a device or a file of 100 GiB", arguments: ["score", "generate", "train", "run", "diagnose", "tokenize"])
    func data(_ command: String) throws {
        let out = Scratch.shared.path(unique: "out")
        for (path, word) in [(pipe(), "ordinary file"), ("/dev/zero", "ordinary file"), (try sparse(), "at most")] {
            let arguments: [String] =
                switch command {
                case "train": ["--data", path, "--out", out]
                case "run": ["--forget", path, "--retain", try data(), "--out", out]
                case "diagnose": ["--forget", try data(), "--retain", path]
                case "tokenize": ["--file", path]
                default: ["--data", path]
                }
            try expectRefusal([command, "--model", model] + arguments, [word, path], absent: out)
        }
    }

    @Test("A part of a model that is a pipe or has 100 GiB", arguments: ["config.json", "tokenizer.json", "tokenizer_config.json"])
    func part(_ name: String) throws {
        for (path, word) in [(pipe(), "ordinary file"), (try sparse(), "at most")] {
            let folder = Scratch.shared.path(unique: "model")
            try TinyModel.copy(model, to: folder)
            try FileSystem.remove(joinPath(folder, name))
            #expect(symlink(path, joinPath(folder, name)) == 0)
            try expectRefusal(["tokenize", "--model", folder, "--text", "a"], [word, name], absent: Scratch.shared.path(unique: "none"))
        }
    }

    @Test("Data come from standard input under the name -")
    func standardInput() throws {
        let data = try data()
        let score = ["score", "--model", model, "--device", "cpu", "--data"]
        let fromInput = try Command.run(score + ["-"], input: data)
        #expect(fromInput.status == 0, "\(fromInput.errors)")
        #expect(try fromInput.output == Command.run(score + [data]).output)
        let text = try Scratch.shared.file("text", "a\nb\n")
        #expect(try Command.run(["tokenize", "--model", model, "--file", "-"], input: text).output == "[97]\n[98]\n")
        let bad = try Command.run(score + ["-"], input: text)
        #expect(bad.status == 2)
        #expect(bad.errors.contains("standard input, line 1") || bad.errors.contains("standard input: line 1"), "\(bad.errors)")
        let twice = try Command.run(
            ["run", "--model", model, "--forget", "-", "--retain", "-", "--out", Scratch.shared.path(unique: "out")], input: data)
        #expect(twice.status == 2)
        #expect(twice.errors.contains("Only one"))
    }

    @Test("Control characters of data and names reach no terminal, and programs get them exactly")
    func controls() throws {
        let question = "Who\u{1B}[31m?\u{9B}2J\r\u{202E}"
        let row: JSONValue = ["question": .string(question), "answer": "Ann\u{7}."]
        let data = try Scratch.shared.file("data.jsonl", row.serialized() + "\n")
        let call = ["generate", "--model", model, "--device", "cpu", "--max-tokens", "3", "--data", data]
        let shown = try Command.run(call)
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.contains(#"Who\u{1B}[31m?\u{009B}2J\r\u{202E}"#), "\(shown.output)")
        let exact = try JSONValue(parsing: Array(Command.run(call + ["--json"]).output.utf8))
        #expect(exact["prompt"]?.asString.map { Array($0.unicodeScalars) } == Array(question.unicodeScalars))

        let key: JSONValue = ["que\u{1B}]0;x\u{7}stion": "a\nb"]
        for arguments in [
            ["score", "--model", "/nowhere/\u{1B}[31m\nofmu-gpu: all is well", "--data", data],
            ["score", "--model", model, "--data", try Scratch.shared.file("bad.jsonl", key.serialized() + "\n")],
            ["score", "--model", model, "--data", "/nowhere/\u{1B}c"],
            ["score", "--model", model, "--data", data, "--device", "\u{1B}c"],
        ] {
            let refused = try Command.run(arguments)
            #expect(refused.status == 2)
            let hidden = (shown.output + refused.errors).unicodeScalars.filter {
                ($0.value < 0x20 && $0 != "\n") || (0x7F..<0xA0).contains($0.value)
            }
            #expect(hidden.isEmpty, "\(refused.errors)")
            #expect(!refused.errors.contains("\nofmu-gpu: all is well"))
        }
    }

    @Test("A name of 100,000 characters does not fill the screen")
    func longNames() throws {
        let name = String(repeating: "n", count: 100_000)
        let row: JSONValue = .object(JSONObject([(name, "x"), (name + " " + name, "y")]))
        let none = Scratch.shared.path(unique: "none")
        for arguments in [
            ["score", "--model", "/nowhere/" + name, "--data", "x"], ["score", "--model", model, "--data", "/nowhere/" + name],
            ["score", "--model", model, "--data", try Scratch.shared.file("long.jsonl", row.serialized() + "\n")],
            ["score", "--model", model, "--data", try Scratch.shared.file("number.jsonl", String(repeating: "9", count: 100_000))],
            ["score", "--model", try TinyModel.damaged("config.json") { replace(#""llama""#, by: "\"\(name)\"", in: &$0) }, "--data", "x"],
            ["export", "--model", model, "--out", "/nowhere/" + name],
            ["run", "--model", model, "--forget", try data(), "--retain", try other(), "--trainable", name, "--out", none],
        ] {
            let result = try Command.run(arguments)
            #expect(result.status == 2)
            #expect(result.errors.utf8.count < 2500, "\(result.errors.prefix(300))")
        }
    }

    @Test(
        "Numbers beyond their limits are refused before the work, with the limits",
        arguments: [
            ["run", "--rounds", "9223372036854775807"], ["run", "--inner-steps", "9223372036854775807"],
            ["run", "--outer-steps", "1000000000000"], ["run", "--forget-batch", "9223372036854775807"],
            ["run", "--retain-batch", "1000000000"], ["run", "--refresh", "0"], ["run", "--most-rollbacks=-1"],
            ["run", "--hold-rounds", "0"], ["run", "--rho-growth", "inf"], ["run", "--rho-limit", "nan"], ["run", "--clip", "nan"],
            ["run", "--rise-limit", "inf"], ["run", "--retain-tolerance", "nan"], ["run", "--retain-floor=-1"],
            ["run", "--gradient-tolerance", "nan"], ["run", "--evaluate", "9223372036854775807"],
            ["run", "--answer-tokens", "9223372036854775807"], ["run", "--checkpoint-every", "nan"],
            ["run", "--lora", "9223372036854775807"], ["run", "--max-length", "9223372036854775807"],
            ["train", "--epochs", "9223372036854775807"], ["train", "--steps", "9223372036854775807"],
            ["train", "--batch-size", "9223372036854775807"], ["train", "--lr", "nan"], ["train", "--lr", "inf"],
            ["train", "--warm-up", "9223372036854775807"], ["train", "--weight-decay", "nan"], ["train", "--clip", "nan"],
            ["train", "--checkpoint-every", "inf"], ["score", "--batch-size", "9223372036854775807"],
            ["generate", "--max-tokens", "9223372036854775807"], ["generate", "--batch-size", "0"], ["generate", "--temperature", "nan"],
            ["generate", "--top-p", "nan"], ["diagnose", "--batch-size", "9223372036854775807"],
            ["bench step", "--batch", "9223372036854775807"],
            ["bench step", "--repeats", "9223372036854775807"], ["bench kernels", "--seconds", "inf"],
        ])
    func limits(_ arguments: [String]) throws {
        let out = Scratch.shared.path(unique: "out")
        let data = try data()
        let call: [String] =
            switch arguments[0] {
            case "run": ["run", "--model", model, "--forget", data, "--retain", try other(), "--out", out]
            case "train": ["train", "--model", model, "--data", data, "--out", out]
            case "score", "generate": [arguments[0], "--model", model, "--data", data]
            case "diagnose": ["diagnose", "--model", model, "--forget", data, "--retain", try other()]
            default: arguments[0].split(separator: " ").map(String.init)
            }
        try expectRefusal(call + arguments.dropFirst(), ["must be ", ", not "], absent: out)
    }

    @Test("A model whose numbers overflow is named with the first row, and nothing is scored")
    func overflow() throws {
        let large = withUnsafeBytes(of: Float(1e30).bitPattern.littleEndian) { Array($0) }
        let bad = try TinyModel.damaged("model.safetensors") { bytes in
            for place in stride(from: bytes.count - 4000, to: bytes.count, by: 4) {
                bytes.replaceSubrange(place..<(place + 4), with: large)
            }
        }
        let data = try data()
        try expectRefusal(
            ["score", "--model", bad, "--data", data, "--device", "cpu"], ["line 1", "the loss is"],
            absent: Scratch.shared.path(unique: "none"))
        let out = Scratch.shared.path(unique: "out")
        for call in [
            ["inspect", bad, "--logits", "abc", "--dump", out], ["generate", "--model", bad, "--prompt", "Who?"],
            ["diagnose", "--model", bad, "--forget", data, "--retain", try other(), "--dump", out],
        ] {
            let refused = try Command.run(call + ["--device", "cpu"])
            #expect(refused.status == 2)
            #expect(refused.errors.contains("not finite"), "\(refused.errors)")
            #expect(FileSystem.entry(at: out) == nil)
        }
        try expectRefusal(
            ["run", "--model", bad, "--forget", data, "--retain", other(), "--out", out, "--device", "cpu", "--answer-tokens", "2"],
            ["not finite"], absent: out)
    }

    @Test("A place for numbers that cannot be written is refused before they are computed", arguments: ["inspect", "diagnose"])
    func dump(_ command: String) throws {
        let call =
            try command == "inspect"
            ? ["inspect", model, "--logits", "abc"] : ["diagnose", "--model", model, "--forget", data(), "--retain", other()]
        try expectRefusal(call + ["--dump", "/nowhere/dump"], ["/nowhere/dump", "parent folder"], absent: "/nowhere/dump")
        let dump = Scratch.shared.path(unique: "dump")
        let untold = try Command.run(call + ["--dump", dump, "--device", "cpu", "--json"], output: "/dev/full")
        #expect(untold.status == 74)
        #expect(untold.errors.contains("complete in \(dump)"), "\(untold.errors)")
        #expect(FileSystem.isFile(dump))
    }

    @Test("Any number of threads that is asked for works", arguments: ["0", "-5", "9223372036854775807", "many", ""])
    func threads(_ count: String) throws {
        let result = try Command.run(
            ["score", "--model", model, "--data", data(), "--device", "cpu"], environment: ["OFMU_THREADS": count])
        #expect(result.status == 0, "\(result.errors)")
    }
}
