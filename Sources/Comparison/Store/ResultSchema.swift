import GRDB

/// The tables of a file of results.
enum ResultSchema {
    /// Marks the file as one of this program's: "OFMU".
    static let application: Int32 = 0x4F46_4D55
    /// Counts changes of the tables. A file of another version is refused: nothing is guessed about what its columns mean.
    static let version: Int32 = 3

    static func create(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE cells (
                    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, role TEXT NOT NULL, split TEXT NOT NULL, label TEXT NOT NULL,
                    method TEXT NOT NULL, is_paper INTEGER NOT NULL, settings TEXT NOT NULL, seed TEXT NOT NULL, budget_kind TEXT,
                    budget REAL, status TEXT NOT NULL, problem TEXT, gradient_equivalents REAL, seconds REAL, rounds INTEGER,
                    steps INTEGER, forget_steps INTEGER, forget_examples INTEGER, ending TEXT, finished TEXT);
                CREATE TABLE example_values (
                    cell INTEGER NOT NULL REFERENCES cells(id) ON DELETE CASCADE, metric TEXT NOT NULL, example INTEGER NOT NULL,
                    value REAL, PRIMARY KEY (cell, metric, example)) WITHOUT ROWID;
                CREATE TABLE figures (
                    cell INTEGER NOT NULL REFERENCES cells(id) ON DELETE CASCADE, metric TEXT NOT NULL, value REAL, lower REAL,
                    upper REAL, PRIMARY KEY (cell, metric)) WITHOUT ROWID;
                CREATE TABLE answers (
                    cell INTEGER NOT NULL REFERENCES cells(id) ON DELETE CASCADE, dataset TEXT NOT NULL, example INTEGER NOT NULL,
                    question TEXT NOT NULL, reference TEXT NOT NULL, generated TEXT NOT NULL,
                    PRIMARY KEY (cell, dataset, example)) WITHOUT ROWID;
                PRAGMA application_id = \(application);
                PRAGMA user_version = \(version);
                """)
    }
}
