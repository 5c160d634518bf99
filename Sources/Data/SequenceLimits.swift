/// What a model can read. Examples are held against it in one place, so that nothing later has to look again.
package struct SequenceLimits: Hashable, Sendable {
    /// Ids are below this.
    package var vocabulary: Int
    /// The most tokens of a sequence.
    package var context: Int
    /// Where `context` comes from, for messages: "the model's context" or "the attention window of …".
    package var contextReason: String

    package init(vocabulary: Int, context: Int, contextReason: String) {
        self.vocabulary = vocabulary
        self.context = context
        self.contextReason = contextReason
    }

    /// Where no model is known yet.
    package static let none = SequenceLimits(vocabulary: .max, context: .max, contextReason: "no limit")

    /// Makes sure that a sequence can be read.
    /// - Throws: `DataError` at `position`.
    package func check(_ ids: [Int32], at position: RowPosition = RowPosition()) throws(DataError) {
        if ids.isEmpty { throw DataError(position, "it has no tokens") }
        guard ids.count <= context else {
            throw DataError(
                position,
                "\(ids.count) tokens, but at most \(context) fit (\(contextReason)); shorten the text, or have longer ones cut off")
        }
        if let place = ids.firstIndex(where: { $0 < 0 || Int($0) >= vocabulary }) { throw outside(ids, place, position) }
    }

    /// Makes sure that an example can be computed and has a loss.
    /// - Throws: `DataError` at the example's position.
    package func check(_ example: TokenExample) throws(DataError) {
        let (ids, labels) = (example.ids, example.labels)
        guard labels.count == ids.count else {
            throw DataError(example.position, "it has \(ids.count) tokens but \(labels.count) labels")
        }
        try check(ids, at: example.position)
        if let place = labels.firstIndex(where: { Int($0) >= vocabulary }) { throw outside(labels, place, example.position) }
        guard example.answerCount > 0 else {
            throw DataError(example.position, "no token of its answer is left to learn from; the answer is empty, or was cut off")
        }
    }

    /// Makes sure that all examples can be computed. Those from no file are named by their place among these.
    /// - Throws: `DataError` for the first that cannot.
    package func check(_ examples: [TokenExample]) throws(DataError) {
        for (index, var example) in examples.enumerated() {
            if example.position.file.isEmpty { example.position.index = index }
            try check(example)
        }
    }

    private func outside(_ ids: [Int32], _ place: Int, _ position: RowPosition) -> DataError {
        DataError(
            position,
            "the id \(ids[place]) at position \(place + 1) is outside the model's vocabulary of \(vocabulary); "
                + "was it made with another model's tokenizer?")
    }
}
