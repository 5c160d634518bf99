import Files
import Glibc

/// The whole content of a file of a tokenizer.
func readFile(_ path: String) throws(TextError) -> [UInt8] {
    try TextError.files { () throws(FileError) in
        let content = try Files.readFile(path, for: .tokenizer)
        if let mistake = MistakenFile(beginning: content) { throw mistake.error(path) }
        return content
    }
}

/// The JSON document in the file at `path`.
func readJSON(_ path: String) throws(TextError) -> JSONValue {
    let content = try readFile(path)
    do {
        return try JSONValue(parsing: content)
    } catch {
        throw .malformed(file: path, error)
    }
}

/// The JSON document in the file at `path`, `nil` if there is no such file.
func readJSONIfPresent(_ path: String) throws(TextError) -> JSONValue? {
    // A plain nil would be read as JSON's null.
    access(path, F_OK) == 0 ? try readJSON(path) : Optional<JSONValue>.none
}
