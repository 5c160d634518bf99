/// Finds added tokens in text: leftmost first, the longest at each place.
struct AddedTokenMatcher: Sendable {
    private var patterns: [AddedToken] = []
    /// Steps of the trie, by (node << 8 | byte).
    private var steps: [UInt64: Int32] = [:]
    /// The pattern that ends at each node, −1 if none.
    private var finals: [Int32] = [-1]
    /// The node after each first byte, −1 if no token starts with it: most text is passed over by this alone.
    private var first = [Int32](repeating: -1, count: 256)

    var isEmpty: Bool { patterns.isEmpty }

    /// A place where an added token stands: `range` with the white space it swallows, `start` without.
    struct Match {
        var id: Int32
        var range: Range<Int>
        var start: Int
    }

    /// `contents` are the byte strings to find, which differ from the tokens' own text after normalisation.
    init(_ tokens: [(token: AddedToken, content: [UInt8])]) {
        for (token, content) in tokens where !content.isEmpty {
            var node: Int32 = 0
            for byte in content {
                let step = UInt64(node) << 8 | UInt64(byte)
                if let known = steps[step] {
                    node = known
                } else {
                    let new = Int32(finals.count)
                    finals.append(-1)
                    steps[step] = new
                    if node == 0 { first[Int(byte)] = new }
                    node = new
                }
            }
            finals[Int(node)] = Int32(patterns.count)
            patterns.append(token)
        }
    }

    /// Every match inside `range`, from left to right, without overlaps.
    func matches(
        in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, allowSpecial: Bool
    ) -> [Match] {
        var result: [Match] = []
        var covered = range.lowerBound
        var at = range.lowerBound
        while at < range.upperBound {
            guard first[Int(text[at])] >= 0, let (token, end) = longest(text, at, range.upperBound) else {
                at += 1
                continue
            }
            let start = at
            at = end
            if token.isSpecial && !allowSpecial { continue }
            if token.isSingleWord, touchesWord(text, start..<end, range) { continue }
            var from = start
            var to = end
            if token.stripsLeft {
                while from > covered {
                    let before = scalarStart(text, before: from)
                    guard ScalarClass.of(decodeScalar(text, at: before).value) == .space else { break }
                    from = before
                }
            }
            if token.stripsRight {
                while to < range.upperBound {
                    let (value, length) = decodeScalar(text, at: to)
                    guard ScalarClass.of(value) == .space else { break }
                    to += length
                }
            }
            result.append(Match(id: token.id, range: max(from, covered)..<to, start: start))
            covered = to
            at = max(at, to)
        }
        return result
    }

    private func longest(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ limit: Int
    ) -> (token: AddedToken, end: Int)? {
        var node = first[Int(text[start])]
        var at = start + 1
        var best: (AddedToken, Int)?
        while true {
            if finals[Int(node)] >= 0 { best = (patterns[Int(finals[Int(node)])], at) }
            guard at < limit, let next = steps[UInt64(node) << 8 | UInt64(text[at])] else { return best }
            node = next
            at += 1
        }
    }

    /// Whether a letter, digit, mark or underscore stands right beside the match.
    private func touchesWord(
        _ text: UnsafeBufferPointer<UInt8>, _ match: Range<Int>, _ range: Range<Int>
    ) -> Bool {
        func isWord(_ index: Int) -> Bool {
            guard let scalar = Unicode.Scalar(decodeScalar(text, at: index).value) else { return false }
            let category = scalar.properties.generalCategory
            return scalar.properties.isAlphabetic || category == .decimalNumber || category == .connectorPunctuation
                || category == .nonspacingMark || category == .spacingMark || category == .enclosingMark
        }
        let before = match.lowerBound > range.lowerBound && isWord(scalarStart(text, before: match.lowerBound))
        let after = match.upperBound < range.upperBound && isWord(match.upperBound)
        return before || after
    }
}
