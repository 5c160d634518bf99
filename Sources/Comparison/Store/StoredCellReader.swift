import Files
import GRDB

/// Reads cells back from the tables.
struct StoredCellReader {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func cells() throws -> [StoredCell] {
        var sets = try setsByCell()
        return try Row.fetchAll(database, sql: "SELECT * FROM cells ORDER BY id").compactMap { row in
            guard let role = ComparisonCell.Role(rawValue: row["role"]), let status = StoredCell.Status(rawValue: row["status"])
            else { return nil }
            var cell = ComparisonCell(role, split: row["split"], label: row["label"])
            (cell.method, cell.isPaper, cell.seed) = (row["method"], row["is_paper"], UInt64(row["seed"] as String) ?? 0)
            let settings = (try? JSONValue(parsing: Array((row["settings"] as String).utf8)))?.asObject ?? JSONObject()
            for (key, value) in settings.members { cell.settings[key] = value.asString }
            cell.budget = Budget(kind: row["budget_kind"], amount: row["budget"])
            var cost = CellCost()
            (cost.gradientEquivalents, cost.seconds) = (row["gradient_equivalents"] ?? 0, row["seconds"] ?? 0)
            (cost.rounds, cost.steps, cost.end) = (row["rounds"] ?? 0, row["steps"] ?? 0, row["ending"] ?? "")
            return StoredCell(
                cell: cell, status: status, problem: row["problem"], cost: cost,
                measurement: CellMeasurement(sets: sets.removeValue(forKey: row["id"]) ?? [:]))
        }
    }

    private func setsByCell() throws -> [Int64: [String: SetMeasurement]] {
        var sets: [Int64: [String: SetMeasurement]] = [:]
        let values = try Row.fetchCursor(
            database, sql: "SELECT cell, dataset, metric, value FROM example_values ORDER BY cell, dataset, metric, example")
        while let row = try values.next() {
            let (cell, dataset, metric): (Int64, String, String) = (row["cell"], row["dataset"], row["metric"])
            sets[cell, default: [:]][dataset, default: SetMeasurement()].values[metric, default: []].append(row["value"])
        }
        let figures = try Row.fetchCursor(database, sql: "SELECT cell, dataset, name, value FROM set_figures")
        while let row = try figures.next() {
            let (cell, dataset, name): (Int64, String, String) = (row["cell"], row["dataset"], row["name"])
            sets[cell, default: [:]][dataset, default: SetMeasurement()].figures[name] = row["value"]
        }
        let answers = try Row.fetchCursor(database, sql: "SELECT * FROM answers ORDER BY cell, dataset, example")
        while let row = try answers.next() {
            let (cell, dataset): (Int64, String) = (row["cell"], row["dataset"])
            sets[cell, default: [:]][dataset, default: SetMeasurement()].answers.append(
                .init(question: row["question"], reference: row["reference"], generated: row["generated"]))
        }
        return sets
    }
}

extension Budget {
    /// How files of results name it.
    var kind: String {
        switch self {
        case .gradientEquivalents: "gradient_equivalents"
        case .seconds: "seconds"
        }
    }

    init?(kind: String?, amount: Double?) {
        guard let kind, let amount else { return nil }
        switch kind {
        case "gradient_equivalents": self = .gradientEquivalents(amount)
        case "seconds": self = .seconds(amount)
        default: return nil
        }
    }
}
