import Files
import Testing

@Suite("A run or a training that cannot be done is refused with status 2 before anything is written")
struct BadRunTests {
    private static func files() throws -> (forget: String, retain: String) {
        (
            try Scratch.shared.file("forget.jsonl", TinyModel.rows(["Ann"])),
            try Scratch.shared.file("retain.jsonl", TinyModel.rows(["Bob"]))
        )
    }

    @Test("run: a bad model", arguments: BadModelTests.cases)
    func model(_ bad: BadModelTests.Case) throws {
        let (forget, retain) = try Self.files()
        let out = Scratch.shared.path(unique: "out")
        try expectRefusal(
            ["run", "--model", bad.make(), "--forget", forget, "--retain", retain, "--out", out], bad.words, absent: out)
    }

    @Test("run and train: bad data", arguments: BadDataTests.cases)
    func data(_ bad: BadDataTests.Case) throws {
        let (forget, _) = try Self.files()
        let data = try Scratch.shared.file("data.jsonl", bad.content)
        let out = Scratch.shared.path(unique: "out")
        try expectRefusal(
            ["run", "--model", TinyModel.folder, "--forget", forget, "--retain", data, "--out", out],
            bad.words + [lastComponent(of: data)], absent: out)
        try expectRefusal(
            ["train", "--model", TinyModel.folder, "--data", data, "--out", out], bad.words + [lastComponent(of: data)],
            absent: out)
    }

    @Test(
        "run: settings that make no sense",
        arguments: [
            ["--rounds", "0"], ["--inner-steps", "-1"], ["--clip", "0"], ["--beta", "lots"], ["--inner-step", "far"],
            ["--forget-target", "-3"], ["--rho-growth", "0.5"], ["--lora", "0"], ["--trainable", "no.such.layer"],
            ["--device", "toaster"], ["--dtype", "int3"],
        ])
    func settings(_ arguments: [String]) throws {
        let (forget, retain) = try Self.files()
        let out = Scratch.shared.path(unique: "out")
        try expectRefusal(
            ["run", "--model", TinyModel.folder, "--forget", forget, "--retain", retain, "--out", out] + arguments, [],
            absent: out)
    }

    @Test("run: the same rows to forget and to keep, also in another order or format")
    func sameRows() throws {
        let names = ["Ann", "Bob", "Cid"]
        let forget = try Scratch.shared.file("forget.jsonl", TinyModel.rows(names))
        let rows = TinyModel.rows(names.reversed()).split(separator: "\n").joined(separator: ",\n")
        let retain = try Scratch.shared.file("retain.json", "[\(rows)]")
        let out = Scratch.shared.path(unique: "out")
        for other in [forget, retain] {
            let call = ["run", "--model", TinyModel.folder, "--forget", forget, "--retain", other, "--out", out]
            try expectRefusal(call, ["hold the same rows", lastComponent(of: other)], absent: out)
            try expectRefusal(call + ["--plan"], ["hold the same rows"], absent: out)
        }
    }

    @Test("run: a place that cannot be written", arguments: ["/proc/out", "/nowhere/deep/out", "/dev/null"])
    func place(_ out: String) throws {
        let (forget, retain) = try Self.files()
        let result = try Command.run(
            "run", "--model", TinyModel.folder, "--forget", forget, "--retain", retain, "--out", out)
        #expect(result.status == 2)
        #expect(result.errors.contains(out))
    }

    @Test("run: parts of the call that belong together")
    func together() throws {
        let out = Scratch.shared.path(unique: "out")
        try expectRefusal(["run", "--model", TinyModel.folder, "--out", out], ["--forget is missing"], absent: out)
        try expectRefusal(["run", "--resume"], ["--resume"], absent: out)
        let (forget, retain) = try Self.files()
        let call = ["run", "--model", TinyModel.folder, "--forget", forget, "--retain", retain]
        try expectRefusal(call, ["--out is missing"], absent: out)
        try expectRefusal(call + ["--out", out, "--resume"], ["no checkpoint"], absent: out)
        let alone = ["run", "--model", TinyModel.folder, "--forget", forget, "--out", out]
        for method in ["ofmu", "grad-diff"] { try expectRefusal(alone + ["--method", method], ["--retain is missing"], absent: out) }
    }
}
