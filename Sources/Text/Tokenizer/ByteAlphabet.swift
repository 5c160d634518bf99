/// GPT-2's printable alphabet: every byte is written as one Unicode scalar.
///
/// Bytes that print in Latin-1 stand for themselves; the 68 others take U+0100 and up, in order.
package enum ByteAlphabet {
    /// The scalar that stands for each byte.
    package static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            switch byte {
            case 33...126, 161...172, 174...255: return Unicode.Scalar(UInt8(byte))
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "\u{FFFD}"
            }
        }
    }()

    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int16(byte) }
        return table
    }()

    /// The bytes that `written` stands for, `nil` if a scalar is outside the alphabet.
    static func decode(_ written: String) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(written.utf8.count)
        for scalar in written.unicodeScalars {
            guard scalar.value < bytes.count, bytes[Int(scalar.value)] >= 0 else { return nil }
            result.append(UInt8(truncatingIfNeeded: bytes[Int(scalar.value)]))
        }
        return result
    }

    /// `bytes` in the printable alphabet.
    static func encode(_ bytes: [UInt8]) -> String {
        var result = String.UnicodeScalarView()
        for byte in bytes { result.append(scalars[Int(byte)]) }
        return String(result)
    }
}
