import Files
import Inference
import Reporting
import Unlearning

/// Drives a run to its end: shows its events, saves where it stands, and stops between two steps when asked to.
package struct UnlearningDriver {
    private let listener: any JobListener
    /// Nil for a run that is short enough to start again.
    private let saving: Saving?

    package init(_ listener: any JobListener, saving: Saving? = nil) {
        self.listener = listener
        self.saving = saving
    }

    /// - Throws: `RunError.interrupted` after saving.
    package func run<Loss>(_ unlearner: Unlearner<Loss>) throws {
        let settings = unlearner.settings
        let began = JobEvent.began(
            "Unlearning", total: unlearner.roundCount * settings.stepsPerRound, unit: "steps",
            earlier: unlearner.state.stepsDone(settings))
        try? listener.hear(began)
        defer { try? listener.hear(.ended) }
        var losses = (forget: Double.nan, retain: Double.nan)
        var lastSaved = SteadyClock.seconds
        func stop(by error: FileError? = nil) throws -> Never {
            try? listener.hear(.ended)
            try Saving.interrupt(
                "in round \(unlearner.state.round + 1) of at most \(unlearner.roundCount)", by: error, saving, unlearner.save)
        }
        while !unlearner.state.isFinished {
            if listener.wantsStop { try stop() }
            let before = unlearner.state.round
            for event in try unlearner.advance() {
                do throws(FileError) { try listener.hear(.unlearning(event)) } catch { try stop(by: error) }
                switch event {
                case .innerStep(_, _, let loss, _): losses.forget = loss
                case .outerStep(_, _, let loss): losses.retain = loss
                case .round, .rolledBack, .released, .finished: break
                }
                event.note.map(listener.note)
            }
            let detail = "L_f \(NumberText.fixed(losses.forget)), L_r \(NumberText.fixed(losses.retain))"
            try? listener.hear(.advanced(unlearner.state.stepsDone(settings), detail: detail))
            if unlearner.state.round > before, let saving, SteadyClock.seconds - lastSaved >= saving.interval, !unlearner.state.isFinished {
                try unlearner.save(to: saving.path, identity: saving.identity)
                lastSaved = SteadyClock.seconds
            }
        }
    }
}

extension RunState {
    /// Steps taken in finished rounds and in this one, as a full round counts them.
    fileprivate func stepsDone(_ settings: UnlearningSettings) -> Int {
        let within =
            switch phase {
            case .inner(let step): step
            case .outer(let step): settings.innerSteps + step
            case .finished: 0
            }
        return round * settings.stepsPerRound + within
    }
}

extension UnlearningEvent {
    /// What a person should read beside the progress line.
    fileprivate var note: String? {
        switch self {
        case .rolledBack(let round, let damping):
            "Round \(round + 1): numbers were not finite. Back to the last good round, with "
                + "\(NumberText.significant(damping)) of the step"
        case .released: "The forget target is reached; only restoring from here on"
        case .finished(let reason): "Unlearning ended: \(reason)"
        case .innerStep, .outerStep, .round: nil
        }
    }
}
