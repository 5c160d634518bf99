import Files
import TOMLKit

/// A table of a plan file whose values are asked for by key; every complaint names the path of the key.
struct PlanTable {
    let file: String
    /// The table's own path; empty for the whole file.
    let place: String
    let object: JSONObject

    /// Reads a TOML file.
    /// - Throws: `FileError`, or `ComparisonError.plan` with the line that is no TOML.
    init(contentsOf path: String) throws {
        let text = try readText(path, for: .configuration)
        let table: TOMLTable
        do { table = try TOMLTable(string: text) } catch let error as TOMLParseError {
            throw ComparisonError.plan(
                file: path, place: "line \(error.source.begin.line), column \(error.source.begin.column)", problem: error.description)
        }
        let json = try JSONValue(parsing: Array(table.convert(to: .json, options: [.quoteDateAndTimes, .quoteInfinitesAndNaNs]).utf8))
        (file, place, object) = (path, "", json.asObject ?? JSONObject())
    }

    private init(file: String, place: String, object: JSONObject) { (self.file, self.place, self.object) = (file, place, object) }

    func path(_ key: String) -> String { place.isEmpty ? key : key.isEmpty ? place : "\(place).\(key)" }

    func failure(_ key: String, _ problem: String) -> ComparisonError { .plan(file: file, place: path(key), problem: problem) }

    private func wrong(_ key: String, _ wanted: String) -> ComparisonError {
        failure(key, "expected \(wanted), found \(object[key]?.kind ?? "nothing").")
    }

    /// - Throws: an error about the first key that means nothing here, with the nearest that does.
    func check(_ known: [String]) throws(ComparisonError) {
        for key in object.keys where !known.contains(key) {
            throw failure(key, "unknown key; \(NearestName.hint(key, among: known))")
        }
    }

    func string(_ key: String) throws(ComparisonError) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.asString else { throw wrong(key, "a text") }
        return text
    }

    func needed(_ key: String) throws(ComparisonError) -> String {
        guard let text = try string(key) else { throw failure(key, "missing.") }
        guard !text.isEmpty else { throw failure(key, "is empty.") }
        return text
    }

    func bool(_ key: String) throws(ComparisonError) -> Bool? {
        guard let value = object[key] else { return nil }
        guard let flag = value.asBool else { throw wrong(key, "true or false") }
        return flag
    }

    func int(_ key: String, _ limits: Limits<Int>) throws(ComparisonError) -> Int? {
        guard let value = object[key] else { return nil }
        guard let number = value.asInt else { throw wrong(key, "a whole number") }
        if let problem = limits.problem(number) { throw failure(key, problem + ".") }
        return number
    }

    /// One number or a list of them.
    func doubles(_ key: String) throws(ComparisonError) -> [Double] {
        guard let value = object[key] else { return [] }
        var numbers: [Double] = []
        for entry in value.asArray ?? [value] {
            guard let number = entry.asDouble else { throw wrong(key, "a number or a list of numbers") }
            numbers.append(number)
        }
        return numbers
    }

    func strings(_ key: String) throws(ComparisonError) -> [String] {
        guard let value = object[key] else { return [] }
        var texts: [String] = []
        for entry in value.asArray ?? [value] {
            guard let text = entry.asString else { throw wrong(key, "a text or a list of texts") }
            texts.append(text)
        }
        return texts
    }

    func table(_ key: String) throws(ComparisonError) -> PlanTable? {
        guard let value = object[key] else { return nil }
        guard let members = value.asObject else { throw wrong(key, "a table") }
        return PlanTable(file: file, place: path(key), object: members)
    }

    /// The tables of `[[key]]`, counted from 1 in messages.
    func tables(_ key: String) throws(ComparisonError) -> [PlanTable] {
        guard let value = object[key] else { return [] }
        var tables: [PlanTable] = []
        for (index, entry) in (value.asArray ?? [value]).enumerated() {
            guard let members = entry.asObject else { throw wrong(key, "a list of tables, [[\(key)]]") }
            tables.append(PlanTable(file: file, place: path("\(key)[\(index + 1)]"), object: members))
        }
        return tables
    }
}
