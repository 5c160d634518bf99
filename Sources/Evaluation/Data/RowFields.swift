import Data
import Files

/// The fields of one row of a benchmark's file. What is wrong is told with file, line and field.
struct RowFields {
    let position: RowPosition
    private let fields: JSONObject

    init(_ row: JSONValue, _ position: RowPosition) throws(DataError) {
        guard let fields = row.asObject else { throw DataError(position, "expected an object, found \(row.kind)") }
        self.fields = fields
        self.position = position
    }

    /// - Throws: `DataError` where the field is missing, no text, or empty.
    func text(_ field: String) throws(DataError) -> String { try Self.text(value(field), position, field) }

    func list(_ field: String) throws(DataError) -> [JSONValue] {
        let value = try value(field)
        guard let list = value.asArray else { throw failure(field, "expected a list, found \(value.kind)") }
        return list
    }

    func value(_ field: String) throws(DataError) -> JSONValue {
        guard let value = fields[field] else {
            let found = fields.members.isEmpty ? "the row has no fields" : "the row has " + fields.keys.joined(separator: ", ")
            throw failure(field, "missing; \(found)")
        }
        return value
    }

    func failure(_ field: String, _ problem: String) -> DataError { DataError(position, field: field, problem) }

    /// A text that is not empty.
    static func text(_ value: JSONValue, _ position: RowPosition, _ field: String) throws(DataError) -> String {
        guard let text = value.asString else { throw DataError(position, field: field, "expected a string, found \(value.kind)") }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw DataError(position, field: field, "empty; give the text or remove the row")
        }
        return text
    }
}
