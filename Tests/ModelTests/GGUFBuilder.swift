import Files

/// Makes small GGUF files: version 3, F32 tensors.
struct GGUFBuilder {
    enum Value {
        case text(String), integer(UInt32), real(Float)
    }

    var metadata: [(key: String, value: Value)] = []
    var tensors: [(name: String, shape: [Int], values: [Float])] = []

    func write(to path: String) throws {
        var bytes = Array("GGUF".utf8)
        func put<T: FixedWidthInteger>(_ value: T) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        func put(_ text: String) {
            put(UInt64(text.utf8.count))
            bytes += text.utf8
        }
        func pad() { while bytes.count % 32 != 0 { bytes.append(0) } }

        put(UInt32(3))
        put(UInt64(tensors.count))
        put(UInt64(metadata.count))
        for (key, value) in metadata {
            put(key)
            switch value {
            case .text(let text):
                put(UInt32(8))
                put(text)
            case .integer(let number):
                put(UInt32(4))
                put(number)
            case .real(let number):
                put(UInt32(6))
                put(number.bitPattern)
            }
        }
        var offset = 0
        for tensor in tensors {
            put(tensor.name)
            put(UInt32(tensor.shape.count))
            for size in tensor.shape.reversed() { put(UInt64(size)) }
            put(UInt32(0))
            put(UInt64(offset))
            offset += (4 * tensor.values.count + 31) / 32 * 32
        }
        pad()
        for tensor in tensors {
            for value in tensor.values { put(value.bitPattern) }
            pad()
        }
        let writer = try FileWriter(path: path)
        try writer.write(bytes)
        try writer.synchronize()
    }
}
