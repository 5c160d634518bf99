import Data

/// The beginning of an answer and what comes after it, cut between tokens.
package struct AnswerPrefix {
    /// All tokens up to the end of the beginning: what a model is to continue.
    package let prompt: [Int32]
    /// The answer's other tokens, its end mark included.
    package let rest: [Int32]

    /// Takes the first ⌈share · L⌉ of the last answer's L tokens. As in `MemorisationMeasures`, its last token, the end mark, is not
    /// among them.
    /// - Parameter share: between 0 and 1, both excluded.
    /// - Throws: `DataError` naming a row of whose answer nothing would be left.
    package init(_ share: Double, of encoded: TokenExample, _ example: Example) throws(DataError) {
        let labelled = encoded.labels.indices.dropFirst().filter { encoded.labels[$0] >= 0 }
        let end = labelled.last.map { $0 + 1 } ?? 0
        // The last run of neighbours.
        let start = labelled.enumerated().reversed().prefix { $1 == end - (labelled.count - $0) }.last?.element ?? end
        let count = end - start - 1
        // A product such as 0.28 · 25 may lie a little above the whole number that is meant.
        let given = max(1, Int((share * Double(count) - 1e-9).rounded(.up)))
        guard given < count else {
            throw DataError(
                example.position, field: example.answerField,
                "its \(max(0, count)) tokens are too few for a beginning of \(share) (--prefix) and a rest; give a smaller share, or remove "
                    + "the row")
        }
        prompt = Array(encoded.ids[..<(start + given)])
        rest = Array(encoded.ids[(start + given)..<end])
    }
}

extension Example {
    /// The field that holds the answer, for messages.
    package var answerField: String {
        switch content {
        case .chat: fields["messages"] == nil ? "answer" : "messages"
        case .completion: "completion"
        case .text: "text"
        }
    }
}
