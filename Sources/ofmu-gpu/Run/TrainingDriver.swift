import Files
import Models
import Reporting
import Unlearning

/// Drives a training to its end: shows its events, saves where it stands, and stops between two steps when asked to.
struct TrainingDriver {
    let console: Console
    /// For progress and events: what is trained.
    var label = "Training"
    /// Nil for a training that is short enough to start again.
    var saving: Saving?

    /// - Parameter goal: stop once the mean loss over an epoch is at most this; nil to take all steps.
    /// - Returns: the mean loss of the last epoch.
    @discardableResult
    func run(_ trainer: Trainer<LanguageModelLoss>, goal: Double? = nil) throws -> Double {
        let progress = Progress(
            label, total: trainer.steps, unit: "steps", earlier: trainer.step, isSilent: console.isQuiet)
        var lastSaved = Clock.seconds
        while !trainer.isFinished {
            if Interruption.isRequested {
                progress.finish()
                try Saving.interrupt("at step \(trainer.step) of \(trainer.steps)", saving, trainer.save)
            }
            let record = try trainer.advance()
            do throws(FileError) {
                try console.emit([
                    "event": "trained", "label": .string(label), "step": .integer(record.step), "steps": .integer(record.steps),
                    "loss": .number(record.loss), "gradient_norm": .number(record.gradientNorm), "rate": .number(record.rate),
                ])
            } catch {
                progress.finish()
                try Saving.interrupt("at step \(trainer.step) of \(trainer.steps)", by: error, saving, trainer.save)
            }
            progress.update(record.step, "loss \(NumberText.fixed(mean(trainer)))")
            if let goal, trainer.recentLosses.count >= trainer.epochSteps, mean(trainer) <= goal { break }
            if let saving, Clock.seconds - lastSaved >= saving.interval, !trainer.isFinished {
                try trainer.save(to: saving.path, identity: saving.identity)
                lastSaved = Clock.seconds
            }
        }
        progress.finish()
        console.note("\(label): \(trainer.step) steps, loss \(NumberText.fixed(mean(trainer)))")
        return mean(trainer)
    }

    private func mean(_ trainer: Trainer<LanguageModelLoss>) -> Double {
        trainer.recentLosses.reduce(0, +) / Double(max(1, trainer.recentLosses.count))
    }
}

/// Where and how often a loop saves.
struct Saving {
    var path: String
    var identity: JSONValue
    /// The least seconds between two savings.
    var interval: Double

    /// Ends a loop that somebody interrupted: saves, if there is a place for it, and tells where the loop stood.
    /// - Parameter error: what went wrong, if nobody can be told of the events any more.
    static func interrupt(
        _ place: String, by error: FileError? = nil, _ saving: Saving?, _ save: (_ path: String, _ identity: JSONValue) throws -> Void
    ) throws -> Never {
        let reason = error.map { " \($0)" } ?? ""
        guard let saving else { throw CommandError.interrupted("Interrupted \(place).\(reason)") }
        try save(saving.path, saving.identity)
        throw CommandError.interrupted(
            "Interrupted \(place).\(reason) Saved in \(saving.path); continue with the same command and --resume.")
    }
}
