extension JSONValue {
    /// Reads a JSON file.
    /// - Throws: what opening the file throws, or `malformed` with line and column.
    package init(contentsOf path: String, for use: FileUse = .configuration) throws(FileError) {
        let bytes = try readFile(path, for: use)
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
            try JSONValue(parsing: UnsafeRawBufferPointer(bytes), of: path)
        }
    }

    /// Reads a JSON file that may be absent: nil then.
    package static func read(ifPresent path: String, for use: FileUse) throws(FileError) -> JSONValue? {
        // A plain nil would be read as JSON's null.
        FileSystem.entry(at: path) == nil ? Optional<JSONValue>.none : try JSONValue(contentsOf: path, for: use)
    }

    /// Reads a JSON document that stands in, or is, the file `path`.
    init(parsing bytes: UnsafeRawBufferPointer, of path: String) throws(FileError) {
        if let mistake = MistakenFile(beginning: bytes) { throw mistake.error(path) }
        do throws(JSONError) {
            try self.init(parsing: bytes)
        } catch {
            throw FileError(
                .malformed, path: path, problem: "not valid JSON: \(error)",
                advice: "Correct it, or download the file again")
        }
    }
}
