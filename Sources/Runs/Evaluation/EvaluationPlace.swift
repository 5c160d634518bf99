import Files

/// The folder of an evaluation's results, which appears when all of them are complete; beside it, until then, what is measured.
package struct EvaluationPlace {
    static let resultsName = "eval.json"

    package let path: String
    private let replacing: Bool

    package init(_ path: String, replacing: Bool = false) {
        self.path = path
        self.replacing = replacing
    }

    /// The file beside the folder in which an interrupted evaluation waits.
    package var checkpoint: String {
        var name = path
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        return name + ".checkpoint"
    }

    /// Makes sure that the folder can be written, before anything is computed.
    func check(resumes: Bool) throws {
        let exists = FileSystem.isFile(checkpoint)
        if resumes, !exists {
            throw RunError.badInput("\(checkpoint): there is no checkpoint to resume from. Leave --resume out to start an evaluation.")
        }
        if !resumes, exists {
            throw RunError.badInput(
                "\(checkpoint): an interrupted evaluation for this place left a checkpoint. Continue it with --resume, or delete it.")
        }
        try AtomicFolder.check(path, replacing: replacing)
    }

    /// Writes the results and removes the checkpoint.
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
        try RunError.telling("The results are complete in \(path).") { try FileSystem.remove(checkpoint) }
    }
}
