import Files
import GRDB
import Reporting
import Runs

/// The file of a comparison's results: one SQLite database. A cell's numbers arrive in one transaction, so that after a kill a cell
/// is there whole, or marked as begun and nothing more. Used by one process at a time.
package final class ResultStore {
    package let path: String
    private let database: DatabaseQueue
    private static let fileMark = Array("SQLite format 3\0".utf8)

    /// What a plan's results must agree on.
    package struct Identity: Hashable, Sendable {
        /// Of everything that decides a cell's numbers, but which cells there are.
        package var frame: String
        /// Of the same and the cells.
        package var whole: String

        package init(frame: String, whole: String) { (self.frame, self.whole) = (frame, whole) }
    }

    /// Opens the results of a plan, or begins them.
    /// - Parameters:
    ///   - facts: what a reader of the file alone should know, such as the plan's text.
    ///   - extends: whether the file may belong to a plan that differs in methods and seeds only.
    /// - Throws: `ComparisonError.results` for another plan, another version, another kind of file, or one that is in use.
    package init(path: String, _ identity: Identity, facts: [String: String] = [:], extends: Bool = false) throws {
        self.path = path
        let isNew = FileSystem.entry(at: path) == nil
        if !isNew { try Self.checkMark(path) }
        database = try Self.explained(path) {
            var configuration = Configuration()
            // A second process must not write cells of its own between ours.
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            return try DatabaseQueue(path: path, configuration: configuration)
        }
        try Self.explained(path) {
            if !isNew { try Self.checkVersion(database, path) }
            try database.write { database in
                // A kill between the file's creation and this leaves an empty database, which is begun anew.
                if try Int32.fetchOne(database, sql: "PRAGMA application_id") != ResultSchema.application {
                    try ResultSchema.create(database)
                    try Self.note(database, facts.merging(["frame": identity.frame, "plan": identity.whole]) { $1 })
                } else {
                    try Self.agree(database, path, identity, extends: extends)
                    try Self.note(database, facts.merging(["plan": identity.whole]) { $1 })
                }
            }
        }
    }

    /// Opens results to read them.
    /// - Throws: `FileError`, or `ComparisonError.results` as the other initialiser.
    package init(reading path: String) throws {
        self.path = path
        try Self.checkMark(path)
        database = try Self.explained(path) {
            var configuration = Configuration()
            configuration.readonly = true
            return try DatabaseQueue(path: path, configuration: configuration)
        }
        try Self.explained(path) { try Self.checkVersion(database, path, mayBeEmpty: false) }
    }

    // MARK: Checks

    private static func checkMark(_ path: String) throws {
        let head = try MappedFile(path: path, for: .weights).withBytes { Array($0.prefix(fileMark.count)) }
        guard head.isEmpty || head == fileMark else {
            throw ComparisonError.results(file: path, problem: "it is no file of results. Choose another place with --out.")
        }
    }

    private static func checkVersion(_ database: DatabaseQueue, _ path: String, mayBeEmpty: Bool = true) throws {
        let (application, version, tables) = try database.read { database in
            (
                try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
                try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
            )
        }
        if mayBeEmpty, application == 0, tables == 0 { return }
        guard application == ResultSchema.application else {
            throw ComparisonError.results(file: path, problem: "it is another program's database. Choose another place with --out.")
        }
        guard version == ResultSchema.version else {
            throw ComparisonError.results(
                file: path,
                problem: "its version is \(version), and this program reads \(ResultSchema.version). It was left as it is; "
                    + "read it with the program that wrote it, or begin anew with another --out.")
        }
    }

    private static func agree(_ database: Database, _ path: String, _ identity: Identity, extends: Bool) throws {
        let fact = { (name: String) in try String.fetchOne(database, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name]) }
        guard try fact("frame") == identity.frame else {
            throw ComparisonError.results(
                file: path,
                problem: "it belongs to a plan with other data, models, budgets or questions. It was left as it is; "
                    + "choose another place with --out.")
        }
        guard try extends || fact("plan") == identity.whole else {
            throw ComparisonError.results(
                file: path,
                problem: "it belongs to a plan with other methods, settings or seeds. It was left as it is; --extend adds what is new "
                    + "and keeps what is there, or choose another place with --out.")
        }
    }

    private static func note(_ database: Database, _ facts: [String: String]) throws {
        for (name, value) in facts {
            try database.execute(sql: "INSERT OR REPLACE INTO facts VALUES (?, ?)", arguments: [name, value])
        }
    }

    /// Runs a use of the database; SQLite's complaints name the file.
    private static func explained<T>(_ path: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError {
            let problem =
                switch error.resultCode {
                case .SQLITE_BUSY, .SQLITE_LOCKED:
                    "another process is working on it. Wait for it to end, or choose another place with --out."
                case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                    "the file is damaged (\(error.message ?? "unreadable")). Choose another place with --out."
                case .SQLITE_FULL: "the disk is full."
                default: "SQLite says: \(error.message ?? "\(error.resultCode)")."
                }
            throw ComparisonError.results(file: path, problem: problem)
        }
    }

    // MARK: Cells

    /// A fact about the whole comparison, by its name.
    package func fact(_ name: String) throws -> String? {
        try Self.explained(path) {
            try database.read { try String.fetchOne($0, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name]) }
        }
    }

    /// How far every cell has come, by key.
    package func statuses() throws -> [String: StoredCell.Status] {
        try Self.explained(path) {
            try database.read { database in
                var found: [String: StoredCell.Status] = [:]
                for row in try Row.fetchAll(database, sql: "SELECT key, status FROM cells") {
                    found[row["key"]] = StoredCell.Status(rawValue: row["status"])
                }
                return found
            }
        }
    }

    /// Marks a cell as begun. What an earlier attempt left of it goes.
    package func begin(_ cell: ComparisonCell) throws {
        try write { database in
            try database.execute(sql: "DELETE FROM cells WHERE key = ?", arguments: [cell.key])
            let settings = JSONValue.object(JSONObject(cell.settings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
            try database.execute(
                sql: """
                    INSERT INTO cells (key, role, split, label, method, is_paper, settings, seed, budget_kind, budget, status)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')
                    """,
                arguments: [
                    cell.key, cell.role.rawValue, cell.split, cell.label, cell.method, cell.isPaper, settings.serialized(),
                    String(cell.seed), cell.budget?.kind, cell.budget?.amount,
                ])
        }
    }

    /// Stores a cell's result, whole or not at all.
    package func finish(_ cell: ComparisonCell, _ measurement: CellMeasurement, _ cost: CellCost) throws {
        try write { database in
            let id = try Int64.fetchOne(database, sql: "SELECT id FROM cells WHERE key = ?", arguments: [cell.key])
            // SQLite has no NaN; what is not finite is no value.
            let number = { (value: Double?) in value.flatMap { $0.isFinite ? $0 : nil } }
            for (name, figure) in measurement.figures {
                try database.execute(
                    sql: "INSERT INTO figures VALUES (?, ?, ?, ?, ?)",
                    arguments: [id, name, number(figure.value), figure.interval?.lowerBound, figure.interval?.upperBound])
                for (example, value) in figure.examples.enumerated() {
                    try database.cachedStatement(sql: "INSERT INTO example_values VALUES (?, ?, ?, ?)").execute(
                        arguments: [id, name, example, number(value)])
                }
            }
            for (name, answers) in measurement.answers {
                for (example, answer) in answers.enumerated() {
                    try database.execute(
                        sql: "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                        arguments: [id, name, example, answer.question, answer.reference, answer.generated])
                }
            }
            try Self.end(database, cell, as: .done, problem: nil, cost)
        }
    }

    /// Stores that a cell's method came to no result.
    package func fail(_ cell: ComparisonCell, _ problem: String, _ cost: CellCost) throws {
        try write { try Self.end($0, cell, as: .failed, problem: problem, cost) }
    }

    private static func end(
        _ database: Database, _ cell: ComparisonCell, as status: StoredCell.Status, problem: String?, _ cost: CellCost
    ) throws {
        try database.execute(
            sql: """
                UPDATE cells SET status = :status, problem = :problem, gradient_equivalents = :gradientEquivalents, seconds = :seconds,
                rounds = :rounds, steps = :steps, forget_steps = :forgetSteps, forget_examples = :forgetExamples, ending = :ending,
                finished = :finished WHERE key = :key
                """,
            arguments: [
                "status": status.rawValue, "problem": problem, "gradientEquivalents": cost.gradientEquivalents, "seconds": cost.seconds,
                "rounds": cost.rounds, "steps": cost.steps, "forgetSteps": cost.forgetSteps, "forgetExamples": cost.forgetExamples,
                "ending": cost.end, "finished": ReportParts.date, "key": cell.key,
            ])
    }

    private func write(_ body: (Database) throws -> Void) throws { try Self.explained(path) { try database.write(body) } }

    /// Everything that is stored, in the order in which it came.
    package func cells() throws -> [StoredCell] {
        try Self.explained(path) { try database.read { try StoredCellReader($0).cells() } }
    }
}
