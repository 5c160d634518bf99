import Files
import GRDB

/// Reads cells back from the tables.
struct StoredCellReader {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func cells() throws -> [StoredCell] {
        var measurements = try measurements()
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
            (cost.forgetSteps, cost.forgetExamples) = (row["forget_steps"] ?? 0, row["forget_examples"] ?? 0)
            return StoredCell(
                cell: cell, status: status, problem: row["problem"], cost: cost,
                measurement: measurements.removeValue(forKey: row["id"]) ?? CellMeasurement())
        }
    }

    private func measurements() throws -> [Int64: CellMeasurement] {
        var measurements: [Int64: CellMeasurement] = [:]
        let figures = try Row.fetchCursor(database, sql: "SELECT * FROM figures")
        while let row = try figures.next() {
            var figure = CellFigure(row["value"])
            if let lower = row["lower"] as Double?, let upper = row["upper"] as Double?, lower <= upper { figure.interval = lower...upper }
            measurements[row["cell"], default: CellMeasurement()].figures[row["metric"]] = figure
        }
        let values = try Row.fetchCursor(database, sql: "SELECT cell, metric, value FROM example_values ORDER BY cell, metric, example")
        while let row = try values.next() {
            measurements[row["cell"], default: CellMeasurement()].figures[row["metric"], default: CellFigure(nil)].examples
                .append(row["value"])
        }
        let answers = try Row.fetchCursor(database, sql: "SELECT * FROM answers ORDER BY cell, dataset, example")
        while let row = try answers.next() {
            measurements[row["cell"], default: CellMeasurement()].answers[row["dataset"], default: []].append(
                CellAnswer(question: row["question"], reference: row["reference"], generated: row["generated"]))
        }
        return measurements
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
