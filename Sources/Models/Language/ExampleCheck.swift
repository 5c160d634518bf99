import Data

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
