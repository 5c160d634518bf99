import Files

/// What can go wrong with tokenizers, templates and data sets.
package enum TextError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file cannot be read.
    case file(FileError)
    /// A file is not JSON; the error has its line and column.
    case malformed(file: String, JSONError)
    /// A data file has no rows.
    case empty(file: String)
    /// A row of a data file is wrong. `field` is empty when the row as a whole is.
    case row(file: String, line: Int, field: String, problem: String)
    /// An encoded row is longer than the model's context; `length` and `limit` count tokens.
    case tooLong(file: String, line: Int, length: Int, limit: Int)
    /// A tokenizer needs something this engine lacks.
    case unsupported(part: String, found: String, supported: String)
    /// A tokenizer description contradicts itself or misses a part.
    case invalid(part: String, problem: String)
    /// A conversation does not fit the chat template.
    case conversation(problem: String)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .malformed(let file, let error): "\(file): \(error)"
        case .empty(let file):
            "\(file): holds no rows; expected a JSON array or one JSON object on each line"
        case .row(let file, let line, "", let problem): "\(file), line \(line): \(problem)"
        case .row(let file, let line, let field, let problem):
            "\(file), line \(line), field \"\(field)\": \(problem)"
        case .tooLong(let file, let line, let length, let limit):
            "\(file), line \(line): \(length) tokens, but the limit is \(limit); "
                + "shorten the text, raise the limit or ask for truncation"
        case .unsupported(let part, let found, let supported):
            "tokenizer, \(part): \(found) is not supported; supported: \(supported)"
        case .invalid(let part, let problem): "tokenizer, \(part): \(problem)"
        case .conversation(let problem): "chat template: \(problem)"
        }
    }

    /// Runs `body`, putting what Files throws into a `TextError`.
    static func files<T>(_ body: () throws(FileError) -> T) throws(TextError) -> T {
        do { return try body() } catch { throw .file(error) }
    }
}
