import Files
import Testing

@Suite("Bad data is refused with status 2 and a message that names the file and the line")
struct BadDataTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var content: String
        var words: [String]

        init(_ description: String, _ content: String, _ words: [String]) {
            testDescription = description
            self.content = content
            self.words = words
        }
    }

    static let good = TinyModel.rows(["Ann"])
    static let cases: [Case] = [
        Case("an empty file", "", ["no rows"]),
        Case("blank lines", "\n \n", ["no rows"]),
        Case("a line that is not JSON", good + "{\"question\": \n", ["line 2"]),
        Case("a row that is no object", good + "7\n", ["line 2", "object"]),
        Case("a row without an answer", good + #"{"question": "Who?"}"# + "\n", ["line 2", "answer"]),
        Case("an empty answer", good + #"{"question": "Who?", "answer": ""}"# + "\n", ["line 2", "answer", "empty"]),
        Case("an answer of another type", good + #"{"question": "Who?", "answer": 3}"# + "\n", ["line 2", "string"]),
        Case(
            "a sequence beyond the context",
            good + #"{"question": "Who?", "answer": "\#(String(repeating: "long ", count: 30))"}"# + "\n",
            ["line 2", "tokens", "\(TinyModel.context)"]),
        Case("a table", "question,answer\nWho?,Ann\n", ["CSV", "JSONL"]),
        Case("a Git LFS pointer", BadModelTests.pointer, ["Git LFS pointer", "git lfs pull"]),
        Case("an unfinished array", "[\(good)", ["line"]),
    ]

    @Test("score", arguments: cases)
    func score(_ bad: Case) throws {
        let data = try Scratch.shared.file("data.jsonl", bad.content)
        let absent = Scratch.shared.path(unique: "none")
        try expectRefusal(
            ["score", "--model", TinyModel.folder, "--data", data], bad.words + [lastComponent(of: data)], absent: absent)
    }

    @Test("diagnose leaves no dump", arguments: cases)
    func diagnose(_ bad: Case) throws {
        let data = try Scratch.shared.file("data.jsonl", bad.content)
        let good = try Scratch.shared.file("good.jsonl", Self.good)
        let dump = Scratch.shared.path(unique: "dump.safetensors")
        try expectRefusal(
            ["diagnose", "--model", TinyModel.folder, "--forget", good, "--retain", data, "--dump", dump],
            bad.words + [lastComponent(of: data)], absent: dump)
    }

    @Test("An id beyond the vocabulary is named with its line")
    func foreignID() throws {
        let model = try TinyModel.make(extraTokens: ["<|extra|>"])
        let data = try Scratch.shared.file(
            "data.jsonl", Self.good + #"{"question": "<|extra|>", "answer": "yes"}"# + "\n")
        try expectRefusal(
            ["score", "--model", model, "--data", data], ["line 2", "257", "vocabulary"],
            absent: Scratch.shared.path(unique: "none"))
    }

    @Test("A missing file is named")
    func missing() throws {
        try expectRefusal(
            ["score", "--model", TinyModel.folder, "--data", "/nowhere/data.jsonl"], ["/nowhere/data.jsonl"],
            absent: Scratch.shared.path(unique: "none"))
    }
}
