/// Turns ids back into bytes.
struct TokenDecoder: Sendable {
    private var pool: [UInt8] = []
    private var ends: [Int] = []
    private var special: [Bool]
    private let stripsLeadingSpace: Bool

    init(_ description: TokenizerDescription) {
        special = [Bool](repeating: false, count: description.tokens.count)
        stripsLeadingSpace = description.stripsLeadingSpace
        var added: [Int32: AddedToken] = [:]
        for token in description.addedTokens where special.indices.contains(Int(token.id)) {
            special[Int(token.id)] = token.isSpecial
            added[token.id] = token
        }
        ends.reserveCapacity(description.tokens.count)
        for (id, token) in description.tokens.enumerated() {
            pool.append(contentsOf: Self.text(of: token, added[Int32(id)], description))
            ends.append(pool.count)
        }
    }

    private static func text(
        of token: String, _ added: AddedToken?, _ description: TokenizerDescription
    ) -> [UInt8] {
        let plain = Array(token.utf8)
        if let added {
            // A token that is looked for in prefixed text has the prefix in its own text.
            let prefixed = added.isNormalized && description.normalization == .metaspace(prefixed: true)
            return prefixed ? [0x20] + plain : plain
        }
        if description.preTokenizer.isByteLevel { return ByteAlphabet.decode(token) ?? plain }
        if description.fallsBackToBytes, plain.count == 6, plain.starts(with: "<0x".utf8), plain[5] == UInt8(ascii: ">"),
            let byte = UInt8(String(decoding: plain[3..<5], as: UTF8.self), radix: 16)
        {
            return [byte]
        }
        var result = String.UnicodeScalarView()
        for scalar in token.unicodeScalars { result.append(scalar == "\u{2581}" ? " " : scalar) }
        return Array(String(result).utf8)
    }

    func isSpecial(_ id: Int32) -> Bool { special.indices.contains(Int(id)) && special[Int(id)] }

    func bytes(of id: Int32) -> ArraySlice<UInt8> {
        guard ends.indices.contains(Int(id)) else { return [] }
        return pool[(id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)]]
    }

    func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> [UInt8] {
        var result: [UInt8] = []
        for id in ids where !(skipSpecialTokens && isSpecial(id)) { result.append(contentsOf: bytes(of: id)) }
        if stripsLeadingSpace, result.first == 0x20 { result.removeFirst() }
        return result
    }
}

extension Tokenizer {
    /// The text that `ids` stand for, U+FFFD in place of bytes that are not UTF-8; ids outside the vocabulary stand for nothing.
    public func decode(_ ids: [Int32], skipSpecialTokens: Bool = true) -> String {
        String(decoding: decoder.decode(ids, skipSpecialTokens: skipSpecialTokens), as: UTF8.self)
    }

    /// The bytes of one token, for streaming text whose characters may span tokens.
    package func bytes(of id: Int32) -> [UInt8] { Array(decoder.bytes(of: id)) }

    /// Whether `id` is a special token.
    package func isSpecial(_ id: Int32) -> Bool { decoder.isSpecial(id) }
}
