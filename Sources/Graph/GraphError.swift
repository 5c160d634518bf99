/// Why a graph could not be built, differentiated or planned.
package enum GraphError: Error, Hashable, CustomStringConvertible {
    /// An operation was given inputs it cannot take; `part` is the model part under construction.
    case shape(operation: String, inputs: [TensorType], part: String, problem: String)
    /// A derivative was asked for where none is defined.
    case derivative(operation: String, part: String, problem: String)
    /// A plan was asked for something the graph does not have.
    case plan(String)

    package var description: String {
        switch self {
        case .shape(let operation, let inputs, let part, let problem):
            "\(operation)(\(inputs.map(\.description).joined(separator: ", ")))\(Self.place(part)): \(problem)"
        case .derivative(let operation, let part, let problem):
            "derivative of \(operation)\(Self.place(part)): \(problem)"
        case .plan(let problem):
            "plan: \(problem)"
        }
    }

    private static func place(_ part: String) -> String { part.isEmpty ? "" : " in \(part)" }
}
