import ArgumentParser
import Backends
import Comparison
import Data
import Evaluation
import Files
import Graph
import Models
import Runs
import Text
import Unlearning

/// Any error as a message for people and a status for scripts: the one place where the two are decided.
struct Failure {
    /// As it is; names from files may hold anything, but not at any length.
    var message: String
    /// Whether the message is of this program's own making, or a compiler's, with lines.
    var hasLines = false
    var status: ExitStatus
    /// How the command is called, after a mistake in calling it.
    var usage = ""

    /// The message for a terminal.
    var visible: String { message.visible(oneLine: !hasLines) }

    var json: JSONValue { ["error": .string(message), "code": .integer(Int(status.rawValue))] }

    init(_ error: any Error) {
        switch error {
        case let error as RunError: self.init(error)
        case let error as FileError: self.init(error.description, .badInput)
        case let error as DataError: self.init(error.description, .badInput)
        case let error as TextError: self.init(error.description, .badInput)
        case let error as ModelError: self.init(error.description, .badInput)
        case let error as UnlearningError: self.init(error.description, .badInput)
        case let error as ComparisonError: self.init(error.description, .badInput)
        case let error as EvaluationError: self.init(error.description, .badInput)
        case let error as BackendError: self.init(error)
        default:
            // ArgumentParser's own errors are internal to it; it marks them by this status.
            if Root.exitCode(for: error) == .validationFailure {
                self.init(Root.message(for: error), .badInput)
                hasLines = true
                usage = Self.usage(in: Root.fullMessage(for: error))
            } else {
                self.init(defect: "\(error)")
            }
        }
    }

    private init(_ message: String, _ status: ExitStatus) {
        self.message = message.withShortQuotes()
        self.status = status
    }

    private init(defect: String) {
        self.init("Internal error, please report it with the command you ran: \(defect)", .defect)
    }

    private init(_ error: RunError) {
        switch error {
        case .badInput(let problem): self.init(problem, .badInput)
        case .interrupted(let state): self.init(state, .interrupted)
        case .targetUnmet(let shortfall): self.init(shortfall, .targetUnmet)
        case .untold(let state): self.init(state, .untold)
        }
    }

    private init(_ error: BackendError) {
        switch error {
        case .unknownDevice: self.init(error.description, .badInput)
        case .device, .compilation, .outOfMemory: self.init(error.description, .device)
        case .mismatchedBuffer, .missingKernel: self.init(error.description, .defect)
        }
        hasLines = true
    }

    /// The part of ArgumentParser's message from "Usage:" on.
    private static func usage(in message: String) -> String {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Usage:") }) else { return "" }
        return lines[start...].joined(separator: "\n") + "\n"
    }
}
