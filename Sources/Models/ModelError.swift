import Files
import Graph

/// What can go wrong with a model or with data for it: where, what, and what the user can do about it.
public enum ModelError: Error, CustomStringConvertible {
    /// The model is of a family this engine does not know.
    case unsupportedArchitecture(found: String, path: String)
    /// The model is of a known family, but asks for something that is not implemented.
    case unsupportedFeature(path: String, feature: String, supported: String)
    /// A value in the configuration is missing or makes no sense.
    case configuration(path: String, key: String, problem: String)
    /// The weights lack a tensor that the configuration calls for.
    /// - `found`: names in the file that nothing asks for.
    case missingTensor(path: String, name: String, shape: [Int], found: [String])
    /// A tensor has another shape than the configuration calls for.
    case wrongShape(path: String, name: String, found: [Int], expected: [Int])
    /// The weights hold tensors that the configuration has no place for.
    case unexpectedTensors(path: String, names: [String])
    /// The tensors are there, but under names with another beginning.
    case foreignPrefix(path: String, found: String, expected: String)
    /// A choice of trainable parameters that cannot be made.
    case trainableParameters(String)
    /// A request that contradicts itself or the model, such as a temperature below zero.
    case invalidRequest(String)
    /// Numbers within the model overflow; where, in a sentence.
    case notFinite(String)

    public var description: String {
        switch self {
        case .unsupportedArchitecture(let found, let path):
            "\(path): the architecture is \"\(found)\". Supported are \(ModelFamilies.names)."
        case .unsupportedFeature(let path, let feature, let supported):
            "\(path): the model uses \(feature), which is not supported. Supported: \(supported)."
        case .configuration(let path, let key, let problem):
            "\(path): \"\(key)\" \(problem). Check that the configuration is complete and belongs to the weights."
        case .missingTensor(let path, let name, let shape, let found):
            "\(path): tensor \"\(name)\" of shape \(shape) is missing\(found.isEmpty ? "" : "; the file has \(Self.list(found)) instead"). \(name.hasSuffix("lm_head.weight") ? "If the head is the embedding, \"tie_word_embeddings\" should be true. " : "")Check that all weights were downloaded and belong to the configuration."
        case .wrongShape(let path, let name, let found, let expected):
            "\(path): tensor \"\(name)\" has shape \(found), but the configuration calls for \(expected). The weights and the configuration belong to different models."
        case .unexpectedTensors(let path, let names):
            "\(path): the configuration has no place for \(Self.list(names)). The weights and the configuration belong to different models."
        case .foreignPrefix(let path, let found, let expected):
            "\(path): the names of the tensors begin with \(FileError.quoted(found)) where \"\(expected)\" is expected, so the model is a part of another one. Save it alone, or rename its tensors."
        case .trainableParameters(let problem):
            problem
        case .invalidRequest(let problem):
            problem
        case .notFinite(let place):
            "\(place), because numbers within the model overflow. Check the model."
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).map { FileError.quoted($0) }.joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
}
