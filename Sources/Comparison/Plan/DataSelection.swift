import Data
import Files

/// Rows of data files: whole files, or some rows of them, one after the other.
package struct DataSelection: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package var file: String
        /// Counted from 1, both ends included; nil for all.
        package var rows: ClosedRange<Int>?
    }

    package var parts: [Part]
    /// Where a plan names it, for messages.
    package var place: String

    /// Reads the rows.
    /// - Parameter folder: what relative paths start from.
    /// - Throws: what reading throws; `ComparisonError.plan` where a file has fewer rows than asked for, or none are left.
    package func read(in folder: String, plan: String) throws -> [Example] {
        var examples: [Example] = []
        for part in parts {
            let path = part.file.hasPrefix("/") ? part.file : joinPath(folder, part.file)
            guard FileSystem.entry(at: path) != nil else {
                throw ComparisonError.plan(
                    file: plan, place: place, problem: "there is no file \(path). Name the folder of the data with --data.")
            }
            let all = try ExampleFile.read(path)
            guard let rows = part.rows else {
                examples += all
                continue
            }
            guard rows.upperBound <= all.count else {
                throw ComparisonError.plan(
                    file: plan, place: place, problem: "\(path) has \(all.count) rows, not \(rows.upperBound).")
            }
            examples += all[rows.lowerBound - 1..<rows.upperBound]
        }
        return examples
    }
}

extension PlanTable {
    /// A file, a table of a file and its rows, or a list of these.
    func selection(_ key: String) throws(ComparisonError) -> DataSelection? {
        guard let value = object[key] else { return nil }
        var parts: [DataSelection.Part] = []
        for entry in value.asArray ?? [value] {
            if let file = entry.asString {
                parts.append(.init(file: file, rows: nil))
                continue
            }
            guard let members = entry.asObject else { throw failure(key, "expected a file, or { file = …, rows = [first, last] }.") }
            for name in members.keys where !["file", "rows"].contains(name) {
                throw failure("\(key).\(name)", "unknown key; \(NearestName.hint(name, among: ["file", "rows"]))")
            }
            guard let file = members["file"]?.asString else { throw failure("\(key).file", "missing.") }
            var range: ClosedRange<Int>?
            if let rows = members["rows"] {
                let ends = (rows.asArray ?? []).compactMap(\.asInt)
                guard ends.count == 2, ends[0] >= 1, ends[1] >= ends[0] else {
                    throw failure("\(key).rows", "expected [first, last], counted from 1; it must hold a row.")
                }
                range = ends[0]...ends[1]
            }
            parts.append(.init(file: file, rows: range))
        }
        guard !parts.isEmpty else { throw failure(key, "names no file.") }
        return DataSelection(parts: parts, place: path(key))
    }
}
