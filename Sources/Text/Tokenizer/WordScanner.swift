/// Cuts valid UTF-8 into the words within which merges may happen, as the patterns of `PreTokenizer` do,
/// but by hand: one pass, one scalar of look-ahead.
struct WordScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private let rule: PreTokenizer
    private let end: Int
    private var at: Int
    /// With digits split off, the end of the current stretch without digits.
    private var stretchEnd: Int

    init(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, rule: PreTokenizer) {
        self.text = text
        self.rule = rule
        at = range.lowerBound
        end = range.upperBound
        stretchEnd = range.lowerBound
    }

    /// The next word, `nil` at the end.
    mutating func next() -> Range<Int>? {
        guard at < end else { return nil }
        let start = at
        switch rule {
        case .gpt2: at = gpt2(start, end)
        case .smolLM:
            // Two cuts, one after the other: what ends a stretch ends the text for GPT-2's rule.
            if start == stretchEnd { findStretch() }
            at = at == start ? gpt2(start, stretchEnd) : at
        case .llama3: at = llama3(start, digits: 3)
        case .qwen2: at = llama3(start, digits: 1)
        case .metaspace(_, let splits): at = splits ? space(start, inRuns: false) : end
        case .whole: at = end
        case .wholeBeforeSpaces: at = space(start, inRuns: true)
        }
        return start..<at
    }

    @inline(__always)
    private func scalar(_ index: Int) -> (class: ScalarClass, value: UInt32, next: Int) {
        let (value, length) = decodeScalar(text, at: index)
        return (ScalarClass.of(value), value, index + length)
    }

    /// The end of the run of `kind` that starts at `index`.
    private func run(of kind: ScalarClass, from index: Int, until limit: Int) -> Int {
        var index = index
        while index < limit {
            let found = scalar(index)
            guard found.class == kind else { break }
            index = found.next
        }
        return index
    }

    /// Either steps over one digit or finds how far the text without digits reaches.
    private mutating func findStretch() {
        let first = scalar(at)
        if first.class == .number {
            at = first.next
            stretchEnd = at
            return
        }
        var index = first.next
        while index < end {
            let found = scalar(index)
            guard found.class != .number else { break }
            index = found.next
        }
        stretchEnd = index
    }

    private func gpt2(_ start: Int, _ limit: Int) -> Int {
        if let end = contraction(start, limit, anyCase: false) { return end }
        // " ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+": one plain space goes with what follows, other white space does not.
        var first = scalar(start)
        if text[start] == 0x20, first.next < limit {
            let second = scalar(first.next)
            if second.class != .space { first = second }
        }
        if first.class != .space { return run(of: first.class, from: first.next, until: limit) }
        return spaces(start, limit)
    }

    private func llama3(_ start: Int, digits: Int) -> Int {
        if let end = contraction(start, end, anyCase: true) { return end }
        let first = scalar(start)
        if first.class == .letter { return run(of: .letter, from: first.next, until: end) }
        if first.class == .number {
            var index = first.next
            for _ in 1..<digits where index < end {
                let found = scalar(index)
                guard found.class == .number else { break }
                index = found.next
            }
            return index
        }
        // "[^\r\n\p{L}\p{N}]?\p{L}+": any one mark goes with the letters behind it, a line break never.
        if first.value != 0x0A, first.value != 0x0D, first.next < end, scalar(first.next).class == .letter {
            return run(of: .letter, from: first.next, until: end)
        }
        // " ?[^\s\p{L}\p{N}]+[\r\n]*"
        var symbols = start
        if first.value == 0x20, first.next < end, scalar(first.next).class == .other { symbols = first.next }
        if first.class == .other || symbols > start {
            var index = run(of: .other, from: symbols, until: end)
            while index < end, text[index] == 0x0A || text[index] == 0x0D { index += 1 }
            return index
        }
        // "\s*[\r\n]+" backs up from the end of the white space to its last line break; without one the rule for spaces is next.
        let runEnd = run(of: .space, from: start, until: end)
        var lastBreak = runEnd
        while lastBreak > start, text[lastBreak - 1] != 0x0A, text[lastBreak - 1] != 0x0D { lastBreak -= 1 }
        return lastBreak > start ? lastBreak : spaces(start, end)
    }

    /// "\s+(?!\S)|\s+": a run of white space, less its last scalar when a word follows that it then belongs to.
    private func spaces(_ start: Int, _ limit: Int) -> Int {
        let runEnd = run(of: .space, from: start, until: limit)
        guard runEnd < limit else { return runEnd }
        let last = scalarStart(text, before: runEnd)
        return last > start ? last : runEnd
    }

    /// The end of 's 't 're 've 'm 'll or 'd at `start`.
    private func contraction(_ start: Int, _ limit: Int, anyCase: Bool) -> Int? {
        guard text[start] == UInt8(ascii: "'"), start + 1 < limit else { return nil }
        let first = letter(start + 1, anyCase)
        switch first.letter {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return first.next
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            guard first.next < limit else { return nil }
            let second = letter(first.next, anyCase)
            let wanted = first.letter == UInt8(ascii: "l") ? UInt8(ascii: "l") : UInt8(ascii: "e")
            return second.letter == wanted ? second.next : nil
        default: return nil
        }
    }

    private func letter(_ index: Int, _ anyCase: Bool) -> (letter: UInt8, next: Int) {
        let byte = text[index]
        // Case folding makes the long s (U+017F) an s.
        if anyCase, byte == 0xC5, text[index + 1] == 0xBF { return (UInt8(ascii: "s"), index + 2) }
        if anyCase, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) { return (byte | 0x20, index + 1) }
        return (byte, index + 1)
    }

    /// Up to the next ▁ after `start`; `inRuns` keeps runs of them together.
    private func space(_ start: Int, inRuns: Bool) -> Int {
        var index = start + 1
        while index < end {
            if text[index] == 0xE2, index + 2 < end, text[index + 1] == 0x96, text[index + 2] == 0x81 {
                let followsMark =
                    index >= start + 3 && text[index - 1] == 0x81 && text[index - 2] == 0x96
                    && text[index - 3] == 0xE2
                if !(inRuns && followsMark) { return index }
                index += 3
            } else {
                index += 1
            }
        }
        return end
    }
}
