import Files
import Glibc

extension UnlearningSettings: TabledSettings {
    /// Batches above this would only run out of memory later.
    package static let batchLimits = Limits.from(1, to: 4096)
    /// Rates and radii: above zero, and as large as a 32-bit number can be.
    static let stepLimits = Limits.above(0, to: 1e38)

    /// In the order of the loop. The cap follows the target, on which its automatic value depends.
    package static let table: [Setting<UnlearningSettings>] = composition + constraints + loop + weights + steps + targets + stopping

    /// A method's own defaults.
    package static func implied(by asked: [String: String]) -> [String: String] {
        asked["method"].flatMap(UnlearningMethod.init(rawValue:))?.defaults ?? [:]
    }

    package var conflict: UnlearningError? {
        let method = method
        if let problem = forgetParameters.flatMap(method.forget.problem) { return .setting(name: "forget parameters", problem: problem) }
        if !method.usesForget {
            guard !method.combination.needsForget else {
                return .setting(
                    name: "forget objective",
                    problem: "the combination \(method.combination.code) needs one. Choose one, or \"weighted-sum\".")
            }
            guard method.usesRetain else {
                return .setting(name: "retain objective", problem: "there is neither a forget nor a retain objective. Choose one.")
            }
            guard !innerStep.measuresForgetLoss else {
                return .setting(
                    name: "inner step",
                    problem: "\(innerStep) looks at forget losses, and \(method.name) has none. Choose adamw:RATE or another rule.")
            }
        }
        if !method.usesRetain, method.combination.needsRetain {
            return .setting(
                name: "retain objective", problem: "the combination \(method.combination.code) needs one. Choose one, or \"weighted-sum\".")
        }
        return method.combination.conflict(self) ?? accumulationConflict
    }

    /// Sums of gradients are those of the whole batch; what is made of products of whole-batch gradients is no such sum.
    private var accumulationConflict: UnlearningError? {
        let work = ([innerDirection, outerDirection(), outerDirection(isReleased: true)] as [(any Direction)?]).flatMap { $0?.work ?? [] }
        guard accumulation > 1, !work.allSatisfy(\.plan.isFirstOrder) else { return nil }
        return .setting(
            name: "accumulate",
            problem: "must be 1 where steps need second derivatives, as \(method.name)'s do: smaller batches need less memory too.")
    }

    private static let composition: [Setting<UnlearningSettings>] = [
        Setting(
            "method", \.preset, as: "method", automatic: { _, settings in settings.preset },
            "The method: " + UnlearningMethod.allCases.map(\.name).joined(separator: ", ") + "; \"ofmu-gpu methods\" says more. auto: "
                + "ofmu-counterfactual, with --reference ofmu-reference; ofmu with --paper, with parts of other methods, and for plain text, "
                + "which asks nothing."),
        Setting(
            "forget-objective", \.forgetObjective, as: "objective", absent: "auto",
            "What is climbed, in place of the method's: \(ForgetPart.codes.joined(separator: ", "))."),
        Setting(
            "forget-parameters", \.forgetParameters, as: "parameters", absent: "auto",
            "Numbers in the forget objective's formula, as beta=0.05,delta=1; \"ofmu-gpu methods\" lists each objective's."),
        Setting(
            "retain-objective", \.retainObjective, as: "objective", absent: "auto",
            "What is descended, in place of the method's: \(RetainPart.codes.joined(separator: ", "))."),
        Setting(
            "combination", \.combination, as: "combination", absent: "auto",
            "How the two meet, in place of the method's: \(CombinationPart.codes.joined(separator: ", "))."),
        Setting(
            "forget-weight", \.forgetWeight, as: "weight", within: .from(0, to: 1e30),
            "The forget objective's weight in a weighted sum, and in BLUR."),
        Setting(
            "retain-weight", \.retainWeight, as: "weight", within: .from(0, to: 1e30), "The retain objective's weight in a weighted sum."),
        Setting(
            "task-scale", \.taskScale, as: "factor", within: .from(0, to: 1e6),
            "How much of a task vector is taken away at the end, where the combination is task-negation."),
        Setting(
            "shrink", \.shrink, as: "share", within: .from(0, to: 1),
            "By what share parameters shrink before the first step, where the combination is shrink-perturb."),
        Setting("noise", \.noise, as: "factor", within: .from(0, to: 1e6), "How much noise takes the place of what was shrunk away."),
    ]

    private static let constraints: [Setting<UnlearningSettings>] = [
        Setting(
            "forget-sam", \.forgetSharpness, as: "radius", within: .from(0, to: 1e6),
            "Take the forget gradient where its loss is worst within this distance (SAM), or, as 0.5rel, where it is lower by this share."),
        Setting("retain-sam", \.retainSharpness, as: "radius", within: .from(0, to: 1e6), "The same for the retain gradient."),
        Setting(
            "invariance-weight", \.invarianceWeight, as: "weight", within: .from(0, to: 1e30),
            "The weight of the term that holds the retain objective stationary (ILU)."),
        Setting(
            "quota", \.quota, as: "number", within: .from(0, to: 1e30),
            "What a step must do for the loss with the quota, for each unit of its rate (HAMU)."),
        Setting(
            "retain-average", \.retainAverage, as: "share", within: .above(0, to: 1),
            "The newest retain gradient's weight in GRU's running mean."),
        Setting(
            "forget-threshold", \.forgetThreshold, as: "nats", within: .from(0, to: 1e6), absent: "auto",
            "The least forget loss of the combination forget-constraint; auto: the forget target, or else 10."),
        Setting(
            "retain-limit", \.retainLimit, as: "limit", within: .from(0, to: 1e6),
            "The most retain loss of the combination retain-constraint: nats, or relative to its start as 1.1rel."),
        Setting(
            "multiplier-start", \.multiplierStart, as: "number", within: .from(0, to: 1e30), "A constraint's multiplier at the start."),
        Setting(
            "multiplier-rate", \.multiplierRate, as: "rate", within: .from(0, to: 1e30),
            "How fast the multiplier follows what the constraint lacks."),
        Setting(
            "multiplier-warm-up", \.multiplierWarmUp, as: "share", within: .from(0, to: 1), words: "multiplier warm-up",
            "The share of the run during which the multiplier stays as it is."),
        Setting(
            "constraint-weight", \.constraintWeight, as: "weight", within: .from(0, to: 1e30),
            "The weight of what the constraint lacks in a step itself (augmented Lagrangian)."),
    ]

    private static let loop: [Setting<UnlearningSettings>] = [
        Setting(
            "rounds", \.rounds, as: "count", within: .from(1, to: 1_000_000), absent: "auto",
            "The most rounds, K; auto: as many as --forget-passes needs."),
        Setting(
            "forget-passes", \.forgetPasses, as: "count", within: .from(1, to: 1_000_000),
            "How often every forget example is seen at most, where --rounds does not say otherwise."),
        Setting("inner-steps", \.innerSteps, as: "count", within: .from(1, to: 100_000), "Forget steps in a round, T."),
        Setting("outer-steps", \.outerSteps, as: "count", within: .from(0, to: 100_000), "Restore steps in a round, M (paper: 1)."),
        Setting("forget-batch", \.forgetBatch, as: "count", within: batchLimits, "Examples in a forget batch."),
        Setting("retain-batch", \.retainBatch, as: "count", within: batchLimits, "Examples in a retain batch."),
        Setting(
            "accumulate", \.accumulation, as: "parts", within: batchLimits,
            "Compute batches in this many parts, for less memory; steps are those of whole batches. Not for second derivatives."),
        Setting("seed", \.seed, as: "number", "The beginning of the random numbers; it decides the order of the data."),
    ]

    private static let weights: [Setting<UnlearningSettings>] = [
        Setting(
            "beta", \.beta, as: "weight", within: .from(0, to: 1e30),
            "The similarity's weight: a number, or relative to the gradients as 0.3rel."),
        Setting(
            "rho", \.rho, as: "weight", within: .from(0, to: 1e30),
            "The stationarity term's weight at the start: a number, or relative as 0.1rel."),
        Setting(
            "alternative-weight", \.alternativeWeight, as: "factor", within: .from(0, to: 1e6),
            "The weight of other answers' loss beside the rest of its objective, where the method learns any."),
        Setting(
            "rho-growth", \.rhoGrowth, as: "factor", within: .from(1, to: 1e6),
            "The weight rho is multiplied with this after every round."),
        Setting("rho-limit", \.rhoLimit, as: "number", within: .from(0, to: 1e30), "The most rho can become."),
        Setting(
            "similarity", \.similarity, as: "kind",
            "What counts as similar gradients: cosine, squared-cosine or positive-cosine."),
        Setting(
            "refresh", \.refreshEvery, as: "steps", within: .from(1, to: 1_000_000),
            "The similarity's correction is computed anew every this many forget steps."),
        Setting(
            "inner-form", \.innerForm, as: "form",
            "Hessian-vector products of the forget steps: exact, difference or central-difference."),
        Setting(
            "outer-form", \.outerForm, as: "form",
            "The stationarity term of the restore steps: exact, difference, forget-only or none."),
        Setting(
            "stationarity-every", \.stationarityEvery, as: "steps", within: .from(1, to: 1_000_000),
            "The stationarity term is taken at every this many restore steps, as many times as heavy."),
    ]

    private static let steps: [Setting<UnlearningSettings>] = [
        Setting(
            "inner-step", \.innerStep, as: "rule", within: stepLimits,
            "How far a forget step goes: adamw-rise:NATS (AdamW at the rate whose first step raises the loss by this), adamw:RATE, "
                + "adaptive:RADIUS (at most this fraction of the parameters' norm, less where the loss would jump), trust:RADIUS, "
                + "sgd:RATE or auto:RADIUS."),
        Setting("outer-step", \.outerStep, as: "rule", within: stepLimits, "How far a restore step goes, written likewise."),
        Setting(
            "warm-up", \.warmUp, as: "steps", within: .from(0, to: 1_000_000_000), words: "warm-up",
            "Steps of a level over which its rate rises from zero."),
        Setting(
            "decay", \.finalShare, as: "share", within: .from(0, to: 1),
            "After the warm-up rates fall in a line towards this share of their largest value over the run: 0 is the usual linear decay, 1 none."
        ),
        Setting(
            "rise-limit", \.riseLimit, as: "nats", within: .above(0, to: 1e6),
            "How far an adaptive forget step may raise the mean loss of its batch, in nats."),
        Setting("clip", \.clip, as: "norm", within: .above(0, to: 1e38), "Directions longer than this are shortened to it, or none."),
        Setting(
            "most-rollbacks", \.mostRollbacks, as: "count", within: .from(0, to: 1000),
            "How often in a row a step is halved after numbers that are not finite."),
    ]

    private static let targets: [Setting<UnlearningSettings>] = [
        Setting(
            "forget-target", \.forgetTarget, as: "target", within: .above(0, to: 1e6),
            automatic: { vocabulary, _ in .automatic(logVocabulary: log(Double(vocabulary))) },
            "Up to which loss an answer is pushed: auto (half of ln V), a number of nats, mean:NUMBER, reference (what --reference has), or none."
        ),
        Setting(
            "token-cap", \.termCap, as: "cap", within: .above(0, to: 1e6), automatic: { $1.forgetTarget.automaticCap },
            "Up to which loss a single token of an answer counts: auto (four times the forget target, so that a quarter of the "
                + "tokens must carry it), a number of nats, or none."),
    ]

    private static let stopping: [Setting<UnlearningSettings>] = [
        Setting(
            "hold-rounds", \.holdRounds, as: "count", within: .from(1, to: .max),
            "Stop once the forget target has held for this many rounds and the retain loss is kept."),
        Setting(
            "retain-tolerance", \.retainTolerance, as: "factor", within: .from(0, to: 1e6),
            "The retain loss counts as kept up to this many times its start."),
        Setting(
            "retain-floor", \.retainFloor, as: "nats", within: .from(0, to: 1e6), "A retain loss below this counts as kept in any case."),
        Setting(
            "gradient-tolerance", \.gradientTolerance, as: "norm", within: .from(0, to: 1e38),
            "Stop once the outer gradient's norm is at most this."),
    ]

    /// The settings for a model, from what a command was asked for.
    /// - Parameters:
    ///   - asked: texts by the names of settings.
    ///   - isPaper: whether to start from the algorithm as printed rather than from `base`, with what a method's authors gave.
    ///   - vocabulary: of the model; nil where none is known yet.
    /// - Throws: `UnlearningError.setting`.
    public init(
        _ asked: [String: String], isPaper: Bool = false, vocabulary: Int?, base: UnlearningSettings = UnlearningSettings()
    ) throws(UnlearningError) {
        self = isPaper ? .paper : base
        let authors = isPaper ? asked["method"].flatMap(UnlearningMethod.init(rawValue:))?.published ?? [:] : nil
        try set(asked, vocabulary: vocabulary, fillsIn: !isPaper, implied: authors)
        try validate()
    }
}
