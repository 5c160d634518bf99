import Files

/// The families of models that can be loaded, and how each is recognised.
package enum ModelFamily: String, CaseIterable, Sendable {
    case llama, mistral, qwen2, gpt2

    /// For messages.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The `config.json` that a GGUF file's metadata amounts to.
    package static func configuration(
        _ metadata: GGUFMetadata, _ weights: any WeightSource, path: String
    ) throws(ModelError) -> JSONValue {
        try GGUFConfiguration(metadata: metadata, weights: weights, path: path).json()
    }

    /// The model that a `config.json` describes.
    /// - Parameter path: the file or folder, for messages.
    package static func model(_ json: JSONValue, path: String) throws(ModelError) -> any LanguageModel {
        let reader = ConfigurationReader(json: json, path: path)
        guard let found = json["model_type"]?.asString else {
            throw .configuration(path: path, key: "model_type", problem: "is missing; it names the architecture")
        }
        guard let family = ModelFamily(rawValue: found) else { throw .unsupportedArchitecture(found: found, path: path) }
        try UnusedKeys.refuse(in: json, family, path: path)
        switch family {
        case .gpt2: return try GPT2(reader.gpt2())
        case .llama, .mistral, .qwen2: return try LlamaDecoder(reader.llama(family))
        }
    }
}
