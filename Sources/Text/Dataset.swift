import Data
import Files

/// Reading of training and evaluation data.
package enum Dataset {
    /// Reads a JSON array of objects, or one JSON object on each line; from standard input if the path is "-".
    ///
    /// A row has `question` and `answer`, or `prompt` and `completion`, or `messages`, or `text`; other fields
    /// are kept but mean nothing here. Blank lines are skipped.
    /// - Throws: `TextError` that names the file, the line and the field.
    package static func read(_ path: String) throws(TextError) -> [Example] {
        try parse(
            TextError.files { () throws(FileError) in try readInput(path) }, file: path == standardInputName ? "standard input" : path)
    }

    /// Reads rows from bytes; `file` is for messages. See `read`.
    package static func parse(_ bytes: [UInt8], file: String) throws(TextError) -> [Example] {
        if let mistake = MistakenFile(rows: bytes) {
            throw .file(mistake.error(file))
        }
        let opening = bytes.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        let rows = opening == UInt8(ascii: "[") ? try arrayRows(bytes, file) : try lineRows(bytes, file)
        guard !rows.isEmpty else { throw .empty(file: file) }
        var examples: [Example] = []
        examples.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            examples.append(try example(row.value, RowPosition(file: file, line: row.line, index: index)))
        }
        return examples
    }

    private static func arrayRows(
        _ bytes: [UInt8], _ file: String
    ) throws(TextError) -> [(line: Int, value: JSONValue)] {
        do {
            return try JSONValue.rows(ofArray: bytes)
        } catch {
            throw .malformed(file: file, error)
        }
    }

    private static func lineRows(
        _ bytes: [UInt8], _ file: String
    ) throws(TextError) -> [(line: Int, value: JSONValue)] {
        var rows: [(line: Int, value: JSONValue)] = []
        var line = 0
        for content in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            if content.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            do {
                rows.append((line, try JSONValue(parsing: Array(content))))
            } catch {
                throw .malformed(
                    file: file, JSONError(line: line, column: error.column, problem: error.problem))
            }
        }
        return rows
    }

    private static func example(_ row: JSONValue, _ position: RowPosition) throws(TextError) -> Example {
        guard let fields = row.asObject else {
            throw .row(file: position.file, line: position.line, field: "", problem: "expected an object, found \(row.kind)")
        }
        let reader = RowReader(fields: fields, position: position)
        let content: Example.Content
        if fields["messages"] != nil {
            content = .chat(try reader.messages())
        } else if fields["question"] != nil || fields["answer"] != nil {
            let question = try reader.text("question")
            content = .chat([.user(question), .assistant(try reader.answer("answer"))])
        } else if fields["prompt"] != nil || fields["completion"] != nil {
            let prompt = try reader.text("prompt")
            content = .completion(prompt: prompt, completion: try reader.answer("completion"))
        } else if fields["text"] != nil {
            content = .text(try reader.answer("text"))
        } else {
            throw .row(
                file: position.file, line: position.line, field: "question",
                problem: "missing; " + reader.found + ", expected question and answer, prompt and completion, "
                    + "messages, or text")
        }
        return Example(content, at: position, fields: fields)
    }
}

/// Takes typed fields out of one row.
private struct RowReader {
    let fields: JSONObject
    let position: RowPosition

    var found: String {
        fields.members.isEmpty ? "the row has no fields" : "the row has " + fields.keys.joined(separator: ", ")
    }

    func text(_ field: String) throws(TextError) -> String {
        guard let value = fields[field] else { throw failure(field, "missing; \(found)") }
        guard let text = value.asString else { throw failure(field, "expected a string, found \(value.kind)") }
        return text
    }

    /// Text that the loss is taken over: without any there is nothing to learn or forget.
    func answer(_ field: String) throws(TextError) -> String {
        let answer = try text(field)
        if trimmed(answer).isEmpty { throw failure(field, "empty; give the text or remove the row") }
        return answer
    }

    func messages() throws(TextError) -> [ChatMessage] {
        guard let list = fields["messages"]?.asArray else {
            throw failure("messages", "expected an array, found \(fields["messages"]?.kind ?? "nothing")")
        }
        var messages: [ChatMessage] = []
        for (index, entry) in list.enumerated() {
            let name = "messages[\(index)]"
            guard let object = entry.asObject else {
                throw failure(name, "expected an object with role and content, found \(entry.kind)")
            }
            func part(_ key: String) throws(TextError) -> String {
                guard let text = object[key]?.asString else {
                    throw failure("\(name).\(key)", "expected a string, found \(object[key]?.kind ?? "nothing")")
                }
                return text
            }
            let isPlain = object.keys == ["role", "content"]
            let message = ChatMessage(
                role: try part("role"), content: try part("content"), fields: isPlain ? JSONObject() : object)
            if message.role == "assistant", trimmed(message.content).isEmpty {
                throw failure("\(name).content", "the answer is empty; give the text or remove the row")
            }
            messages.append(message)
        }
        guard messages.contains(where: { $0.role == "assistant" }) else {
            throw failure("messages", "holds no message of role \"assistant\", so there is no answer")
        }
        return messages
    }

    private func failure(_ field: String, _ problem: String) -> TextError {
        .row(file: position.file, line: position.line, field: field, problem: problem)
    }
}
