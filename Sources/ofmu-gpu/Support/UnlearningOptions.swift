import ArgumentParser
import Glibc
import Unlearning

/// The settings of an unlearning run.
struct UnlearningOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "Start from the algorithm as printed (arXiv 2509.22483): absolute weights, plain steps, exact derivatives, no target.")
    var paper = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The method: " + UnlearningMethod.allCases.map { "\($0.name) (\($0.summary))" }.joined(separator: ", ") + "."))
    var method = UnlearningMethod.ofmu

    @Option(name: .long, help: "The most rounds, K (default: as many as --forget-passes needs).")
    var rounds: Int?

    @Option(name: .long, help: "How often every forget example is seen at most, where --rounds does not say otherwise.")
    var forgetPasses: Int?

    @Option(name: .long, help: "Forget steps in a round, T.")
    var innerSteps: Int?

    @Option(name: .long, help: "Restore steps in a round, M (paper: 1).")
    var outerSteps: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The similarity's weight: a number, or relative to the gradients as 0.3rel.", valueName: "weight"))
    var beta: Weight?

    @Option(
        name: .long,
        help: ArgumentHelp("The stationarity term's weight at the start: a number, or relative as 0.1rel.", valueName: "weight"))
    var rho: Weight?

    @Option(name: .long, help: "The weight rho is multiplied with this after every round.")
    var rhoGrowth: Double?

    @Option(name: .long, help: "The most rho can become.")
    var rhoLimit: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What counts as similar gradients: cosine, squared-cosine or positive-cosine.", valueName: "kind"))
    var similarity: Similarity?

    @Option(name: .long, help: "The similarity's correction is computed anew every this many forget steps.")
    var refresh: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Hessian-vector products of the forget steps: exact, difference or central-difference.", valueName: "form"))
    var innerForm: InnerForm?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The stationarity term of the restore steps: exact, difference, forget-only or none.", valueName: "form"))
    var outerForm: OuterForm?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How far a forget step goes: adamw-rise:NATS (AdamW at the rate whose first step raises the loss by this), adamw:RATE, "
                + "adaptive:RADIUS (at most this fraction of the parameters' norm, less where the loss would jump), trust:RADIUS, "
                + "sgd:RATE or auto:RADIUS.",
            valueName: "rule"))
    var innerStep: StepRule?

    @Option(name: .long, help: ArgumentHelp("How far a restore step goes, written likewise.", valueName: "rule"))
    var outerStep: StepRule?

    @Option(name: .long, help: "How far an adaptive forget step may raise the mean loss of its batch, in nats.")
    var riseLimit: Double?

    @Option(name: .long, help: "Directions longer than this are shortened to it.")
    var clip: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Up to which loss an answer is pushed: auto (half of ln V), a number of nats, mean:NUMBER, or none.",
            valueName: "target"))
    var forgetTarget: TargetArgument?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Up to which loss a single token of an answer counts: auto (four times the forget target, so that a quarter of the "
                + "tokens must carry it), a number of nats, or none.",
            valueName: "cap"))
    var tokenCap: CapArgument?

    @Option(name: .long, help: "Examples in a forget batch.")
    var forgetBatch: Int?

    @Option(name: .long, help: "Examples in a retain batch.")
    var retainBatch: Int?

    @Option(name: .long, help: "The beginning of the random numbers; it decides the order of the data.")
    var seed: UInt64?

    @Option(name: .long, help: "Stop once the forget target has held for this many rounds and the retain loss is kept.")
    var holdRounds: Int?

    @Option(name: .long, help: "The retain loss counts as kept up to this many times its start.")
    var retainTolerance: Double?

    @Option(name: .long, help: "A retain loss below this counts as kept in any case.")
    var retainFloor: Double?

    @Option(name: .long, help: "Stop once the outer gradient's norm is at most this.")
    var gradientTolerance: Double?

    @Option(name: .long, help: "How often in a row a step is halved after numbers that are not finite.")
    var mostRollbacks: Int?

    /// The settings for a model.
    /// - Parameters:
    ///   - base: what holds where nothing is asked for.
    /// - Throws: `UnlearningError.setting`.
    func settings(vocabulary: Int, base: UnlearningSettings = UnlearningSettings()) throws(UnlearningError) -> UnlearningSettings {
        var settings = paper ? .paper : base
        settings.method = method
        func set<Value>(_ path: WritableKeyPath<UnlearningSettings, Value>, _ value: Value?) {
            if let value { settings[keyPath: path] = value }
        }
        set(\.rounds, rounds.map(Optional.some))
        set(\.forgetPasses, forgetPasses)
        set(\.innerSteps, innerSteps)
        set(\.outerSteps, outerSteps)
        set(\.beta, beta)
        set(\.rho, rho)
        set(\.rhoGrowth, rhoGrowth)
        set(\.rhoLimit, rhoLimit)
        set(\.similarity, similarity)
        set(\.refreshEvery, refresh)
        set(\.innerForm, innerForm)
        set(\.outerForm, outerForm)
        set(\.innerStep, innerStep)
        set(\.outerStep, outerStep)
        set(\.riseLimit, riseLimit)
        set(\.clip, clip.map(Optional.some))
        set(\.forgetBatch, forgetBatch)
        set(\.retainBatch, retainBatch)
        set(\.seed, seed)
        set(\.holdRounds, holdRounds)
        set(\.retainTolerance, retainTolerance)
        set(\.retainFloor, retainFloor)
        set(\.gradientTolerance, gradientTolerance)
        set(\.mostRollbacks, mostRollbacks)
        switch forgetTarget {
        case .fixed(let target): settings.forgetTarget = target
        case nil where paper: break
        case .automatic, nil: settings.forgetTarget = .automatic(logVocabulary: log(Double(vocabulary)))
        }
        switch tokenCap {
        case .fixed(let cap): settings.termCap = cap
        case nil where paper: break
        case .automatic, nil: settings.termCap = settings.forgetTarget.automaticCap
        }
        try settings.validate()
        return settings
    }
}
