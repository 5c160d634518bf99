import Models
import Reporting
import Unlearning

/// Drives a run to its end: shows its events, saves where it stands, and stops between two steps when asked to.
struct UnlearningDriver {
    let console: Console
    /// Where to save; nil for a run that is short enough to start again.
    var checkpoint: String?
    /// The least seconds between two savings, which happen at the ends of rounds.
    var interval = 60.0

    /// - Throws: `CommandError.interrupted` after saving.
    func run(_ unlearner: Unlearner<LanguageModelLoss>, label: String = "Unlearning") throws {
        let settings = unlearner.settings
        let perRound = settings.innerSteps + (settings.method == .ofmu ? settings.outerSteps : 0)
        let stepsDone = { (state: RunState) in
            let within = switch state.phase {
            case .forget(let step): step
            case .restore(let step): settings.innerSteps + step
            case .finished: 0
            }
            return state.round * perRound + within
        }
        let progress = Progress(
            label, total: settings.rounds * perRound, unit: "steps", earlier: stepsDone(unlearner.state),
            isSilent: console.isQuiet)
        var losses = (forget: Double.nan, retain: Double.nan)
        var lastSaved = -Double.infinity
        while !unlearner.state.isFinished {
            if Interruption.isRequested {
                progress.finish()
                try stop(unlearner)
            }
            var roundEnded = false
            for event in try unlearner.advance() {
                try console.emit(event.json)
                switch event {
                case .forgot(_, _, let loss, _): losses.forget = loss
                case .restored(_, _, let loss): losses.retain = loss
                case .round: roundEnded = true
                case .rolledBack(let round, let damping):
                    progress.finish()
                    console.note(
                        "Round \(round + 1): numbers were not finite; back to the last good round, "
                            + "steps times \(NumberText.significant(damping))")
                case .released: console.note("The forget target is reached; only restoring from here on")
                case .finished(let reason):
                    progress.finish()
                    console.note("\(label) ended after \(unlearner.state.round) rounds: \(reason.rawValue)")
                }
            }
            progress.update(
                stepsDone(unlearner.state),
                "L_f \(NumberText.fixed(losses.forget)), L_r \(NumberText.fixed(losses.retain))")
            if roundEnded, let checkpoint, Clock.seconds - lastSaved >= interval {
                try unlearner.save(to: checkpoint)
                lastSaved = Clock.seconds
            }
        }
    }

    private func stop(_ unlearner: Unlearner<LanguageModelLoss>) throws -> Never {
        let place = "in round \(unlearner.state.round + 1) of \(unlearner.settings.rounds)"
        guard let checkpoint else { throw CommandError.interrupted("Interrupted \(place).") }
        try unlearner.save(to: checkpoint)
        throw CommandError.interrupted("Interrupted \(place). Saved; continue with the same command and --resume.")
    }
}
