import Files

/// Reading of training and evaluation data: the only place where examples are taken from files.
public enum ExampleFile {
    /// Reads a JSON array of objects, or one JSON object on each line; from standard input if the path is "-".
    ///
    /// A row has `question` and `answer`, or `prompt` and `completion`, or `messages`, or `text`; other fields
    /// are kept but mean nothing here. Blank lines are skipped.
    /// - Throws: `FileError` for a file that cannot be read or is no JSON, `DataError` that names line and field of a wrong row.
    public static func read(_ path: String) throws -> [Example] { try parse(readInput(path), file: path) }

    /// Reads rows from bytes; `file` is for messages. See `read`.
    public static func parse(_ bytes: [UInt8], file path: String) throws -> [Example] {
        try rows(bytes, file: path).map { try RowReader($0.value, $0.position).example() }
    }

    /// The rows of a JSON array or of lines, whatever they hold; at least one. See `read`.
    package static func rows(_ bytes: [UInt8], file path: String) throws(FileError) -> [(position: RowPosition, value: JSONValue)] {
        let file = path == standardInputName ? "standard input" : path
        if let mistake = MistakenFile(rows: bytes) { throw mistake.error(file) }
        let malformed = { (problem: String) in
            FileError(
                .malformed, path: file, problem: problem, advice: "Give each row as one JSON object on one line, or all as one JSON array")
        }
        let rows: [(line: Int, value: JSONValue)]
        do throws(JSONError) {
            let opening = bytes.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
            rows = opening == UInt8(ascii: "[") ? try JSONValue.rows(ofArray: bytes) : try lineRows(bytes)
        } catch {
            throw malformed("\(error)")
        }
        if rows.isEmpty { throw malformed("holds no rows") }
        return rows.enumerated().map { index, row in (RowPosition(file: file, line: row.line, index: index), row.value) }
    }

    private static func lineRows(_ bytes: [UInt8]) throws(JSONError) -> [(line: Int, value: JSONValue)] {
        var rows: [(line: Int, value: JSONValue)] = []
        var line = 0
        for content in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            if content.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            do throws(JSONError) {
                rows.append((line, try JSONValue(parsing: Array(content))))
            } catch {
                throw JSONError(line: line, column: error.column, problem: error.problem)
            }
        }
        return rows
    }
}

/// Takes typed fields out of one row.
private struct RowReader {
    private let fields: JSONObject
    private let position: RowPosition

    init(_ row: JSONValue, _ position: RowPosition) throws(DataError) {
        guard let fields = row.asObject else { throw DataError(position, "expected an object, found \(row.kind)") }
        self.fields = fields
        self.position = position
    }

    func example() throws(DataError) -> Example {
        let content: Example.Content
        if fields["messages"] != nil {
            content = .chat(try messages())
        } else if fields["question"] != nil || fields["answer"] != nil {
            content = .chat([.user(try text("question")), .assistant(try answer("answer"))])
        } else if fields["prompt"] != nil || fields["completion"] != nil {
            content = .completion(prompt: try text("prompt"), completion: try answer("completion"))
        } else if fields["text"] != nil {
            content = .text(try answer("text"))
        } else {
            throw failure("question", "missing; \(found), expected question and answer, prompt and completion, messages, or text")
        }
        return Example(content, at: position, fields: fields)
    }

    private var found: String {
        fields.members.isEmpty ? "the row has no fields" : "the row has " + fields.keys.joined(separator: ", ")
    }

    private func text(_ field: String) throws(DataError) -> String {
        guard let value = fields[field] else { throw failure(field, "missing; \(found)") }
        guard let text = value.asString else { throw failure(field, "expected a string, found \(value.kind)") }
        return text
    }

    /// Text that the loss is taken over: without any there is nothing to learn or forget.
    private func answer(_ field: String) throws(DataError) -> String {
        let answer = try text(field)
        if answer.isBlank { throw failure(field, "empty; give the text or remove the row") }
        return answer
    }

    private func messages() throws(DataError) -> [ChatMessage] {
        guard let list = fields["messages"]?.asArray else {
            throw failure("messages", "expected an array, found \(fields["messages"]?.kind ?? "nothing")")
        }
        var messages: [ChatMessage] = []
        for (index, entry) in list.enumerated() {
            let name = "messages[\(index)]"
            guard let object = entry.asObject else {
                throw failure(name, "expected an object with role and content, found \(entry.kind)")
            }
            func part(_ key: String) throws(DataError) -> String {
                guard let text = object[key]?.asString else {
                    throw failure("\(name).\(key)", "expected a string, found \(object[key]?.kind ?? "nothing")")
                }
                return text
            }
            let isPlain = object.keys == ["role", "content"]
            let message = ChatMessage(
                role: try part("role"), content: try part("content"), fields: isPlain ? JSONObject() : object)
            if message.role == "assistant", message.content.isBlank {
                throw failure("\(name).content", "the answer is empty; give the text or remove the row")
            }
            messages.append(message)
        }
        guard messages.contains(where: { $0.role == "assistant" }) else {
            throw failure("messages", "holds no message of role \"assistant\", so there is no answer")
        }
        return messages
    }

    private func failure(_ field: String, _ problem: String) -> DataError { DataError(position, field: field, problem) }
}

extension String {
    fileprivate var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
