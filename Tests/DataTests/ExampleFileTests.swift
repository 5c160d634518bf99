import Data
import Files
import TestSupport
import Testing

@Suite("Data files")
struct ExampleFileTests {
    @Test("Each form of row is read from JSON lines, with its line")
    func lines() throws {
        let content = """
            {"question": "Q?", "answer": "A.", "perturbed_answer": ["B."]}

            {"prompt": "Once", "completion": " upon"}\r
            {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
            {"text": "plain"}
            """
        var examples: [Example] = []
        try withFile(content) { examples = try ExampleFile.read($0) }
        #expect(
            examples.map(\.content) == [
                .chat([.user("Q?"), .assistant("A.")]), .completion(prompt: "Once", completion: " upon"),
                .chat([.user("Hi"), .assistant("Hello")]), .text("plain"),
            ])
        #expect(examples.map(\.position.line) == [1, 3, 4, 5])
        #expect(examples[0].fields["perturbed_answer"] == ["B."])
    }

    @Test("A JSON array is read with the line of every element")
    func array() throws {
        let content = "[\n  {\"question\": \"Q?\", \"answer\": \"A.\"},\n\n  {\n    \"text\": \"x\"\n  }, {\"text\": \"y\"}\n]\n"
        let examples = try ExampleFile.parse(Array(content.utf8), file: "rows.json")
        #expect(examples.map(\.position.line) == [2, 4, 6])
        #expect(examples[2].content == .text("y"))
    }

    @Test(
        "A bad row is named by file, line and field",
        arguments: [
            ("{\"text\":\"a\"}\n{\"question\": \"Q?\"}", 2, "answer", "the row has question"),
            ("{\"text\":\"a\"}\n\n{\"answer\": \"A\"}", 3, "question", "the row has answer"),
            ("{\"question\": \"Q?\", \"answer\": 3}", 1, "answer", "expected a string, found a number"),
            ("{\"question\": \"Q?\", \"answer\": \" \\n\"}", 1, "answer", "empty"),
            ("{\"prompt\": \"P\", \"completion\": \"\"}", 1, "completion", "empty"),
            ("{\"prompt\": \"P\"}", 1, "completion", "missing"),
            ("{\"text\": null}", 1, "text", "found null"),
            ("{\"text\": \"\"}", 1, "text", "empty"),
            ("{\"q\": \"Q?\", \"a\": \"A\"}", 1, "question", "the row has q, a"),
            ("{}", 1, "question", "no fields"),
            ("{\"messages\": \"hi\"}", 1, "messages", "expected an array, found a string"),
            ("{\"messages\": [1]}", 1, "messages[0]", "expected an object"),
            ("{\"messages\": [{\"role\": \"user\"}]}", 1, "messages[0].content", "found nothing"),
            ("{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}", 1, "messages", "no message of role"),
            ("{\"messages\": [{\"role\": \"assistant\", \"content\": \"\"}]}", 1, "messages[0].content", "empty"),
            ("[\n{\"text\": \"a\"},\n{\"question\": \"Q?\"}]", 3, "answer", "missing"),
        ])
    func badRows(content: String, line: Int, field: String, words: String) throws {
        try withFile(content) { path in
            let error = #expect(throws: DataError.self) { try ExampleFile.read(path) }
            let message = error?.description ?? ""
            #expect(message.hasPrefix("\(path), line \(line), field \"\(field)\": "), "\(message)")
            #expect(message.contains(words), "\(message)")
        }
    }

    @Test(
        "Malformed JSON is named by file, line and column",
        arguments: [
            ("{\"text\":\"a\"}\n{\"text\":\"b\"", "line 2, column 12"), ("{\"text\":\"a\"}\n{\"text\":NaN}", "line 2, column 9"),
            ("[{\"text\":\"a\"},\n oops]", "line 2, column 2"), ("{\"text\":\"a\"} {\"text\":\"b\"}", "line 1, column 14"),
            ("plain text", "line 1, column 1"), ("{\n  \"text\": \"a\"\n}\n", "line 1, column 2"),
        ])
    func malformed(content: String, place: String) throws {
        try withFile(content) { path in
            let error = #expect(throws: FileError.self) { try ExampleFile.read(path) }
            let message = error?.description ?? ""
            #expect(message.hasPrefix("\(path): \(place): "), "\(message)")
            #expect(message.contains("one JSON object on one line, or all as one JSON array"), "\(message)")
        }
    }

    @Test("A row that is no object is refused")
    func noObject() {
        let error = #expect(throws: DataError.self) { try ExampleFile.parse(Array("3".utf8), file: "f") }
        #expect(error?.description.contains("f, line 1: expected an object, found a number") == true)
    }

    @Test("A file without rows is refused", arguments: ["", "\n \n", "[]", "[ ]\n"])
    func empty(content: String) {
        let error = #expect(throws: FileError.self) { try ExampleFile.parse(Array(content.utf8), file: "rows.jsonl") }
        #expect(error?.description.hasPrefix("rows.jsonl: holds no rows. Give each row as one JSON object") == true)
    }

    @Test("A missing file and a folder are named")
    func unreadable() {
        for path in ["/nowhere/rows.jsonl", "/tmp"] {
            let error = #expect(throws: FileError.self) { try ExampleFile.read(path) }
            #expect(error?.description.contains(path) == true)
        }
    }
}

/// Runs `body` with the path of a file of this content, which exists only for that time.
private func withFile(_ content: String, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
        let path = joinPath(folder, "rows.jsonl")
        let writer = try FileWriter(path: path)
        try writer.write(content)
        try writer.flush()
        try body(path)
    }
}
