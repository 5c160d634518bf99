import Data
import Text

/// How MUSE's rows are put to a model, as open-unlearning does it (configs/eval/muse_metrics, src/data): plain texts, no chat template.
package enum MUSEProtocol {
    /// The most tokens of an answer to a question, and of a continuation of the forget text.
    static let answerTokens = 32, continuationTokens = 128
    /// The most tokens of a text after its prefix.
    static let textTokens = 2048
    /// What ends an answer.
    private static let stops = ["\n\n", "\nQuestion", "Question:"]

    /// The ids that a question is asked with: behind all examples, in plain lines.
    /// - Throws: `DataError` where they are more than the model can read.
    package static func prompt(_ question: Example, after examples: [Example], _ encoder: Encoder) throws(DataError) -> [Int32] {
        let ids = encoder.openEnded(text(question, after: examples))
        try encoder.limits.check(ids, at: question.position)
        return ids
    }

    package static func text(_ question: Example, after examples: [Example]) -> String {
        examples.map { example in
            let pair = example.questionAndAnswer
            return "Question: \(pair.question)\nAnswer: \(pair.answer)\n\n"
        }.joined() + "Question: \(question.questionAndAnswer.question)\nAnswer: "
    }

    /// An answer up to the first of each stop, one after the other.
    package static func cut(_ answer: String) -> String {
        var rest = answer
        for stop in stops { if let found = rest.firstRange(of: stop) { rest = String(rest[..<found.lowerBound]) } }
        return rest.pythonStripped()
    }

    /// The ids that a stretch of text is continued from.
    package static func prompt(_ continued: Example, _ encoder: Encoder) throws(DataError) -> [Int32] {
        let ids = encoder.openEnded(continued.questionAndAnswer.question)
        try encoder.limits.check(ids, at: continued.position)
        return ids
    }

    /// A text of which all counts but its prefix, or where it has none the first token; without an end mark.
    /// - Throws: `DataError` where fewer than two tokens count: the last is left out of what is computed.
    package static func encode(_ example: Example, _ encoder: Encoder) throws(DataError) -> TokenExample {
        let (prefix, text) = example.questionAndAnswer
        let start = encoder.openEnded(prefix).count
        let whole = encoder.openEnded(prefix.isEmpty ? text : "\(prefix) \(text)")
        let ids = Array(whole.prefix(min(start + textTokens, encoder.limits.context)))
        let labels = ids.indices.map { $0 < max(1, start) ? TokenExample.masked : ids[$0] }
        let encoded = TokenExample(ids: ids, labels: labels, position: example.position)
        guard encoded.answerCount >= 2 else {
            throw DataError(
                example.position, field: prefix.isEmpty ? "text" : "gt",
                "too short: \(encoded.answerCount) of its tokens can be predicted within the model's \(encoder.limits.context), and 2 are "
                    + "needed; give a longer text, or a shorter prompt")
        }
        try encoder.limits.check(encoded)
        return encoded
    }
}
