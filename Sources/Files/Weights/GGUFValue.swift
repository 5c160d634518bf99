/// A value in a GGUF file's metadata. Integers of every width are one case.
package enum GGUFValue: Sendable {
    case integer(Int)
    /// An unsigned 64-bit number too large for `Int`.
    case large(UInt64)
    case number(Double)
    case bool(Bool)
    case string(String)
    case array(GGUFArray)
}

/// An array in a GGUF file's metadata. It stays in the file until its elements are
/// asked for: a vocabulary has hundreds of thousands.
package struct GGUFArray: Sendable {
    /// How many elements there are.
    package let count: Int
    let type: GGUFValueType
    /// The bytes of the elements, checked when the file was opened.
    let range: Range<Int>
    /// The elements of an array of arrays, which is rare and small.
    let nested: [GGUFArray]
    let file: MappedFile

    /// The elements if they are strings. Bytes that are not UTF-8 become U+FFFD.
    package var strings: [String]? {
        guard type == .string else { return nil }
        return file.withBytes { bytes in
            var values: [String] = []
            values.reserveCapacity(count)
            var offset = range.lowerBound
            for _ in 0..<count {
                // Checked when the file was opened, and again: it may have been changed since.
                guard checkedRange(offset: offset, count: 8, limit: range.upperBound) != nil,
                    let string = checkedRange(
                        offset: offset + 8,
                        count: Int(clamping: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
                        limit: range.upperBound)
                else { return nil }
                values.append(String(decoding: bytes[string], as: UTF8.self))
                offset = string.upperBound
            }
            return values
        }
    }

    /// The elements if they are integers or truth values, each within 64 signed bits.
    package var ints: [Int]? {
        guard let numbers = mapNumbers({ $0 }) else { return nil }
        var values: [Int] = []
        values.reserveCapacity(count)
        for number in numbers {
            switch number {
            case .integer(let value): values.append(value)
            case .bool(let value): values.append(value ? 1 : 0)
            default: return nil
            }
        }
        return values
    }

    /// The elements if they are numbers.
    package var doubles: [Double]? {
        guard let numbers = mapNumbers({ $0.asDouble }), !numbers.contains(nil) else { return nil }
        return numbers.compactMap { $0 }
    }

    /// The elements if they are arrays.
    package var arrays: [GGUFArray]? { type == .array ? nested : nil }

    private func mapNumbers<R>(_ make: (GGUFValue) -> R) -> [R]? {
        guard let size = type.size else { return nil }
        return file.withBytes { bytes in
            (0..<count).map { make(type.load(bytes, range.lowerBound + size * $0)) }
        }
    }
}

extension GGUFValue {
    /// The number as a double, nil if it is none.
    var asDouble: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .large(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// What it is, in words fit for an error message.
    package var kind: String {
        switch self {
        case .integer, .large: "an integer"
        case .number: "a number"
        case .bool: "a truth value"
        case .string: "a string"
        case .array: "an array"
        }
    }
}

/// The type codes of metadata values.
enum GGUFValueType: UInt32, Sendable {
    case uint8 = 0, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// Bytes per value; nil for strings and arrays.
    var size: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// A plain value from bytes known to be there.
    func load(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> GGUFValue {
        func get<Value: FixedWidthInteger>(_: Value.Type) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        switch self {
        case .uint8: return .integer(Int(get(UInt8.self)))
        case .int8: return .integer(Int(get(Int8.self)))
        case .uint16: return .integer(Int(get(UInt16.self)))
        case .int16: return .integer(Int(get(Int16.self)))
        case .uint32: return .integer(Int(get(UInt32.self)))
        case .int32: return .integer(Int(get(Int32.self)))
        case .int64: return .integer(Int(get(Int64.self)))
        case .uint64:
            let value = get(UInt64.self)
            return Int(exactly: value).map(GGUFValue.integer) ?? .large(value)
        case .float32: return .number(Double(Float(bitPattern: get(UInt32.self))))
        case .float64: return .number(Double(bitPattern: get(UInt64.self)))
        case .bool: return .bool(get(UInt8.self) != 0)
        case .string, .array: preconditionFailure("strings and arrays have no fixed size")
        }
    }
}
