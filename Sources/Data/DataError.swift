/// Why an example cannot be used: which one, what is wrong with it, and what to do.
package struct DataError: Error, Equatable, Sendable, CustomStringConvertible {
    package var position: RowPosition
    /// The field of the row that is wrong; empty where the example as a whole is.
    package var field: String
    package var problem: String

    package init(_ position: RowPosition, field: String = "", _ problem: String) {
        self.position = position
        self.field = field
        self.problem = problem
    }

    package var description: String { "\(position)\(field.isEmpty ? "" : ", field \"\(field)\""): \(problem)" }
}
