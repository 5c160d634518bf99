/// How far a direction is followed.
public enum StepRule: Sendable, Hashable, CustomStringConvertible {
    /// Δθ = rate·d, the paper's.
    case sgd(rate: Double)
    /// ‖Δθ‖ = radius·‖θ‖ whatever the length of d.
    case trust(radius: Double)
    /// A trust region whose radius follows what steps do: at most this, halved while a forget step raises its loss by more than
    /// `UnlearningSettings.riseLimit` or a restore step raises its own, and half as large again after a step that did little.
    case adaptive(most: Double)
    /// A fixed rate, set at the first step so that it moves θ by radius·‖θ‖.
    case automatic(radius: Double)
    /// AdamW with moments of this level's own.
    case adamW(rate: Double)
    /// The same at a rate found by the run's first step: the largest at which that step raises its own loss by no more than this, in
    /// nats.
    case adaptiveAdamW(rise: Double)

    /// Reads "sgd:1e-3", "trust:2e-3", "adaptive:2e-3", "auto:2e-3" or "adamw:1e-4"; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite, value > 0 else { return nil }
        switch parts[0] {
        case "sgd": self = .sgd(rate: value)
        case "trust": self = .trust(radius: value)
        case "adaptive": self = .adaptive(most: value)
        case "auto": self = .automatic(radius: value)
        case "adamw": self = .adamW(rate: value)
        case "adamw-rise": self = .adaptiveAdamW(rise: value)
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .sgd(let rate): "sgd:\(rate)"
        case .trust(let radius): "trust:\(radius)"
        case .adaptive(let most): "adaptive:\(most)"
        case .automatic(let radius): "auto:\(radius)"
        case .adamW(let rate): "adamw:\(rate)"
        case .adaptiveAdamW(let rise): "adamw-rise:\(rise)"
        }
    }

    /// The rule's number: a rate or a radius.
    var length: Double {
        switch self {
        case .sgd(let length), .trust(let length), .adaptive(let length), .automatic(let length), .adamW(let length),
            .adaptiveAdamW(let length):
            length
        }
    }

    var usesMoments: Bool {
        switch self {
        case .adamW, .adaptiveAdamW: true
        case .sgd, .trust, .adaptive, .automatic: false
        }
    }

    /// Whether forget steps by it look at how the forget loss changes.
    var measuresForgetLoss: Bool {
        switch self {
        case .adaptive, .adaptiveAdamW: true
        case .sgd, .trust, .automatic, .adamW: false
        }
    }

    /// Whether it tries steps that it takes back, and borrows a vector for that.
    var triesSteps: Bool { if case .adaptiveAdamW = self { true } else { false } }

    /// What a step of a level measures beside its direction, at least.
    func work(_ level: Level) -> [PlanUse] {
        if case .adaptive = self { [PlanUse(level == .inner ? .forgetLoss : .retainLoss)] } else { [] }
    }

    /// What it measures once a run, for a method that looks at data to keep or not.
    func trials(usesRetain: Bool) -> [PlanUse] {
        guard triesSteps else { return [] }
        return [PlanUse(.forgetLoss, 0)] + (usesRetain ? [PlanUse(.retainLoss, 0)] : [])
    }

    /// The factor on the direction, given the norms of parameters and direction; zero for a vanishing direction.
    /// - Parameters:
    ///   - clip: longer directions are treated as if they had this norm.
    ///   - fixed: the rate of `automatic` or the radius of `adaptive`, which they set at their first step.
    func factor(parameters: Double, direction: Double, clip: Double?, fixed: inout Double?) -> Double {
        guard direction > 1e-20 else { return 0 }
        let clipped = clip.map { min(1, $0 / direction) } ?? 1
        switch self {
        case .sgd(let rate), .adamW(let rate): return rate * clipped
        case .adaptiveAdamW: return 0
        case .trust(let radius): return radius * parameters / direction
        case .adaptive(let most):
            let radius = fixed ?? most
            fixed = radius
            return radius * parameters / direction
        case .automatic(let radius):
            let rate = fixed ?? radius * parameters / direction
            fixed = rate
            return rate * clipped
        }
    }
}
