/// The four classes that the pre-tokenisers' patterns tell apart: \p{L}, \p{N}, \s and the rest.
enum ScalarClass: UInt8 {
    case letter, number, space, other

    /// The class of a scalar, from a table for the basic plane.
    static func of(_ value: UInt32) -> ScalarClass {
        value < UInt32(table.count) ? table[Int(value)] : look(up: value)
    }

    private static let table: [ScalarClass] = (0..<0x10000).map { look(up: $0) }

    private static func look(up value: UInt32) -> ScalarClass {
        guard let scalar = Unicode.Scalar(value) else { return .other }
        if scalar.properties.isWhitespace { return .space }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return .other
        }
    }
}

/// Reads the scalar that starts at `index` of valid UTF-8.
@inline(__always)
func decodeScalar(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (value: UInt32, length: Int) {
    let first = UInt32(text[index])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(text[index + 1] & 0x3F)
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(text[index + 2] & 0x3F)
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    return ((first & 0x07) << 18 | second << 12 | third << 6 | UInt32(text[index + 3] & 0x3F), 4)
}

/// Where the scalar that ends before `index` of valid UTF-8 starts.
@inline(__always)
func scalarStart(_ text: UnsafeBufferPointer<UInt8>, before index: Int) -> Int {
    var start = index - 1
    while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
    return start
}
