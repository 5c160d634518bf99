import Backends
import Models

extension ModelError {
    /// Runs `body`, putting what Backends throws into a `ModelError`.
    static func backends<T>(_ body: () throws(BackendError) -> T) throws(ModelError) -> T {
        do { return try body() } catch { throw .backend(error) }
    }
}
