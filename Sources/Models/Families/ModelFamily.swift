import Files

/// The families of models that can be loaded: a file beside this one, and a line here.
package enum ModelFamilies {
    package static let all: [any ModelFamily] = [Llama(), Mistral(), Qwen2(), Qwen3(), GPT2()] + ImageFamily.all

    /// For messages.
    static var names: String { all.map(\.name).joined(separator: ", ") }

    /// The model that a `config.json` describes.
    /// - Parameter path: the file or folder, for messages.
    package static func model(_ json: JSONValue, path: String) throws(ModelError) -> any Model {
        // timm's files name an architecture instead.
        guard let found = (json["model_type"] ?? json["architecture"])?.asString else {
            throw .configuration(path: path, key: "model_type", problem: "is missing; it names the architecture")
        }
        guard let family = all.first(where: { $0.name == found }) else { throw .unsupportedArchitecture(found: found, path: path) }
        return try family.model(ConfigurationReader(json: json, path: path))
    }

    /// The `config.json` that a GGUF file's metadata amounts to, so that both kinds of file are read by one reader and an export loads
    /// in transformers.
    package static func configuration(
        _ metadata: GGUFMetadata, _ weights: any WeightSource, path: String
    ) throws -> JSONValue {
        try GGUFConfiguration(metadata: metadata, weights: weights, path: path).json(all.compactMap { $0 as? any DecoderFamily })
    }
}

/// Models that one `model_type` of Hugging Face names.
package protocol ModelFamily: Sendable {
    /// The `model_type`.
    var name: String { get }
    /// The model that a configuration describes.
    /// - Throws: `ModelError` for values that make no sense or ask for something that is not computed.
    func model(_ reader: ConfigurationReader) throws(ModelError) -> any Model
}

/// How GGUF files hold the rows of queries and keys.
package enum GGUFRows: Sendable {
    /// As Hugging Face folders do.
    case plain
    /// See `StoredPlace`.
    case interleaved
}

/// A family of decoders: what its configurations mean, how they are written, and what its tensors are called.
package protocol DecoderFamily: ModelFamily {
    /// Hugging Face's class, with the head.
    var className: String { get }
    /// Keys for biases that relatives read and models of this family do not have.
    var foreignBiases: [String] { get }
    var names: DecoderNames { get }
    /// How GGUF files hold the rows of queries and keys; nil for families that are not read from GGUF files.
    var gguf: GGUFRows? { get }

    func configuration(_ reader: ConfigurationReader) throws(ModelError) -> DecoderModel.Configuration

    /// What a `config.json` says besides class and type, so that transformers and the family's own reader load it.
    func members(_ configuration: DecoderModel.Configuration) -> [(key: String, value: JSONValue)]
}

extension DecoderFamily {
    package var foreignBiases: [String] { [] }
    package var names: DecoderNames { DecoderNames() }
    package var gguf: GGUFRows? { nil }

    package func model(_ reader: ConfigurationReader) throws(ModelError) -> any Model {
        try UnusedKeys.refuse(in: reader.json, foreignBiases: foreignBiases, path: reader.path)
        return DecoderModel(self, try configuration(reader))
    }

    func configurationFile(_ configuration: DecoderModel.Configuration) -> JSONObject {
        let head: [(key: String, value: JSONValue)] = [("architectures", [.string(className)]), ("model_type", .string(name))]
        return JSONObject(head + members(configuration) + [("torch_dtype", "float32")])
    }
}
