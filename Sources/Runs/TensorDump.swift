import Files
import Graph
import Inference

/// A small safetensors file of results, for checking them in other programs. Unlike a model's weights it may hold integers.
package struct TensorDump {
    private var tensors: [(name: String, shape: [Int], values: HostInput)] = []

    package init() {}

    package mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) { tensors.append((name, shape, .real(values))) }

    package mutating func add(_ name: String, _ shape: [Int], _ values: [Int32]) { tensors.append((name, shape, .index(values))) }

    /// Writes the file; it appears when it is complete.
    package func write(to path: String) throws(FileError) {
        var header = JSONObject()
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.values.type.byteCount * tensor.values.count
            let type: JSONValue = if case .real = tensor.values { "F32" } else { "I32" }
            header[tensor.name] = [
                "dtype": type, "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": [.integer(start), .integer(end)],
            ]
        }
        var text = Array(JSONValue.object(header).serialized().utf8)
        // The numbers begin on a multiple of eight bytes.
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        let file = try AtomicFile(path: path, expectedBytes: 8 + text.count + end)
        try file.writer.write(littleEndian: UInt64(text.count))
        try file.writer.write(text)
        for tensor in tensors {
            switch tensor.values {
            case .real(let values): try file.writer.write(values)
            case .index(let values):
                try values.withUnsafeBufferPointer { (values) throws(FileError) in
                    try file.writer.write(UnsafeRawBufferPointer(values))
                }
            }
        }
        try file.commit()
    }
}
