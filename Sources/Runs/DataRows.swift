import Data
import Files
import Text

/// A data file as the model reads it.
package struct DataRows {
    package let path: String
    /// Of the bytes that were read.
    package let sha256: String
    package let examples: [Example]
    package let encoded: [TokenExample]
    /// Remarks about single rows, for standard error.
    package let notes: [String]

    /// Reads and encodes a file.
    /// - Throws: an error that names the file and, where one is wrong, the row.
    package init(_ path: String, _ encoder: Encoder) throws {
        self.path = path
        let bytes = try readInput(path)
        sha256 = SHA256.digest(bytes)
        examples = try ExampleFile.parse(bytes, file: path)
        encoded = try examples.map(encoder.encode)
        notes = TokenExample.notes(encoded)
    }
}
