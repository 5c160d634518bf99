/// How a text reads, without a judge: counts that broken text cannot hide from.
package enum Fluency {
    /// The share of the words that are none of a vocabulary's; nil without words. Words with a digit are left out: numbers are no spelling.
    package static func brokenShare(_ text: String, vocabulary: Set<String>) -> Double? {
        let words = Rouge.words(text).filter { word in !word.contains(where: \.isNumber) }
        return words.isEmpty ? nil : Double(words.count { !vocabulary.contains($0) }) / Double(words.count)
    }

    /// The words of texts that are known to be language.
    package static func vocabulary(_ texts: some Sequence<String>) -> Set<String> {
        texts.reduce(into: []) { $0.formUnion(Rouge.words($1)) }
    }

    /// The share of different n-grams among all of a text (Li et al., NAACL 2016); nil if the text is shorter than n words.
    package static func distinct(_ size: Int, _ text: String) -> Double? {
        let words = Rouge.words(text)
        guard size >= 1, words.count >= size else { return nil }
        let all = (0...(words.count - size)).map { words[$0..<($0 + size)] }
        return Double(Set(all).count) / Double(all.count)
    }

    /// The share of trigrams that the text has already said; 0 for shorter texts.
    package static func repetition(_ text: String) -> Double { distinct(3, text).map { 1 - $0 } ?? 0 }

    /// Fewer than three words, or fewer than a third of them different: no answer any more.
    package static func isFallenApart(_ text: String) -> Bool {
        let words = Rouge.words(text)
        return words.count < 3 || Set(words).count * 3 < words.count
    }
}
