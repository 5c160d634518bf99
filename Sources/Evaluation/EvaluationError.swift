import Backends
import Models
import Text

/// What can go wrong while a model is judged: what the modules below report, and requests that make no sense.
package enum EvaluationError: Error, CustomStringConvertible {
    case model(ModelError)
    case text(TextError)
    /// A request that cannot be met, in a sentence.
    case invalidRequest(String)

    package var description: String {
        switch self {
        case .model(let error): error.description
        case .text(let error): error.description
        case .invalidRequest(let problem): problem
        }
    }

    /// Runs `body`, putting what Models throws into an `EvaluationError`.
    package static func models<T>(_ body: () throws(ModelError) -> T) throws(EvaluationError) -> T {
        do { return try body() } catch { throw .model(error) }
    }

    /// Runs `body`, putting what Text throws into an `EvaluationError`.
    package static func texts<T>(_ body: () throws(TextError) -> T) throws(EvaluationError) -> T {
        do { return try body() } catch { throw .text(error) }
    }
}
