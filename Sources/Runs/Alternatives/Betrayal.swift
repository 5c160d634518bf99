import Data
import Evaluation
import Glibc

/// How much of the data's answer another answer gives away.
///
/// What the question says already betrays nothing, and a word says the more the fewer rows have it: that two answers share a name from
/// the question, "was born in" or "father" makes neither the other's secret. Weights are inverse document frequencies among the answers
/// that stay, ln((rows + 2) / (rows with the word + 1)).
package struct Betrayal {
    private let rows: Int
    private var rowsWith: [String: Int] = [:]

    /// - Parameter retain: rows whose answers may be known.
    package init(retain: [Example]) {
        rows = retain.count
        for row in retain {
            for word in Set(Rouge.words(row.questionAndAnswer.answer)) { rowsWith[word, default: 0] += 1 }
        }
    }

    /// The share, from 0 to 1, of what `answer` says beyond its question that `candidate` says too. An answer that says no more than its
    /// question is given away by the same words alone.
    package func share(of answer: String, to question: String, in candidate: String) -> Double {
        let (asked, said) = (Set(Rouge.words(question)), Set(Rouge.words(candidate)))
        let secret = Set(Rouge.words(answer)).subtracting(asked)
        guard !secret.isEmpty else { return said == Set(Rouge.words(answer)) ? 1 : 0 }
        return weight(secret.intersection(said)) / weight(secret)
    }

    /// Sorted, so that the sum is the same in every run.
    private func weight(_ words: Set<String>) -> Double {
        words.sorted().reduce(0) { $0 + log(Double(rows + 2) / Double(rowsWith[$1, default: 0] + 1)) }
    }
}
