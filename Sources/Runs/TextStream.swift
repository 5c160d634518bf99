import Text

/// Turns tokens that come one by one into text, keeping back bytes of a character that is not complete yet.
package struct TextStream {
    private let tokenizer: Tokenizer
    private var pending: [UInt8] = []

    package init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    /// The text that is complete once `id` has come.
    package mutating func text(after id: Int32) -> String {
        if !tokenizer.isSpecial(id) { pending += tokenizer.bytes(of: id) }
        let complete = pending.count - Self.openBytes(pending)
        let text = String(decoding: pending[..<complete], as: UTF8.self)
        pending.removeFirst(complete)
        return text
    }

    /// What is left at the end.
    package mutating func rest() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end begin a character whose remaining bytes are still to come.
    private static func openBytes(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > count ? count : 0
        }
        return 0
    }
}
