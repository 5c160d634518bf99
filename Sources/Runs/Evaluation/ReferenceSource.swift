import Evaluation
import Files
import Text

/// Where an evaluation's targets come from.
enum ReferenceSource {
    case model(OpenedModel)
    /// - Parameter tokenizer: the digest of the tokenizer they were measured with; nil where the file does not say.
    case results(ReferenceResults, tokenizer: String?)

    /// Opens a model, or reads results: an `eval.json` or the folder that holds one, or open-unlearning's log.
    /// - Throws: `FileError`, `RunError.badInput` for a file of another kind.
    init(path: String) throws {
        guard FileSystem.isFolder(path) || path.hasSuffix(".json") else {
            self = .model(try OpenedModel(path: path))
            return
        }
        let file = FileSystem.isFolder(path) ? joinPath(path, EvaluationPlace.resultsName) : path
        guard path.hasSuffix(".json") || FileSystem.isFile(file) else {
            self = .model(try OpenedModel(path: path))
            return
        }
        let json = try JSONValue(contentsOf: file, for: .data)
        if json["format"] != nil {
            self = try Self.own(json, file)
        } else {
            self = .results(try OpenUnlearningLog.results(json, file), tokenizer: nil)
        }
    }

    private static func own(_ json: JSONValue, _ file: String) throws -> ReferenceSource {
        guard json["format"]?.asString == EvaluationReport.format else {
            throw RunError.badInput(
                "\(file): the results are of the format \(json["format"]?.serialized() ?? "null"), and this version reads "
                    + "\"\(EvaluationReport.format)\". Evaluate the reference again.")
        }
        guard let metrics = json["metrics"]?.asArray else { throw RunError.badInput("\(file): \"metrics\" is missing or no array.") }
        var results = ReferenceResults(name: file)
        for metric in metrics {
            guard let key = metric["key"]?.asString else { throw RunError.badInput("\(file): a metric has no \"key\".") }
            results.values[key] = metric["value"]?.asDouble
            results.settings[key] = metric["settings"]?.asString
            if let examples = metric["examples"]?.asArray { results.examples[key] = examples.compactMap(\.asDouble) }
        }
        return .results(results, tokenizer: json["tokenizer_sha256"]?.asString)
    }

    /// - Throws: `RunError.badInput` if the reference's tokens are others: its losses are then of other tokens.
    func checkTokenizer(_ tokenizer: Tokenizer) throws(RunError) {
        let (name, digest): (String, String?) =
            switch self {
            case .model(let model): (model.folder.path, Self.digest(model.tokenizer))
            case .results(let results, let digest): (results.name, digest)
            }
        guard let digest, digest != Self.digest(tokenizer) else { return }
        throw .badInput("\(name): the reference has another tokenizer, so its numbers cannot be compared. Give a model of the same tokens.")
    }

    /// Of all tokens in order.
    static func digest(_ tokenizer: Tokenizer) -> String {
        SHA256.digest(Array(tokenizer.description.tokens.joined(separator: "\u{0}").utf8))
    }
}
