// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The names of block formats are GGUF's.

/// How the numbers of a tensor are stored in a file.
package enum StoredType: String, Sendable, CaseIterable {
    case f64 = "F64", f32 = "F32", f16 = "F16", bf16 = "BF16"
    case i64 = "I64", i32 = "I32", i16 = "I16", i8 = "I8"
    case u64 = "U64", u32 = "U32", u16 = "U16", u8 = "U8", bool = "BOOL"
    case q4_0 = "Q4_0", q4_1 = "Q4_1", q5_0 = "Q5_0", q5_1 = "Q5_1", q8_0 = "Q8_0"
    case q2_K = "Q2_K", q3_K = "Q3_K", q4_K = "Q4_K", q5_K = "Q5_K", q6_K = "Q6_K"

    /// The name the file formats use, such as `BF16` or `Q4_K`.
    package var name: String { rawValue }

    /// How many numbers share one block; 1 for plain types.
    package var blockSize: Int {
        switch self {
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K: 256
        default: 1
        }
    }

    /// Bytes in one block; for plain types, bytes in one number.
    package var blockBytes: Int {
        switch self {
        case .f64, .i64, .u64: 8
        case .f32, .i32, .u32: 4
        case .f16, .bf16, .i16, .u16: 2
        case .i8, .u8, .bool: 1
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q2_K: 84
        case .q3_K: 110
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        }
    }

    /// Whether several numbers share a scale.
    package var isQuantised: Bool { blockSize > 1 }

    /// Bytes for `count` numbers; nil if they do not fill whole blocks or the size overflows.
    package func byteCount(for count: Int) -> Int? {
        guard count >= 0, count % blockSize == 0 else { return nil }
        let (bytes, overflow) = (count / blockSize).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// Converts whole blocks to single precision, or nil for types that hold no weights.
    ///
    /// The function takes the first stored byte (of any alignment), the first float to
    /// fill, and how many floats, a multiple of `blockSize`.
    var decoder: ((UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Void)? {
        switch self {
        case .f64: decodeF64
        case .f32: decodeF32
        case .f16: decodeF16
        case .bf16: decodeBF16
        case .q4_0: decodeQ4_0
        case .q4_1: decodeQ4_1
        case .q5_0: decodeQ5_0
        case .q5_1: decodeQ5_1
        case .q8_0: decodeQ8_0
        case .q2_K: decodeQ2_K
        case .q3_K: decodeQ3_K
        case .q4_K: decodeQ4_K
        case .q5_K: decodeQ5_K
        case .q6_K: decodeQ6_K
        case .i64, .i32, .i16, .i8, .u64, .u32, .u16, .u8, .bool: nil
        }
    }

    /// The index of the first finite number that would become infinite in this type, or nil if all fit.
    package func firstOverflow(in values: UnsafeBufferPointer<Float>) -> Int? {
        guard let overflow else { return nil }
        return values.firstIndex { $0.isFinite && $0.magnitude >= overflow }
    }

    /// The least magnitude that rounds to infinity in this type; nil where no finite number does.
    private var overflow: Float? {
        switch self {
        case .f16: 65520
        // Half-way between the largest number and the one that would follow it.
        case .bf16: 0x1.FFp127
        default: nil
        }
    }

    /// Converts single precision to a two-byte type, rounding to the nearest, ties to
    /// even: source, first byte to fill, how many. Nil for other types.
    var narrowing: ((UnsafePointer<Float>, UnsafeMutableRawPointer, Int) -> Void)? {
        switch self {
        case .f16: encodeF16
        case .bf16: encodeBF16
        default: nil
        }
    }
}
