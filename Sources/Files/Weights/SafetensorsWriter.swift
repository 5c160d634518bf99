/// Writes one safetensors file, tensor by tensor, in any order, without holding more
/// than the caller's own buffer. The file appears when `commit()` succeeds.
package struct SafetensorsWriter: ~Copyable {
    private let file: AtomicFile
    private let path: String
    private let places: [String: (info: TensorInfo, offset: Int)]
    private var missing: Set<String>

    /// Lays out the file and writes its header.
    ///
    /// The layout depends on the tensors alone: wider types first, then by name.
    /// - Parameters:
    ///   - tensors: what will be written, each as F32, F16 or BF16.
    ///   - metadata: pairs for the header; `format: pt` is what Hugging Face readers look for.
    /// - Throws: `unsupported` for other types, `malformed` for a name that occurs twice or is
    ///   reserved, `diskFull` if there is no room for the whole file, `unwritable`, `busy`.
    package init(
        path: String, tensors: [TensorInfo], metadata: [String: String] = ["format": "pt"]
    ) throws(FileError) {
        let ordered = tensors.sorted {
            if $0.type.blockBytes != $1.type.blockBytes { return $0.type.blockBytes > $1.type.blockBytes }
            return $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        var members: [(key: String, value: JSONValue)] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }
            members.append(
                ("__metadata__", .object(JSONObject(pairs.map { (key: $0.key, value: .string($0.value)) }))))
        }
        var places: [String: (info: TensorInfo, offset: Int)] = [:]
        var end = 0
        for info in ordered {
            guard [.f32, .f16, .bf16].contains(info.type) else {
                throw FileError(
                    .unsupported, path: path, tensor: info.name,
                    problem: "tensors cannot be written as \(info.type.name)", advice: "Choose F32, F16 or BF16")
            }
            let start = end
            let (next, overflow) = end.addingReportingOverflow(info.byteCount)
            guard !overflow else { throw .full(path, needed: nil) }
            end = next
            guard info.name != "__metadata__", places.updateValue((info, start), forKey: info.name) == nil else {
                throw FileError(
                    .malformed, path: path, tensor: info.name, problem: "the name is reserved or occurs twice",
                    advice: "Give every tensor its own name")
            }
            members.append(
                (
                    info.name,
                    .object(
                        JSONObject([
                            ("dtype", .string(info.type.name)),
                            ("shape", .array(info.shape.map { .integer($0) })),
                            ("data_offsets", .array([.integer(start), .integer(end)])),
                        ]))
                ))
        }
        var header = Array(JSONValue.object(JSONObject(members)).serialized().utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        let dataStart = 8 + header.count
        let (size, overflow) = end.addingReportingOverflow(dataStart)
        guard !overflow else { throw .full(path, needed: nil) }

        let file = try AtomicFile(path: path, expectedBytes: size)
        try file.writer.write(littleEndian: UInt64(header.count))
        try file.writer.write(header)
        self.file = file
        self.path = path
        self.places = places.mapValues { ($0.info, $0.offset + dataStart) }
        missing = Set(places.keys)
    }

    /// Writes one tensor's numbers, row-major, in the type announced for it.
    /// - Throws: `notFound` for a name not announced, `wrongSize`, `notFinite` for a number that would become infinite,
    ///   `diskFull`, `unwritable`.
    package mutating func write(_ name: String, _ values: UnsafeBufferPointer<Float>) throws(FileError) {
        guard let place = places[name] else {
            throw FileError(
                .notFound, path: path, tensor: name, problem: "it was not announced when the file was begun")
        }
        guard values.count == place.info.count else {
            throw FileError(
                .wrongSize, path: path, tensor: name,
                problem: "shape \(place.info.shape) holds \(place.info.count) numbers, but \(values.count) were given")
        }
        if let index = place.info.type.firstOverflow(in: values) {
            throw .overflow(values[index], place.info, at: index, path: path)
        }
        if file.writer.position != place.offset { try file.writer.seek(to: place.offset) }
        try file.writer.write(values, as: place.info.type)
        missing.remove(name)
    }

    package mutating func write(_ name: String, _ values: [Float]) throws(FileError) {
        try values.withUnsafeBufferPointer { (values) throws(FileError) in try write(name, values) }
    }

    /// Completes the file.
    /// - Throws: `notFound` naming a tensor that was never written, `diskFull`, `unwritable`.
    package consuming func commit() throws(FileError) {
        if let name = missing.min() {
            throw FileError(
                .notFound, path: path, tensor: name,
                problem: "it was announced but never written (\(missing.count) such tensors)")
        }
        try file.commit()
    }
}

extension FileError {
    /// The error for a number that its type cannot hold.
    package static func overflow(_ value: Float, _ tensor: TensorInfo, at index: Int, path: String) -> FileError {
        FileError(
            .notFinite, path: path, tensor: tensor.name,
            problem: "number \(index) of \(tensor.count) is \(value), which \(tensor.type.name) cannot hold",
            advice: "Write the model as F32" + (tensor.type == .f16 ? ", or as BF16, which reaches further" : ""))
    }
}
