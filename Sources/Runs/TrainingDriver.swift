import Files
import Inference
import Reporting
import Unlearning

/// Drives a training to its end: shows its events, saves where it stands, and stops between two steps when asked to.
package struct TrainingDriver {
    private let listener: any JobListener
    /// For progress and events: what is trained.
    private let label: String
    /// Nil for a training that is short enough to start again.
    private let saving: Saving?

    package init(_ listener: any JobListener, label: String = "Training", saving: Saving? = nil) {
        self.listener = listener
        self.label = label
        self.saving = saving
    }

    /// - Parameter goal: stop once the mean loss over an epoch is at most this; nil to take all steps.
    /// - Returns: the mean loss of the last epoch.
    @discardableResult
    package func run<Loss>(_ trainer: Trainer<Loss>, goal: Double? = nil) throws -> Double {
        try? listener.hear(.began(label, total: trainer.steps, unit: "steps", earlier: trainer.step))
        var lastSaved = SteadyClock.seconds
        while !trainer.isFinished {
            if listener.wantsStop {
                try? listener.hear(.ended)
                try Saving.interrupt("at step \(trainer.step) of \(trainer.steps)", saving, trainer.save)
            }
            let record = try trainer.advance()
            do throws(FileError) {
                try listener.hear(.trained(record, label: label))
            } catch {
                try? listener.hear(.ended)
                try Saving.interrupt("at step \(trainer.step) of \(trainer.steps)", by: error, saving, trainer.save)
            }
            try? listener.hear(.advanced(record.step, detail: "loss \(NumberText.fixed(mean(trainer)))"))
            if let goal, trainer.recentLosses.count >= trainer.epochSteps, mean(trainer) <= goal { break }
            if let saving, SteadyClock.seconds - lastSaved >= saving.interval, !trainer.isFinished {
                try trainer.save(to: saving.path, identity: saving.identity)
                lastSaved = SteadyClock.seconds
            }
        }
        try? listener.hear(.ended)
        listener.note("\(label): \(trainer.step) steps, loss \(NumberText.fixed(mean(trainer)))")
        return mean(trainer)
    }

    private func mean<Loss>(_ trainer: Trainer<Loss>) -> Double {
        trainer.recentLosses.reduce(0, +) / Double(max(1, trainer.recentLosses.count))
    }
}
