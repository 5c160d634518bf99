import ArgumentParser
import Files
import Runs

extension Limits {
    /// - Throws: `ValidationError` with the limits, if an option was given and is beyond them.
    func check(_ option: String, _ value: Value?) throws {
        if let value, let problem = problem(value) { throw ValidationError("\(option) \(problem).") }
    }
}

/// Limits that options of several commands share.
enum OptionLimits {
    static let tokens = Limits.from(1, to: 1_000_000)
    static let seconds = Limits.from(0.0, to: 1e9)
}

extension DataRows {
    /// Standard input can be read once.
    static func checkStandardInput(_ paths: [String?]) throws {
        if paths.count(where: { $0 == standardInputName }) > 1 { throw ValidationError("Only one file can be \"-\", standard input.") }
    }
}
