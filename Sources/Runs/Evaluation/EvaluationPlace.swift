import Files

/// The folder of an evaluation's results; it appears when all of them are complete.
package struct EvaluationPlace {
    static let resultsName = "eval.json"

    package let path: String
    private let replacing: Bool

    package init(_ path: String, replacing: Bool = false) {
        self.path = path
        self.replacing = replacing
    }

    /// Makes sure that the folder can be written, before anything is computed.
    func check() throws { try AtomicFolder.check(path, replacing: replacing) }

    func write(_ report: EvaluationReport) throws {
        let folder = try AtomicFolder(path: path, replacing: replacing)
        let files = [
            (Self.resultsName, report.json.serialized(pretty: true) + "\n"), ("eval.csv", report.csv),
            ("TOFU_EVAL.json", OpenUnlearningLog.json(report).serialized(pretty: true) + "\n"),
        ]
        for (name, text) in files {
            let file = try AtomicFile(path: folder.file(name), expectedBytes: text.utf8.count)
            try file.writer.write(Array(text.utf8))
            try file.commit()
        }
        try folder.commit()
    }
}
