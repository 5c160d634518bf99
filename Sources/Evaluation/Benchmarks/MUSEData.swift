import Data
import Files
import Text

/// A file of MUSE's data (arXiv 2407.06460), by its place in the benchmark's folder, without ".json" or ".jsonl".
package enum MUSEFile: String, CaseIterable, Sendable, Hashable {
    /// Rows of `question` and `answer`, and those that stand before each question as examples.
    case forgetQuestions = "knowmem/forget_qa"
    case forgetExamples = "knowmem/forget_qa_icl"
    case retainQuestions = "knowmem/retain_qa"
    case retainExamples = "knowmem/retain_qa_icl"
    /// Rows of `prompt` and `gt`, a stretch of the forget text and what follows it.
    case verbatim = "verbmem/forget"
    /// Rows of `text`, or texts alone.
    case forgetTexts = "privleak/forget"
    case retainTexts = "privleak/retain"
    case holdoutTexts = "privleak/holdout"

    /// The examples that stand before these questions; nil for files without.
    package var examples: MUSEFile? {
        switch self {
        case .forgetQuestions: .forgetExamples
        case .retainQuestions: .retainExamples
        default: nil
        }
    }

    /// The texts of a membership attack.
    static func texts(of role: EvaluationRole) -> MUSEFile? {
        switch role {
        case .forget: .forgetTexts
        case .retain: .retainTexts
        case .holdout: .holdoutTexts
        case .realAuthors, .worldFacts, .neighbours: nil
        }
    }

    /// The questions about what is to be forgotten or kept.
    static func questions(of role: EvaluationRole) -> MUSEFile? {
        role == .forget ? .forgetQuestions : role == .retain ? .retainQuestions : nil
    }

    /// Reads the rows.
    /// - Throws: `FileError`, `DataError` naming the line and field of a wrong row.
    package func read(_ bytes: [UInt8], file: String) throws -> [Example] {
        try ExampleFile.rows(bytes, file: file).map { row throws(DataError) in
            switch self {
            case .forgetQuestions, .forgetExamples, .retainQuestions, .retainExamples:
                let fields = try RowFields(row.value, row.position)
                return Example(.chat([.user(try fields.text("question")), .assistant(try fields.text("answer"))]), at: row.position)
            case .verbatim:
                let fields = try RowFields(row.value, row.position)
                return Example(.completion(prompt: try fields.text("prompt"), completion: try fields.text("gt")), at: row.position)
            case .forgetTexts, .retainTexts, .holdoutTexts:
                // The benchmark's own script writes a list of texts.
                if row.value.asString != nil {
                    return Example(.text(try RowFields.text(row.value, row.position, "text")), at: row.position)
                }
                return Example(.text(try RowFields(row.value, row.position).text("text")), at: row.position)
            }
        }
    }
}

/// MUSE's data as far as they are there.
package struct MUSEData: Sendable {
    package var rows: [MUSEFile: [Example]]

    package init(_ rows: [MUSEFile: [Example]] = [:]) { self.rows = rows }

    /// Encodes every row, so that one which the model cannot read is told before anything is computed.
    /// - Throws: `DataError` naming the row.
    package func check(_ encoder: Encoder) throws(DataError) {
        for file in MUSEFile.allCases {
            for row in rows[file] ?? [] {
                switch file {
                case .forgetQuestions, .retainQuestions:
                    _ = try MUSEProtocol.prompt(row, after: file.examples.flatMap { rows[$0] } ?? [], encoder)
                case .verbatim:
                    _ = try MUSEProtocol.prompt(row, encoder)
                    _ = try MUSEProtocol.encode(row, encoder)
                case .forgetTexts, .retainTexts, .holdoutTexts: _ = try MUSEProtocol.encode(row, encoder)
                case .forgetExamples, .retainExamples: continue
                }
            }
        }
    }
}
