/// ROUGE exactly as the package rouge-score 0.1.2 computes it with its stemmer: what TOFU, MUSE and open-unlearning report.
///
/// Texts are lower-cased; runs of a–z and 0–9 are tokens, everything else separates them; tokens of more than three characters are
/// stemmed. A text without tokens has nothing in common with any other.
package enum RougeScorer {
    /// Both n-gram orders that the field reports.
    package struct Scores: Hashable, Sendable {
        /// Single tokens, counted as often as both texts have them.
        package var rouge1: Rouge.Score
        /// The longest common subsequence.
        package var rougeL: Rouge.Score
    }

    /// Compares a text with its reference.
    package static func scores(reference: String, candidate: String) -> Scores {
        let (left, right) = (tokens(reference), tokens(candidate))
        guard !left.isEmpty, !right.isEmpty else {
            let none = Rouge.Score(recall: 0, precision: 0)
            return Scores(rouge1: none, rougeL: none)
        }
        func score(_ common: Int) -> Rouge.Score {
            Rouge.Score(recall: Double(common) / Double(left.count), precision: Double(common) / Double(right.count))
        }
        var counts: [String: Int] = [:]
        for token in left { counts[token, default: 0] += 1 }
        var shared = 0
        for token in right {
            guard let rest = counts[token], rest > 0 else { continue }
            counts[token] = rest - 1
            shared += 1
        }
        return Scores(rouge1: score(shared), rougeL: score(Rouge.commonLength(left, right)))
    }

    /// The stemmed tokens that are compared.
    package static func tokens(_ text: String) -> [String] {
        asciiWords(text).map { $0.utf8.count > 3 ? PorterStemmer.stem($0) : $0 }
    }

    /// The lower-cased runs of a–z and 0–9.
    package static func asciiWords(_ text: String) -> [String] {
        text.lowercased().utf8.split { !(($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39)) }
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
