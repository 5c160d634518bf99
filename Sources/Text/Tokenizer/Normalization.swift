// The standard library can compose, but says so to Foundation alone; tables of our own would be thousands of lines.
@_spi(_Unicode) import Swift

/// Text that a normaliser or pre-tokeniser rewrote, with the way back.
struct Rewritten {
    var bytes: [UInt8]
    /// For every byte of `bytes`, where in the text before it comes from.
    var sources: [Int]
}

enum Rewriting {
    /// Canonical composition of `text`, `nil` if it is composed already.
    ///
    /// The composition itself is the standard library's. It runs over short chunks that start at an ASCII
    /// byte, since no ASCII scalar ever merges into what stands before it; so offsets can be traced back.
    static func composed(_ text: UnsafeBufferPointer<UInt8>) -> Rewritten? {
        // Below U+0300 nothing composes or decomposes.
        guard text.contains(where: { $0 >= 0xCC }) else { return nil }
        var result = Rewritten(bytes: [], sources: [])
        result.bytes.reserveCapacity(text.count)
        result.sources.reserveCapacity(text.count)
        var changed = false
        var start = 0
        while start < text.count {
            var end = start + 1
            if text[start] < 0x80 {
                while end < text.count, text[end] < 0x80 { end += 1 }
                // The last ASCII byte may carry the marks that follow.
                if end < text.count { end -= 1 }
                if end > start {
                    result.bytes.append(contentsOf: text[start..<end])
                    result.sources.append(contentsOf: start..<end)
                    start = end
                    continue
                }
                end = start + 1
            }
            while end < text.count, text[end] >= 0x80 { end += 1 }
            let chunk = UnsafeBufferPointer(rebasing: text[start..<end])
            let before = result.bytes.count
            for scalar in String(decoding: chunk, as: UTF8.self)._nfc {
                result.bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
            if !result.bytes[before...].elementsEqual(chunk) { changed = true }
            for offset in 0..<(result.bytes.count - before) {
                result.sources.append(start + min(offset, chunk.count - 1))
            }
            start = end
        }
        return changed ? result : nil
    }

    /// Writes every space as ▁, with one more in front when `prefixed`.
    static func marked(_ text: UnsafeBufferPointer<UInt8>, prefixed: Bool) -> Rewritten {
        var result = Rewritten(bytes: [], sources: [])
        result.bytes.reserveCapacity(text.count + text.count / 2 + 3)
        result.sources.reserveCapacity(text.count + text.count / 2 + 3)
        func mark(_ source: Int) {
            result.bytes.append(contentsOf: [0xE2, 0x96, 0x81])
            for _ in 0..<3 { result.sources.append(source) }
        }
        if prefixed { mark(0) }
        for (index, byte) in text.enumerated() {
            if byte == 0x20 {
                mark(index)
            } else {
                result.bytes.append(byte)
                result.sources.append(index)
            }
        }
        return result
    }

    /// `text` with a space in front.
    static func spaced(_ text: UnsafeBufferPointer<UInt8>) -> Rewritten {
        Rewritten(bytes: [0x20] + text, sources: [0] + Array(0..<text.count))
    }
}
