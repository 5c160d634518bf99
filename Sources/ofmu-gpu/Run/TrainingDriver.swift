import Files
import Models
import Reporting
import Unlearning

/// Drives a training to its end.
struct TrainingDriver {
    let console: Console
    /// For progress and events: what is trained.
    var label = "Training"

    /// - Parameter goal: stop once the mean loss over an epoch is at most this; nil to take all steps.
    /// - Returns: the mean loss of the last steps.
    @discardableResult
    func run(_ trainer: Trainer<LanguageModelLoss>, epochSteps: Int, goal: Double? = nil) throws -> Double {
        let progress = Progress(label, total: trainer.steps, unit: "steps", isSilent: console.isQuiet)
        var recent: [Double] = []
        while !trainer.isFinished {
            if Interruption.isRequested {
                progress.finish()
                throw CommandError.interrupted("Interrupted at step \(trainer.step) of \(trainer.steps); nothing was written.")
            }
            let record = try trainer.advance()
            recent.append(record.loss)
            if recent.count > max(1, epochSteps) { recent.removeFirst() }
            try console.emit([
                "event": "trained", "label": .string(label), "step": .integer(record.step), "steps": .integer(record.steps),
                "loss": .number(record.loss), "gradient_norm": .number(record.gradientNorm), "rate": .number(record.rate),
            ])
            progress.update(record.step, "loss \(NumberText.fixed(mean(recent)))")
            if let goal, recent.count >= epochSteps, mean(recent) <= goal { break }
        }
        progress.finish()
        console.note("\(label): \(trainer.step) steps, loss \(NumberText.fixed(mean(recent)))")
        return mean(recent)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
}
