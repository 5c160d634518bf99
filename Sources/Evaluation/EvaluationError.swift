/// A request that cannot be met, in a sentence.
package struct EvaluationError: Error, CustomStringConvertible {
    package let description: String

    package init(_ problem: String) { description = problem }
}
