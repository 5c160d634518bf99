/// Writes GGUF bytes, right or wrong.
struct GGUFBuilder {
    var bytes: [UInt8] = []

    /// The beginning of a file, up to its metadata.
    init(magic: String = "GGUF", version: UInt32 = 3, tensors: UInt64 = 0, keys: UInt64 = 0) {
        bytes += Array(magic.utf8)
        number(version)
        number(tensors)
        number(keys)
    }

    mutating func number(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += Array($0) }
    }

    mutating func string(_ text: String) { string(Array(text.utf8)) }

    mutating func string(_ text: [UInt8]) {
        number(UInt64(text.count))
        bytes += text
    }

    /// A key and its value, an unsigned 32-bit number.
    mutating func pair(_ key: String, _ value: UInt32) {
        string(key)
        number(UInt32(4))
        number(value)
    }

    /// A tensor's entry; `sizes` are fastest first.
    mutating func tensor(_ name: String, sizes: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) {
        string(name)
        number(UInt32(sizes.count))
        for size in sizes { number(size) }
        number(type)
        number(offset)
    }

    /// Fills up to the alignment and adds the tensors' bytes.
    mutating func data(_ count: Int, alignment: Int = 32) {
        while bytes.count % alignment != 0 { bytes.append(0) }
        bytes += [UInt8](repeating: 0, count: count)
    }
}
