import Files

/// Turns single words into tokens: vocabulary, byte fall-back and merges.
struct WordEncoder: Sendable {
    private let rules: MergeRules
    /// Ids by the bytes of the text they stand for.
    private let vocabulary: ByteTable
    /// The id of each byte by itself, −1 if the vocabulary has none.
    private let byteIDs: [Int32]
    private let isByteLevel: Bool
    private let ignoresMerges: Bool
    private let fusesUnknown: Bool
    private let unknownID: Int32?
    /// No merge makes a token with a ▁ behind something else, so text may be cut before each run of them.
    let mayCutBeforeSpaces: Bool

    init(_ description: TokenizerDescription) throws(TextError) {
        isByteLevel = description.preTokenizer.isByteLevel
        ignoresMerges = description.ignoresMerges
        fusesUnknown = description.fusesUnknown
        unknownID = description.unknownID
        let added = Set(description.addedTokens.map(\.id))

        // Keyed by the written form first: merges are written, and two tokens may stand for the same bytes.
        var written = ByteTable(capacity: description.tokens.count)
        var vocabulary = ByteTable(capacity: description.tokens.count)
        for (id, token) in description.tokens.enumerated() where !token.isEmpty {
            written.insert(Array(token.utf8), Int32(id))
            if !isByteLevel {
                vocabulary.insert(Array(token.utf8), Int32(id))
            } else if !added.contains(Int32(id)), let bytes = ByteAlphabet.decode(token) {
                vocabulary.insert(bytes, Int32(id))
            }
        }
        var byteIDs = [Int32](repeating: -1, count: 256)
        if isByteLevel {
            for byte in 0..<256 { byteIDs[byte] = vocabulary.find([UInt8(byte)]) ?? -1 }
        } else if description.fallsBackToBytes {
            for byte in 0..<256 { byteIDs[byte] = written.find(Array(Self.byteToken(UInt8(byte)).utf8)) ?? -1 }
        }
        self.vocabulary = vocabulary
        self.byteIDs = byteIDs

        var rules = MergeRules(count: description.merges.count)
        var cutsAreSafe = !isByteLevel && !description.ignoresMerges
        var union: [UInt8] = []
        for merge in description.merges {
            union.removeAll(keepingCapacity: true)
            union.append(contentsOf: merge.left.utf8)
            let cut = union.count
            union.append(contentsOf: merge.right.utf8)
            let found = union.withUnsafeBufferPointer { bytes in
                (
                    written.find(UnsafeBufferPointer(rebasing: bytes[..<cut])),
                    written.find(UnsafeBufferPointer(rebasing: bytes[cut...])), written.find(bytes)
                )
            }
            guard case (let left?, let right?, let result?) = found else {
                throw .invalid(
                    part: "merges",
                    problem: "\"\(merge.left)\" + \"\(merge.right)\" needs both and their union in the vocabulary")
            }
            rules.append(left, right, result)
            // One token such as "a▁b" would cross the cut that makes words short enough to remember.
            if cutsAreSafe { cutsAreSafe = !Self.hasInnerSpace(union) }
        }
        self.rules = rules
        mayCutBeforeSpaces = cutsAreSafe
    }

    /// How a single byte is written in vocabularies with byte fall-back.
    static func byteToken(_ byte: UInt8) -> String {
        "<0x\(byte.hexadecimal(digits: 2).uppercased())>"
    }

    private static func hasInnerSpace(_ token: [UInt8]) -> Bool {
        var afterText = false
        for scalar in String(decoding: token, as: UTF8.self).unicodeScalars {
            if scalar == "\u{2581}" {
                if afterText { return true }
            } else {
                afterText = true
            }
        }
        return false
    }

    /// The tokens of one word of valid UTF-8, into `pieces`.
    func encode(_ word: UnsafeBufferPointer<UInt8>, into pieces: inout [Piece]) {
        pieces.removeAll(keepingCapacity: true)
        // A word in the vocabulary is taken whole, even where merges would not lead to it.
        if ignoresMerges, let id = vocabulary.find(word) {
            pieces.append(Piece(id: id, start: 0))
            return
        }
        if isByteLevel {
            for (index, byte) in word.enumerated() {
                append(byteIDs[Int(byte)], at: index, to: &pieces)
            }
        } else {
            appendScalars(of: word, to: &pieces)
        }
        rules.apply(to: &pieces)
    }

    private func appendScalars(of word: UnsafeBufferPointer<UInt8>, to pieces: inout [Piece]) {
        var index = 0
        while index < word.count {
            let end = index + decodeScalar(word, at: index).length
            let scalar = UnsafeBufferPointer(rebasing: word[index..<end])
            if let id = vocabulary.find(scalar) {
                append(id, at: index, to: &pieces)
            } else if scalar.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
                for (offset, byte) in scalar.enumerated() {
                    append(byteIDs[Int(byte)], at: index + offset, to: &pieces)
                }
            } else {
                append(-1, at: index, to: &pieces)
            }
            index = end
        }
    }

    /// Adds `id`, or for −1 the unknown token; without one the text is dropped, as Hugging Face does.
    private func append(_ id: Int32, at start: Int, to pieces: inout [Piece]) {
        if id >= 0 {
            pieces.append(Piece(id: id, start: Int32(start)))
        } else if let unknownID, !(fusesUnknown && pieces.last?.id == unknownID) {
            pieces.append(Piece(id: unknownID, start: Int32(start)))
        }
    }
}

/// Words met before and their tokens.
struct WordCache: Sendable {
    private var table = ByteTable(capacity: 1024)
    private var ranges: [Range<Int>] = []
    private(set) var pieces: [Piece] = []
    private var scratch: [Piece] = []
    /// Longer words hardly come back.
    private static let longestWord = 64
    private static let mostPieces = 1 << 18

    /// Where in `pieces` the tokens of `word` stand until the next call.
    mutating func pieces(of word: UnsafeBufferPointer<UInt8>, _ encoder: WordEncoder) -> Range<Int> {
        if word.count <= Self.longestWord, let entry = table.find(word) { return ranges[Int(entry)] }
        // Forgetting all at once is rare and needs no account of what was used when.
        if pieces.count > Self.mostPieces { self = WordCache() }
        encoder.encode(word, into: &scratch)
        let range = pieces.count..<pieces.count + scratch.count
        pieces.append(contentsOf: scratch)
        if word.count <= Self.longestWord {
            table.insert(word, Int32(ranges.count))
            ranges.append(range)
        }
        return range
    }
}
