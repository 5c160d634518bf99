/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Line of the problem, counted from 1.
    package let line: Int
    /// Column of the problem in Unicode scalars, counted from 1.
    package let column: Int
    /// What is wrong, in words.
    package let problem: String

    package init(line: Int, column: Int, problem: String) {
        self.line = line
        self.column = column
        self.problem = problem
    }

    public var description: String { "line \(line), column \(column): \(problem)" }
}
