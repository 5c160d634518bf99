/// What of a text a model says by itself, given all before (Tirumala et al., 2022; Carlini et al., 2021), as open-unlearning counts it:
/// hits are whether the likeliest token is the text's, without the text's last token.
package enum MemorisationMeasures {
    /// The share of tokens that are the likeliest; nil without tokens.
    package static func exactMemorisation(_ hits: some Collection<Bool>) -> Double? {
        hits.isEmpty ? nil : Double(hits.count { $0 }) / Double(hits.count)
    }

    /// The share of the text that follows the shortest prefix from which on every token is the likeliest. At least 1/count, since the
    /// reference code counts a last token that is not as if it were; 0 without tokens.
    package static func extractionStrength(_ hits: some BidirectionalCollection<Bool>) -> Double {
        guard !hits.isEmpty else { return 0 }
        let known = hits.reversed().prefix { $0 }.count
        return Double(max(1, known)) / Double(hits.count)
    }
}
