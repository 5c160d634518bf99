import Files
import Models

/// Writes a model as a Hugging Face folder.
public struct ModelExporter: Sendable {
    /// How weights are stored.
    public enum Precision: String, Sendable, CaseIterable {
        case f32, f16, bf16

        var storedType: StoredType { self == .f32 ? .f32 : self == .f16 ? .f16 : .bf16 }
        /// The name torch has for it.
        var torchName: String { self == .f32 ? "float32" : self == .f16 ? "float16" : "bfloat16" }
    }

    /// A file to put beside the weights, such as a tokenizer rebuilt from GGUF.
    public struct ExtraFile: Sendable {
        /// The name in the folder.
        public var name: String
        /// The content.
        public var bytes: [UInt8]

        /// A file to be written beside the weights.
        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// How weights are stored.
    public var precision: Precision
    /// Whether an existing folder may be replaced.
    public var replacing: Bool

    /// An exporter; it does not write over a folder unless `replacing`.
    public init(precision: Precision = .f32, replacing: Bool = false) {
        self.precision = precision
        self.replacing = replacing
    }

    /// Writes config.json, model.safetensors, the tokenizer files of the source folder and `extra`. The folder appears when all
    /// of it is complete. Adapters are merged into the weights; a tied head is not written twice.
    /// - Throws: `FileError`, also for a weight that is not finite, or would not be in the chosen type.
    public func export(_ model: LoadedModel, to path: String, extra: [ExtraFile] = []) throws {
        try export(model, to: path, extra: extra, seal: nil)
    }

    /// - Parameter seal: says which run the folder is the result of.
    package func export(_ model: LoadedModel, to path: String, extra: [ExtraFile], seal: ResultSeal?) throws {
        let specifications = model.model.specifications
        let tensors = specifications.compactMap { TensorInfo(name: $0.name, type: precision.storedType, shape: $0.shape) }
        let folder = try AtomicFolder(
            path: path, replacing: replacing, expectedBytes: tensors.reduce(0) { $0 + $1.byteCount })
        try put(Array((configuration(model).serialized(pretty: true) + "\n").utf8), folder.file("config.json"))
        if let source = model.source {
            for name in source.tokenizerFiles + source.companionFiles {
                try FileSystem.createFolder(parentFolder(of: folder.file(name)))
                try FileSystem.copyFile(source.file(name), to: folder.file(name))
            }
        }
        for file in extra { try put(file.bytes, folder.file(file.name)) }

        var writer = try SafetensorsWriter(path: folder.file("model.safetensors"), tensors: tensors)
        for (specification, tensor) in zip(specifications, tensors) {
            let values = model.merged(specification)
            // Said here too, because the writer knows the folder by its temporary name only.
            try Self.checkRange(values, tensor, path)
            if let index = firstNonFinite(in: values) {
                throw FileError(
                    .notFinite, path: path, tensor: specification.name,
                    problem: "number \(index) of \(values.count) is \(values[index]), so the model is not written",
                    advice: "The run diverged; use smaller steps")
            }
            try writer.write(specification.name, values)
        }
        try writer.commit()
        if let seal { try put(Array(seal.text(folder.file("")).utf8), folder.file(ResultSeal.fileName)) }
        try folder.commit()
    }

    /// Makes sure that a model's numbers can be stored in the chosen type, before work whose result would be refused.
    /// - Throws: `FileError` naming the tensor that cannot.
    package func check(_ model: LoadedModel) throws {
        guard precision != .f32 else { return }
        for specification in model.model.specifications {
            guard let tensor = TensorInfo(name: specification.name, type: precision.storedType, shape: specification.shape)
            else { continue }
            try Self.checkRange(model.merged(specification), tensor, model.source?.path ?? "the model")
        }
    }

    private static func checkRange(_ values: [Float], _ tensor: TensorInfo, _ path: String) throws(FileError) {
        guard let index = values.withUnsafeBufferPointer({ tensor.type.firstOverflow(in: $0) }) else { return }
        throw .overflow(values[index], tensor, at: index, path: path)
    }

    private func put(_ bytes: [UInt8], _ path: String) throws(FileError) {
        let file = try AtomicFile(path: path, expectedBytes: bytes.count)
        try file.writer.write(bytes)
        try file.commit()
    }

    /// The configuration as it was read, with what this folder is: its class and how its numbers are stored.
    private func configuration(_ model: LoadedModel) -> JSONValue {
        guard var object = model.configuration.asObject else { return model.configuration }
        // transformers 5 writes "dtype" and reads both; older versions know "torch_dtype" only. None may stay as it was.
        let keys = ["dtype", "torch_dtype"].filter { object[$0] != nil }
        for key in keys.isEmpty ? ["torch_dtype"] : keys { object[key] = .string(precision.torchName) }
        // A folder that was saved without its head names the class of the inner model, or none.
        if let own = model.model.configurationFile["architectures"] { object["architectures"] = own }
        return .object(object)
    }
}

extension LoadedModel {
    /// A tensor's numbers, with its adapter merged if it has one.
    package func merged(_ specification: ParameterSpecification) -> [Float] {
        if let entry = split.trainable[specification.name] { return Array(trainable[entry.range]) }
        guard let entry = split.frozen[specification.name] else { return [] }
        var values = Array(frozen[entry.range])
        let names = LowRankAdapter.names(LowRankAdapter.prefix(specification.name))
        guard let adapter = split.adapter, case .projection(let layout) = specification.role,
            let a = split.trainable[names.a], let b = split.trainable[names.b]
        else { return values }
        trainable.withUnsafeBufferPointer { trainable in
            values.withUnsafeMutableBufferPointer {
                adapter.merge(
                    UnsafeBufferPointer(rebasing: trainable[a.range]), UnsafeBufferPointer(rebasing: trainable[b.range]), layout,
                    into: $0)
            }
        }
        return values
    }
}
