import Unlearning

/// The parts of the demo, in order.
public enum DemoPhase: String, Sendable, CaseIterable {
    case training, before, unlearning, after, retraining, retrained

    /// What happens, for progress lines.
    public var title: String {
        switch self {
        case .training: "training on everybody"
        case .before: "asking the model"
        case .unlearning: "unlearning"
        case .after: "asking the model again"
        case .retraining: "training without the forgotten"
        case .retrained: "asking the model that never knew them"
        }
    }
}

/// What the demo tells whoever watches it.
public enum DemoEvent: Sendable {
    /// A phase begins; `total` counts steps, rounds or questions.
    case began(DemoPhase, total: Int)
    /// Done so far in a phase, with the loss where there is one.
    case advanced(DemoPhase, done: Int, total: Int, loss: Double?)
    /// A round of unlearning is over.
    case round(RoundRecord)
    /// A phase is over.
    case ended(DemoPhase, seconds: Double)
}
