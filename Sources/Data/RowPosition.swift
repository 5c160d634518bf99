/// Where an example stands: for messages, and as its name among the examples of its set.
package struct RowPosition: Hashable, Sendable {
    /// The file as the user named it; empty for examples that come from none.
    package var file: String
    /// The line on which the row begins, counted from 1; 0 without a file.
    package var line: Int
    /// The number of the row among the rows of its file, from 0.
    package var index: Int

    package init(file: String = "", line: Int = 0, index: Int = 0) {
        self.file = file
        self.line = line
        self.index = index
    }
}

extension RowPosition: CustomStringConvertible {
    /// As messages begin: "rows.jsonl, line 3", or "Example 3" without a file.
    package var description: String { file.isEmpty ? "Example \(index + 1)" : "\(file), line \(line)" }
}
