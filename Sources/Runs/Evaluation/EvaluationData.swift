import Data
import Evaluation
import Files
import Text

/// The files of an evaluation, read and encoded once so that a wrong row is told before hours are spent.
struct EvaluationData {
    struct File {
        var role: String
        var path: String
        var sha256: String
        var rows: Int
    }

    private(set) var sets: EvaluationSets
    private(set) var files: [File] = []
    /// Remarks about single files, for standard error.
    private(set) var notes: [String] = []

    init(_ request: EvaluationRequest, _ encoder: Encoder) throws {
        sets = EvaluationSets([:])
        for role in EvaluationRole.allCases {
            guard let path = request.questions[role] else { continue }
            let items = try EvaluationItem.items(rows(path, role.rawValue, request.limit, encoder: encoder))
            for item in items {
                for text in (item.paraphrase.map { [$0] } ?? []) + item.perturbed { _ = try encoder.encode(item.answering(text)) }
            }
            sets.questions[role] = items
        }
        for share in request.options.prefixes {
            for item in sets.questions[.forget] ?? [] { _ = try AnswerPrefix(share, of: encoder.encode(item.example), item.example) }
        }
        sets.texts = try request.plainText.map { try rows($0, "text", request.limit, encoder: encoder) } ?? []
        let known = try request.known.map { try ExampleFile.read($0) } ?? []
        sets.knownTexts = known.flatMap {
            let pair = $0.questionAndAnswer
            return [pair.question, pair.answer]
        }
        for task in ChoiceTask.allCases {
            guard let path = request.choices[task] else { continue }
            let bytes = try readInput(path)
            let items = Self.some(try ChoiceItem.read(bytes, file: path, of: task), request.limit)
            let cut = try items.count { try $0.encoded(encoder).isCut }
            if cut > 0 { notes.append("\(path): \(cut) of \(items.count) prompts are too long for the model and lose their beginning") }
            sets.choices[task] = items
            files.append(File(role: task.rawValue, path: path, sha256: SHA256.digest(bytes), rows: items.count))
        }
        try request.muse.map { try readMUSE($0, request.limit, encoder) }
    }

    /// Reads what there is of MUSE's folder.
    private mutating func readMUSE(_ folder: String, _ limit: Int?, _ encoder: Encoder) throws {
        var data = MUSEData()
        for file in MUSEFile.allCases {
            let path = ["json", "jsonl"].map { joinPath(folder, "\(file.rawValue).\($0)") }.first(where: FileSystem.isFile)
            guard let path else { continue }
            let bytes = try readInput(path), rows = try file.read(bytes, file: path)
            let isExamples = file == .forgetExamples || file == .retainExamples
            data.rows[file] = isExamples ? rows : Self.some(rows, limit)
            files.append(File(role: file.rawValue, path: path, sha256: SHA256.digest(bytes), rows: data.rows[file]?.count ?? 0))
        }
        guard !data.rows.isEmpty else {
            let names = MUSEFile.allCases.map(\.rawValue).joined(separator: ", ")
            throw RunError.badInput("\(folder): none of MUSE's files is there; expected \(names), each with .json or .jsonl (--muse).")
        }
        for file in MUSEFile.allCases {
            guard let examples = file.examples, data.rows[file] != nil, data.rows[examples] == nil else { continue }
            throw RunError.badInput(
                "\(folder): \(file.rawValue) is there, but not the examples that stand before its questions; add "
                    + "\(examples.rawValue).json (--muse).")
        }
        try data.check(encoder)
        sets.muse = data
    }

    private mutating func rows(_ path: String, _ role: String, _ limit: Int?, encoder: Encoder) throws -> [Example] {
        let read = try DataRows(path, encoder)
        let examples = Self.some(read.examples, limit)
        files.append(File(role: role, path: path, sha256: read.sha256, rows: examples.count))
        return examples
    }

    /// At most so many, taken evenly.
    private static func some<Row>(_ rows: [Row], _ limit: Int?) -> [Row] {
        guard let limit, limit < rows.count else { return rows }
        return (0..<limit).map { rows[$0 * rows.count / limit] }
    }
}
