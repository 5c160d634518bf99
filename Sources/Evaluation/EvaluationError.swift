/// A request that cannot be met, in a sentence.
public struct EvaluationError: Error, CustomStringConvertible {
    /// What is wrong, in a sentence.
    public let description: String

    /// An error that says what is wrong.
    public init(_ problem: String) { description = problem }
}
