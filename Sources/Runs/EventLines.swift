import Evaluation
import Files
import Reporting
import Unlearning

extension UnlearningEvent {
    /// The event as a line for programs.
    package var json: JSONValue {
        switch self {
        case .innerStep(let round, let step, let forgetLoss, let similarity):
            [
                "event": "forgot", "round": .integer(round), "step": .integer(step), "forget_loss": .number(forgetLoss),
                "similarity": similarity.map { .number($0) } ?? .null,
            ]
        case .outerStep(let round, let step, let retainLoss):
            ["event": "restored", "round": .integer(round), "step": .integer(step), "retain_loss": .number(retainLoss)]
        case .round(let record):
            .object(JSONObject([("event", "round")] + (record.json.asObject?.members ?? [])))
        case .rolledBack(let round, let damping):
            ["event": "rolled_back", "round": .integer(round), "damping": .number(damping)]
        case .released(let round): ["event": "released", "round": .integer(round)]
        case .finished(let reason): ["event": "finished", "reason": .string(reason.rawValue)]
        }
    }
}

extension JobEvent {
    /// The event as a line for programs; nil for what only people want.
    package var json: JSONValue? {
        switch self {
        case .note, .warning, .began, .advanced, .ended: nil
        case .overlap(let overlap):
            [
                "event": "overlap", "retain": .integer(overlap.retainCount), "same": .integer(overlap.same.count),
                "near": .integer(overlap.near.count),
            ]
        case .trained(let record, let label):
            [
                "event": "trained", "label": .string(label), "step": .integer(record.step), "steps": .integer(record.steps),
                "loss": .number(record.loss), "gradient_norm": .number(record.gradientNorm), "rate": .number(record.rate),
            ]
        case .unlearning(let event): event.json
        }
    }
}
