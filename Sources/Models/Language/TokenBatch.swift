/// One sequence with the tokens that count.
package struct TokenExample: Hashable, Sendable {
    package var ids: [Int32]
    /// The label of each token: its id where it is part of the answer, `masked` elsewhere. Token i is predicted from the tokens
    /// before it, so the first never counts.
    package var labels: [Int32]

    /// Hugging Face's label for tokens without a loss.
    package static let masked: Int32 = -100

    package init(ids: [Int32], labels: [Int32]) {
        self.ids = ids
        self.labels = labels
    }

    /// The number of tokens that have a loss.
    package var answerCount: Int { labels.dropFirst().count { $0 >= 0 } }
}

/// Examples that are computed together, padded on the right to a shape that few plans can serve.
package struct TokenBatch: Hashable, Sendable {
    package let examples: [TokenExample]
    package let shape: BatchShape

    /// - Parameter context: the most positions the model has; lengths are not padded beyond it.
    package init(_ examples: [TokenExample], context: Int) {
        self.examples = examples
        let longest = max(1, examples.map(\.ids.count).max() ?? 1)
        shape = BatchShape(
            examples: examples.count, length: max(longest, min(context, Self.roundedUp(longest, 16))),
            answers: Self.paddedAnswers(examples.reduce(0) { $0 + $1.answerCount }))
    }

    private static func paddedAnswers(_ count: Int) -> Int { roundedUp(max(1, count), count <= 64 ? 16 : 64) }

    package static func roundedUp(_ value: Int, _ step: Int) -> Int { (value + step - 1) / step * step }
}

extension LanguageDimensions {
    /// Makes sure that examples can be computed, so that nothing later has to look again.
    /// - Parameter first: the number of the first example, for messages about a part of a data set.
    /// - Throws: `ModelError` naming the first example that cannot.
    package func check(_ examples: [TokenExample], first: Int = 0) throws(ModelError) {
        for (index, example) in examples.enumerated() {
            let number = first + index
            guard example.labels.count == example.ids.count else {
                throw .unusableExample(
                    example: number, problem: "it has \(example.ids.count) tokens but \(example.labels.count) labels")
            }
            try check(sequence: example.ids, number: number)
            if let place = example.labels.firstIndex(where: { Int($0) >= vocabulary }) {
                throw .idOutsideVocabulary(
                    example: number, position: place, id: example.labels[place], vocabulary: vocabulary)
            }
            guard example.answerCount > 0 else {
                throw .unusableExample(
                    example: number, problem: "no token of it has a loss; the answer is empty, or was cut off")
            }
        }
    }

    /// Makes sure that a sequence of ids can be read.
    package func check(sequence ids: [Int32], number: Int) throws(ModelError) {
        guard !ids.isEmpty else { throw .unusableExample(example: number, problem: "it has no tokens") }
        guard ids.count <= context else {
            throw .sequenceTooLong(example: number, length: ids.count, maximum: context, reason: contextReason)
        }
        if let place = ids.firstIndex(where: { $0 < 0 || Int($0) >= vocabulary }) {
            throw .idOutsideVocabulary(example: number, position: place, id: ids[place], vocabulary: vocabulary)
        }
    }
}
