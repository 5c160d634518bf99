/// Where an example stands: for messages, and as its name among the examples of its set.
public struct RowPosition: Hashable, Sendable {
    /// The file as the user named it; empty for examples that come from none.
    public var file: String
    /// The line on which the row begins, counted from 1; 0 without a file.
    public var line: Int
    /// The number of the row among the rows of its file, from 0.
    public var index: Int

    /// The place of a row; without a file, of an example by its number.
    public init(file: String = "", line: Int = 0, index: Int = 0) {
        self.file = file
        self.line = line
        self.index = index
    }
}

extension RowPosition: CustomStringConvertible {
    /// As messages begin: "rows.jsonl, line 3", or "Example 3" without a file.
    public var description: String { file.isEmpty ? "Example \(index + 1)" : "\(file), line \(line)" }
}
