/// ROUGE-L (Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004): how much of a reference text a candidate has in
/// the same order, by the longest common subsequence of their words.
///
/// Words are the lower-cased runs of letters and digits. TOFU computes the same quantity with the package rouge-score and its
/// Porter stemmer, under which "books" and "book" are one word; here words count as they stand, so values are equal for texts
/// that differ in no inflection and otherwise slightly lower. rouge-score also drops letters outside a–z, which are kept here.
package enum Rouge {
    /// The three sides of a comparison, all between 0 and 1.
    package struct Score: Hashable, Sendable {
        /// The share of the reference's words found in order; the ROUGE-L that TOFU reports.
        package var recall: Double
        /// The share of the candidate's words found in order.
        package var precision: Double

        /// The harmonic mean of both.
        package var f1: Double { recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0 }

        package init(recall: Double, precision: Double) {
            self.recall = recall
            self.precision = precision
        }
    }

    /// Compares a text with its reference. A text without words has nothing in common with any other.
    package static func longestCommonSubsequence(reference: String, candidate: String) -> Score {
        let (left, right) = (words(reference), words(candidate))
        guard !left.isEmpty, !right.isEmpty else { return Score(recall: 0, precision: 0) }
        let common = Double(commonLength(left, right))
        return Score(recall: common / Double(left.count), precision: common / Double(right.count))
    }

    /// The words that are compared.
    package static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            if isPartOfWord(scalar) {
                word.append(scalar)
            } else if !word.isEmpty {
                words.append(String(word))
                word.removeAll()
            }
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Marks belong to the letter before them: é may be written as two scalars.
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
            .otherNumber, .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }

    /// The length of the longest common subsequence, with one row of the usual table in memory.
    static func commonLength<Element: Hashable>(_ left: [Element], _ right: [Element]) -> Int {
        // Comparing numbers is cheaper than comparing strings n·m times.
        var numbers: [Element: Int32] = [:]
        let number = { (element: Element) -> Int32 in
            if let known = numbers[element] { return known }
            let next = Int32(truncatingIfNeeded: numbers.count)
            numbers[element] = next
            return next
        }
        let (long, short) = left.count >= right.count ? (left.map(number), right.map(number)) : (right.map(number), left.map(number))
        var row = [Int](repeating: 0, count: short.count + 1)
        for element in long {
            var diagonal = 0
            for column in short.indices {
                let above = row[column + 1]
                row[column + 1] = short[column] == element ? diagonal + 1 : max(above, row[column])
                diagonal = above
            }
        }
        return row[short.count]
    }
}
