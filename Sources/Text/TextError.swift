/// What can go wrong with tokenizers and templates.
public enum TextError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A tokenizer needs something this engine lacks.
    case unsupported(part: String, found: String, supported: String)
    /// A tokenizer description contradicts itself or misses a part.
    case invalid(part: String, problem: String)
    /// A conversation does not fit the chat template.
    case conversation(problem: String)

    public var description: String {
        switch self {
        case .unsupported(let part, let found, let supported):
            "tokenizer, \(part): \(found) is not supported; supported: \(supported)"
        case .invalid(let part, let problem): "tokenizer, \(part): \(problem)"
        case .conversation(let problem): "chat template: \(problem)"
        }
    }
}
