/// What is wrong with a comparison, and where.
package enum ComparisonError: Error, Equatable, CustomStringConvertible {
    /// Something in a plan file.
    /// - Parameter place: the path of the key, such as `split[2].retain`; empty for the file as a whole.
    case plan(file: String, place: String, problem: String)
    /// A file of results that cannot be used.
    case results(file: String, problem: String)

    package var description: String {
        switch self {
        case .plan(let file, let place, let problem): place.isEmpty ? "\(file): \(problem)" : "\(file), \(place): \(problem)"
        case .results(let file, let problem): "\(file): \(problem)"
        }
    }
}
