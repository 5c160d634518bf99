/// A file that is of another kind than its name says, as downloads and copies leave them: what it is, and what to do.
package struct MistakenFile: Equatable, Sendable {
    /// Fits after "the file is", for example "a Git LFS pointer".
    package let what: String
    package let advice: String

    /// Recognises a file by its first bytes. Nil for everything that may well be what it is said to be.
    package init?(beginning bytes: UnsafeRawBufferPointer) {
        if let pointer = Self.pointer(bytes) {
            self = pointer
            return
        }
        guard let found = Self.kinds.first(where: { bytes.starts(with: $0.mark) }) ?? Self.page(bytes) else { return nil }
        what = found.what
        advice = found.advice
    }

    package init?(beginning bytes: [UInt8]) {
        guard let found = bytes.withUnsafeBytes({ MistakenFile(beginning: $0) }) else { return nil }
        self = found
    }

    /// As `init(beginning:)` for a file of rows as JSON: a table is none.
    package init?(rows bytes: [UInt8]) {
        if let found = MistakenFile(beginning: bytes) {
            self = found
            return
        }
        let start = bytes.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        let line = String(decoding: start.prefix(4096).prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        // The names of columns, which no JSON can begin with; a column of numbers has an empty name.
        guard let first = line.unicodeScalars.first,
            first.properties.isAlphabetic || ["\"", "_", ",", ";"].contains(first),
            !["true", "false", "null"].contains(line),
            let mark = [",", "\t", ";"].first(where: { line.contains($0) }), !line.contains("{")
        else { return nil }
        self.init(
            what: "a table of columns (\(mark == "\t" ? "TSV" : "CSV")), not JSON",
            advice: "Convert it to JSONL: in Python, pandas.read_csv(…\(mark == "," ? "" : ", sep=\(mark == "\t" ? "\"\\t\"" : "\";\"")"))"
                + ".to_json(…, orient=\"records\", lines=True)")
    }

    private init(what: String, advice: String) {
        self.what = what
        self.advice = advice
    }

    /// The small text that Git keeps in the place of a large file.
    package static func pointer(_ bytes: UnsafeRawBufferPointer) -> MistakenFile? {
        // Pointers are shorter than this by definition.
        guard bytes.count < 1024, pointerMarks.contains(where: { bytes.starts(with: $0) }) else { return nil }
        return MistakenFile(
            what: "a Git LFS pointer, not the file itself",
            advice: "Run git lfs pull in the folder it was cloned to, or download the file itself")
    }

    /// The error for a file whose contents were wanted.
    package func error(_ path: String) -> FileError {
        FileError(.unsupported, path: path, problem: "is \(what)", advice: advice)
    }

    private static let pointerMarks = ["git-lfs.github.com", "hawser.github.com"].map { Array("version https://\($0)/spec/".utf8) }

    private typealias Kind = (mark: [UInt8], what: String, advice: String)

    private static let kinds: [Kind] = [
        ([0x1F, 0x8B], "compressed by gzip", "Decompress it first: gunzip"),
        (Array("PK\u{3}\u{4}".utf8), "a zip archive (also PyTorch's own format)", "Unpack it, or convert the weights to safetensors"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed by zstd", "Decompress it first: unzstd"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "compressed by xz", "Decompress it first: unxz"),
        (Array("BZh".utf8), "compressed by bzip2", "Decompress it first: bunzip2"),
        (
            Array("PAR1".utf8), "a Parquet table",
            "Convert it to JSONL: in Python, pandas.read_parquet(…).to_json(…, orient=\"records\", lines=True)"
        ),
        (Array("ARROW1".utf8), "an Arrow table", "Convert it to JSONL: in Python, Dataset.from_file(…).to_json(…)"),
        ([0xFF, 0xFE], "text in UTF-16", "Save it as UTF-8"),
        ([0xFE, 0xFF], "text in UTF-16", "Save it as UTF-8"),
    ]

    /// A web page in the place of a file: an error message or a login, saved by a downloader.
    private static func page(_ bytes: UnsafeRawBufferPointer) -> Kind? {
        let start = bytes.prefix(64).drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        let text = String(decoding: start, as: UTF8.self).lowercased()
        guard text.hasPrefix("<!doctype html") || text.hasPrefix("<html") else { return nil }
        return ([], "a web page", "Download the file itself; the page may say why it was not given")
    }
}
