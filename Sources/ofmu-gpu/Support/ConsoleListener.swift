import Files
import Reporting
import Runs

/// A job's events on the console: progress and notes for people, JSON lines for programs.
final class ConsoleListener: JobListener {
    private let console: Console
    private var progress: Progress?

    init(_ console: Console) { self.console = console }

    var wantsStop: Bool { Interruption.isRequested }

    func whileIdle<T>(_ body: () throws -> T) rethrows -> T { try Interruption.whileIdle(body) }

    func hear(_ event: JobEvent) throws(FileError) {
        switch event {
        case .note(let text):
            progress?.finish()
            console.note(text)
        case .warning(let text): console.warn(text)
        case .began(let label, let total, let unit, let earlier):
            progress = Progress(label, total: total, unit: unit, earlier: earlier, isSilent: console.isQuiet)
        case .advanced(let done, let detail): progress?.update(done, detail)
        case .ended:
            progress?.finish()
            progress = nil
        case .overlap, .trained, .unlearning: break
        }
        if let json = event.json { try console.emit(json) }
    }
}

extension Console {
    /// Shows the outcome of a run.
    func show(_ report: RunReport) throws {
        try say("\n" + report.summary(OutputStyle.detect()))
        try emit(.object(JSONObject([("event", "report")] + (report.json.asObject?.members ?? []))))
    }

    /// Says that there was nothing to do.
    func sayComplete(_ place: RunPlace) throws {
        try say("Nothing is left to do: \(place.path) holds the result of this very call. Other settings, or another --seed, go further.")
        try emit(["event": "complete", "folder": .string(place.path)])
    }
}
