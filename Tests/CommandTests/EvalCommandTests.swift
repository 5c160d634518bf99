import Files
import Testing

@Suite("eval refuses what it cannot measure, and measures what it is given")
struct EvalCommandTests {
    @Test(
        "Options that say nothing, or contradict each other, are told by name",
        arguments: [
            (["--prefix", "0"], "--prefix"), (["--prefix", "1"], "--prefix"), (["--prefix", "0.5,x"], "--prefix"),
            (["--prefix", "0.5,0.50"], "twice"), (["--prefix", "nan"], "--prefix"), (["--samples", "0"], "--samples"),
            (["--samples", "2", "--temperature", "0"], "--temperature"), (["--temperature", "1"], "--samples"),
            (["--samples", "2", "--answer-tokens", "0"], "--answer-tokens"), (["--muse", "folder"], "--muse"),
        ])
    func options(arguments: [String], word: String) throws {
        let data = try Scratch.shared.file("forget.jsonl", TinyModel.rows(["Ann"])), out = Scratch.shared.path(unique: "out")
        try expectRefusal(
            ["eval", "--model", TinyModel.folder, "--forget", data, "--out", out] + arguments, [word], absent: out)
    }

    @Test("Without anything to measure, and without the forget set that an option is about, it says so")
    func nothing() throws {
        let out = Scratch.shared.path(unique: "out"), data = try Scratch.shared.file("retain.jsonl", TinyModel.rows(["Ann"]))
        try expectRefusal(["eval", "--model", TinyModel.folder, "--out", out], ["--forget", "--muse"], absent: out)
        for option in [["--samples", "2"], ["--prefix", "0.5"], ["--relearn", "2"], ["--depth"]] {
            try expectRefusal(
                ["eval", "--model", TinyModel.folder, "--retain", data, "--out", out] + option, [option[0], "--forget"], absent: out)
        }
    }

    @Test("A row of whose answer a beginning leaves nothing is named; others are measured, the same way twice")
    func probing() throws {
        let out = Scratch.shared.path(unique: "out")
        let short = try Scratch.shared.file("short.jsonl", TinyModel.rows(["Ann"]) + #"{"prompt": "Who?", "completion": "A"}"# + "\n")
        try expectRefusal(
            ["eval", "--model", TinyModel.folder, "--forget", short, "--prefix", "0.5", "--out", out],
            ["line 2", "\"completion\"", "--prefix", lastComponent(of: short)], absent: out)
        let data = try Scratch.shared.file("forget.jsonl", TinyModel.rows(["Ann", "Bob"]))
        let results = try (0..<2).map { number in
            let folder = "\(out)\(number)"
            let result = try Command.run([
                "eval", "--model", TinyModel.folder, "--forget", data, "--holdout", data, "--samples", "2", "--prefix", "0.25,0.5",
                "--answer-tokens", "4", "--device", "cpu", "--out", folder,
            ])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("sampled answers, the worst of each question"))
            return try JSONValue(contentsOf: joinPath(folder, "eval.json"))
        }
        #expect(results[0]["metrics"] == results[1]["metrics"] && results[0]["questions"] == results[1]["questions"])
        #expect(results[0]["questions"]?["forget"]?.asArray?.first?["sampled"]?.asArray?.count == 2)
    }

    @Test("A wrong multiple-choice row is named with file, line and field")
    func choices() throws {
        let good = #"{"question": "Who?", "choices": ["a", "b", "c", "d"], "answer": 0}"# + "\n", out = Scratch.shared.path(unique: "out")
        for (row, words) in [
            (#"{"question": "Who?", "choices": [], "answer": 0}"#, ["line 2", "\"choices\""]),
            (#"{"question": "Who?", "choices": ["a", "b", "c", "d"], "answer": 4}"#, ["line 2", "\"answer\"", "from 0 to 3"]),
        ] {
            let data = try Scratch.shared.file("bio.jsonl", good + row + "\n")
            try expectRefusal(
                ["eval", "--model", TinyModel.folder, "--wmdp-bio", data, "--out", out], words + [lastComponent(of: data)], absent: out)
        }
        let data = try Scratch.shared.file("bio.jsonl", good + good)
        let result = try Command.run(["eval", "--model", TinyModel.folder, "--wmdp-bio", data, "--device", "cpu", "--out", out])
        // The prompt is longer than the tiny model's context.
        #expect(result.status == 0 && result.output.contains("WMDP biology: accuracy"), "\(result.errors)")
        #expect(result.errors.contains("2 of 2 prompts are too long"), "\(result.errors)")
    }
}
