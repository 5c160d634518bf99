/// Why an example cannot be used: which one, what is wrong with it, and what to do.
public struct DataError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The row it is about.
    public var position: RowPosition
    /// The field of the row that is wrong; empty where the example as a whole is.
    public var field: String
    /// What is wrong and what to do, in a sentence.
    public var problem: String

    /// An error about a row, or about one of its fields.
    public init(_ position: RowPosition, field: String = "", _ problem: String) {
        self.position = position
        self.field = field
        self.problem = problem
    }

    public var description: String { "\(position)\(field.isEmpty ? "" : ", field \"\(field)\""): \(problem)" }
}
