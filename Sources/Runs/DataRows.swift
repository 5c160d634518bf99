import Data
import Files
import Models
import Reporting
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

    /// Reads and encodes a file and makes sure that every row can be computed.
    /// - Throws: an error that names the file and the line.
    package init(_ path: String, _ encoder: Encoder, _ dimensions: LanguageDimensions) throws {
        self.path = path
        let bytes = try readInput(path)
        sha256 = SHA256.digest(bytes)
        examples = try Dataset.parse(bytes, file: path == standardInputName ? "standard input" : path)
        encoded = try examples.map { (example) throws in
            let row = try encoder.encode(example)
            do throws(ModelError) {
                try dimensions.check([row])
            } catch {
                throw RunError.badInput("\(row.position): \(Self.words(error))")
            }
            return row
        }
        notes = TokenExample.notes(encoded, file: path)
    }

    /// A model's complaint without the number of the example, which the line replaces.
    private static func words(_ error: ModelError) -> String {
        switch error {
        case .idOutsideVocabulary(_, let position, let id, let vocabulary):
            "the id \(id) at position \(position + 1) is outside the model's vocabulary of \(vocabulary). "
                + "Does the tokenizer belong to this model?"
        case .sequenceTooLong(_, let length, let maximum, let reason):
            "\(length) tokens, but at most \(maximum) fit (\(reason)). Shorten it or use --max-length with --truncate."
        case .unusableExample(_, let problem): "\(problem)."
        default: error.description
        }
    }
}
