import Text

/// Learns a byte-level BPE vocabulary from text (Sennrich, Haddow and Birch, ACL 2016, over bytes as in GPT-2).
///
/// For small corpora: every merge counts all pairs anew. The result depends on the text alone.
package struct BytePairTrainer: Sendable {
    /// The number of tokens to reach, special tokens and single bytes included. Fewer come out if no pair repeats any more.
    package var vocabularySize: Int
    /// Special tokens; they take the first ids. The first ends a sequence.
    package var specialTokens: [String]

    package init(vocabularySize: Int, specialTokens: [String] = ["<|endoftext|>"]) {
        self.vocabularySize = vocabularySize
        self.specialTokens = specialTokens
    }

    /// Learns from texts.
    /// - Returns: a description that Hugging Face's tokenizers read too; digits stand alone, as in SmolLM's.
    package func train(_ texts: [String]) -> TokenizerDescription {
        var tokens = specialTokens
        let firstByte = Int32(tokens.count)
        tokens += ByteAlphabet.scalars.map { String($0) }
        var words = Self.words(texts, firstByte: firstByte)
        var merges: [TokenMerge] = []
        while tokens.count < vocabularySize, let pair = Self.mostFrequent(words) {
            let (left, right) = (tokens[Int(pair.left)], tokens[Int(pair.right)])
            merges.append(TokenMerge(left, right))
            let id = Int32(tokens.count)
            tokens.append(left + right)
            for index in words.indices { words[index].replace(pair, with: id) }
        }
        var description = TokenizerDescription(
            tokens: tokens, merges: merges,
            addedTokens: specialTokens.enumerated().map { AddedToken(id: Int32($0), content: $1, isSpecial: true) },
            preTokenizer: .smolLM)
        if !specialTokens.isEmpty {
            description.endID = 0
            description.stopIDs = [0]
        }
        return description
    }

    private struct Pair: Hashable {
        var left: Int32
        var right: Int32
    }

    /// A word of the corpus as tokens, and how often it occurs.
    private struct Word {
        var ids: [Int32]
        var count: Int

        mutating func replace(_ pair: Pair, with id: Int32) {
            var kept: [Int32] = []
            var index = 0
            while index < ids.count {
                if index + 1 < ids.count, ids[index] == pair.left, ids[index + 1] == pair.right {
                    kept.append(id)
                    index += 2
                } else {
                    kept.append(ids[index])
                    index += 1
                }
            }
            ids = kept
        }
    }

    /// Of equally frequent pairs the one with the smaller ids, so that the order of a hash table decides nothing.
    private static func mostFrequent(_ words: [Word]) -> Pair? {
        var counts: [Pair: Int] = [:]
        for word in words {
            for (left, right) in zip(word.ids, word.ids.dropFirst()) {
                counts[Pair(left: left, right: right), default: 0] += word.count
            }
        }
        let best = counts.max { ($0.value, $1.key.left, $1.key.right) < ($1.value, $0.key.left, $0.key.right) }
        return best.flatMap { $0.value >= 2 ? $0.key : nil }
    }

    private static func words(_ texts: [String], firstByte: Int32) -> [Word] {
        var counts: [[UInt8]: Int] = [:]
        for text in texts {
            for word in split(Array(text.utf8)) { counts[word, default: 0] += 1 }
        }
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { bytes, count in
            Word(ids: bytes.map { Int32($0) + firstByte }, count: count)
        }
    }

    /// Cuts text as the tokenizer will: single digits, and runs of letters or of other marks with the space before them. A rough
    /// cut is enough, since merges across a boundary of the tokenizer would merely never apply; so bytes beyond ASCII are letters.
    private static func split(_ text: [UInt8]) -> [[UInt8]] {
        enum Kind { case letter, digit, space, other }
        func kind(_ byte: UInt8) -> Kind {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...: .letter
            case 0x20, 0x09...0x0D: .space
            default: .other
            }
        }
        var words: [[UInt8]] = []
        var start = 0
        while start < text.count {
            var end = start + 1
            var first = kind(text[start])
            if text[start] == 0x20, end < text.count, [.letter, .other].contains(kind(text[end])) {
                first = kind(text[end])
                end += 1
            }
            if first == .letter || first == .other {
                while end < text.count, kind(text[end]) == first { end += 1 }
            }
            words.append(Array(text[start..<end]))
            start = end
        }
        return words
    }
}
