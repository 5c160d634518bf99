/// Stops the program at a graph, a derivative or a plan that was asked for wrongly.
///
/// The one door for such mistakes: they are the program's own, as an index outside an array is, and nothing could be done about them
/// where they show. What comes from a user or a file is refused before a graph is built of it.
/// - Parameters:
///   - inputs: what the operation was given.
///   - part: the model part under construction.
package func graphFault(_ operation: String, inputs: [TensorType]? = nil, part: String = "", _ problem: String) -> Never {
    let types = inputs.map { "(\($0.map(\.description).joined(separator: ", ")))" } ?? ""
    // A failed precondition would lose its message in an optimised build.
    fatalError("\(operation)\(types)\(part.isEmpty ? "" : " in \(part)"): \(problem)")
}

extension Node {
    /// Stops at a derivative of this node that is not defined.
    func derivativeFault(_ problem: String) -> Never {
        graphFault("derivative of \(operation.name)", inputs: inputs.map(\.type), part: part, problem)
    }
}
