/// How H_f·u_f + H_r·u_r is computed.
public enum InnerForm: String, Sendable, Hashable, CaseIterable {
    /// Forward-over-reverse.
    case exact
    /// (g(θ + εu) − g(θ)) / ε
    case oneSided = "difference"
    /// (g(θ + εu) − g(θ − εu)) / 2ε
    case central = "central-difference"
}

/// How ∇²Φ·v is computed.
public enum OuterForm: String, Sendable, Hashable, CaseIterable {
    case exact
    /// (∇Φ(θ + εv) − ∇Φ(θ)) / ε
    case difference
    /// H_f·v: the similarity's own curvature is dropped.
    case forgetOnly = "forget-only"
    /// The term is left out, as with ρ = 0.
    case none
}

/// Up to which loss an example is pushed.
public enum ForgetTarget: Sendable, Hashable, CustomStringConvertible {
    /// Without end, as the paper has it.
    case none
    /// Ascend on min(ℓᵢ, α) for every example.
    case perExample(Double)
    /// Ascend until the running mean of the batch losses reaches α, then only restore.
    case mean(Double)
    /// Ascend on min(ℓᵢ, αᵢ) with αᵢ the loss of a model that never saw the example; where terms saturate one by one, up to that model's
    /// loss of each.
    case reference

    /// Reads "none", "reference", "mean:3.5", and "per-example:3.5" or only "3.5"; nil for anything else.
    public init?(_ text: String) {
        if let named = ["none": Self.none, "reference": .reference][text] {
            self = named
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let value = parts.last.flatMap({ Double($0) }), value.isFinite, value > 0 else { return nil }
        switch parts.dropLast() {
        case [], ["per-example"]: self = .perExample(value)
        case ["mean"]: self = .mean(value)
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .none: "none"
        case .reference: "reference"
        case .perExample(let value): "per-example:\(value)"
        case .mean(let value): "mean:\(value)"
        }
    }

    /// Half of ln V: well above what a model that knows the answer has, and not beyond a uniform guess.
    public static func automatic(logVocabulary: Double) -> ForgetTarget { .perExample(0.5 * logVocabulary) }

    /// A cap on terms that goes with the target: four times as much, so that at least a quarter of an answer's tokens must carry it.
    package var automaticCap: Double? { value.map { 4 * $0 } }

    /// From which loss on an example counts as forgotten, in nats; nil where there is no target. A target is about the mean loss of a model
    /// that never saw the examples, and half of its answers are below that.
    /// - Parameter reference: that model's loss of the example, if it was measured.
    package func enough(reference: Double? = nil) -> Double? {
        switch self {
        case .none: nil
        case .perExample(let value), .mean(let value): 0.75 * value
        case .reference: reference.map { 0.75 * $0 }
        }
    }

    var value: Double? {
        switch self {
        case .none, .reference: nil
        case .perExample(let value), .mean(let value): value
        }
    }
}

/// Everything that decides a run. The defaults are ours, for reasons measured in docs/; `paper` gives the printed algorithm.
public struct UnlearningSettings: Sendable, Hashable {
    /// The method whose parts are used where no other part is asked for.
    var preset = UnlearningMethod.ofmu
    /// What is climbed in place of the preset's forget objective, under its combination.
    public var forgetObjective: ForgetPart?
    /// Numbers in place of the forget objective's own.
    public var forgetParameters: ObjectiveParameters?
    /// What is descended in place of the preset's retain objective.
    public var retainObjective: RetainPart?
    /// How the two meet in place of the preset's combination.
    public var combination: CombinationPart?
    /// γ, the weight of the forget objective where combinations weigh it.
    public var forgetWeight = 1.0
    /// α, the weight of the retain objective where combinations weigh it.
    public var retainWeight = 1.0
    /// α of task vectors: how much of what training on the forget set changed is taken away.
    public var taskScale = 1.0
    /// α of UNDO: how much parameters shrink before the first step.
    public var shrink = 0.6
    /// β of UNDO: the noise's part in what they shrink by.
    public var noise = 0.1
    /// SAM's radius for the forget gradient, or relative: as far as the loss falls by this share to first order. 0: taken where θ is.
    public var forgetSharpness = Weight.absolute(0)
    /// SAM's radius for the retain gradient.
    public var retainSharpness = 0.0
    /// λ of ILU: the weight of what holds the retain objective stationary.
    public var invarianceWeight = 0.05
    /// Q/η of HAMU: how far the loss with the quota moves, to first order, for each unit of rate.
    public var quota = 0.5
    /// γ of GRU: the newest retain gradient's weight in the mean of those so far.
    public var retainAverage = 0.9
    /// α of a constraint on the forget loss, in nats; nil: the forget target, or else 10.
    public var forgetThreshold: Double?
    /// ε of a constraint on the retain loss, in nats, or relative to the loss of the first batch.
    public var retainLimit = Weight.relative(1.1)
    /// λ at the start.
    public var multiplierStart = 0.0
    /// η, how fast λ learns from what a constraint lacks.
    public var multiplierRate = 0.1
    /// The share of the run during which λ stays as it is.
    public var multiplierWarmUp = 0.0
    /// μ, the weight of what a constraint lacks in the step itself.
    public var constraintWeight = 0.1
    /// K, the most rounds; nil: as many as it takes to see every forget example `forgetPasses` times.
    public var rounds: Int?
    /// How often every forget example is seen at most, where `rounds` does not say otherwise.
    public var forgetPasses = 20
    /// T, ascent steps in a round.
    public var innerSteps = 5
    /// M, descent steps in a round (paper: 1).
    public var outerSteps = 5
    /// β, the similarity's weight in Φ.
    public var beta = Weight.relative(0.3)
    /// ρ at the start, the weight of ‖∇Φ‖² in F.
    public var rho = Weight.relative(0.1)
    /// γ: ρ is multiplied with this after every round, up to `rhoLimit`.
    public var rhoGrowth = 1.1
    /// The most ρ can become.
    public var rhoLimit = 1.0
    /// h, what counts as similar gradients.
    public var similarity = Similarity.cosine
    /// The correction H_f·u_f + H_r·u_r is computed anew every this many inner steps.
    public var refreshEvery = 5
    /// How the products with the Hessian are computed in forget steps.
    public var innerForm = InnerForm.exact
    /// How ∇²Φ·v is computed in restore steps, if at all.
    public var outerForm = OuterForm.none
    /// At which restore steps the stationarity term is taken: at every this many, as many times as heavy.
    public var stationarityEvery = 1
    /// How far forget steps go.
    public var innerStep = StepRule.adaptiveAdamW(rise: 0.05)
    /// How far restore steps go.
    public var outerStep = StepRule.adaptiveAdamW(rise: 0.05)
    /// Steps of a level over which its rate rises from zero.
    public var warmUp = 0
    /// From there its rate falls in a line towards this share of its largest value; 1: it stays.
    public var finalShare = 1.0
    /// How far one adaptive forget step may raise the mean loss of its own forget batch, in nats.
    public var riseLimit = 0.5
    /// Directions longer than this are shortened to it (nil: never).
    public var clip: Double?
    /// Up to which loss examples are pushed.
    public var forgetTarget = ForgetTarget.none
    /// Up to which loss each term of a forget example (a token of the answer) counts, in nats; nil: without limit. Otherwise one wild
    /// token could carry an answer to its target while the others stay known.
    public var termCap: Double?
    /// The weight of other answers' loss, where the method learns any.
    public var alternativeWeight = 0.3
    /// In how many parts a batch is computed, one after another, for less memory; the step is that of the whole batch.
    public var accumulation = 1
    /// Examples in a forget batch.
    public var forgetBatch = 8
    /// Examples in a retain batch.
    public var retainBatch = 16
    /// Decides the order of the data.
    public var seed: UInt64 = 0
    /// Stop once the forget target has held for this many rounds and the retain loss is within `retainTolerance` of its start.
    public var holdRounds = 3
    /// The retain loss counts as kept up to this many times its start.
    public var retainTolerance = 1.1
    /// A retain loss below this counts as kept, however small it was at the start.
    public var retainFloor = 0.02
    /// Stop once ‖∇F‖ is at most this.
    public var gradientTolerance = 0.0
    /// How often in a row a step is halved after numbers that are not finite.
    public var mostRollbacks = 8

    /// The defaults, without a target: for one, see `ForgetTarget`.
    public init() {}

    /// The algorithm as printed: one outer step, absolute weights, plain gradient steps, no target.
    public static var paper: UnlearningSettings {
        var settings = UnlearningSettings()
        settings.outerSteps = 1
        settings.beta = .absolute(0.1)
        settings.rho = .absolute(1e-4)
        settings.outerForm = .exact
        settings.refreshEvery = 1
        settings.rounds = 20
        settings.innerStep = .sgd(rate: 1e-5)
        settings.outerStep = .sgd(rate: 1e-5)
        settings.holdRounds = .max
        return settings
    }

    /// What is climbed, what is descended, and how the two meet. To set it is to set all three, and their
    /// numbers.
    public var method: UnlearningMethod {
        get {
            var method = preset.with(forgetObjective, retainObjective, combination)
            if let forgetParameters { method.forget = method.forget.with(forgetParameters) }
            return method
        }
        set { (preset, forgetObjective, forgetParameters, retainObjective, combination) = (newValue, nil, nil, nil, nil) }
    }

    /// K, for a forget set of so many examples.
    public func roundCount(forgetExamples: Int) -> Int {
        let seen = innerSteps * min(forgetBatch, max(1, forgetExamples))
        return rounds ?? max(Self.fewestRounds, (forgetPasses * forgetExamples + seen - 1) / seen)
    }

    /// A run this short could neither hold its target for some rounds nor restore.
    private static var fewestRounds: Int { 10 }

    /// In how many parts a step's batches are computed: as many as asked for, where each part has something of both.
    func slices(forget: Int, retain: Int) -> Int {
        var count = min(accumulation, max(1, forget), method.usesRetain && retain > 0 ? retain : .max)
        // A retain objective that looks at both batches is one mean only where both are cut into equal parts.
        if method.retain?.needs.alternatives == true {
            while count > 1, !forget.isMultiple(of: count) || !retain.isMultiple(of: count) { count -= 1 }
        }
        return count
    }

    /// Steps of both levels in a round.
    public var stepsPerRound: Int {
        innerSteps + (method.combination.outerDirection(self, isReleased: false) == nil ? 0 : outerSteps)
    }

    /// A run with fewer steps than this says so: rates and weights that were published belong to longer ones.
    package static let fewUpdates = 30

    /// What shapes the graphs.
    var objectiveOptions: ObjectiveOptions {
        ObjectiveOptions(
            similarity: similarity, beta: beta, rho: rho, saturates: saturation != nil, capsTerms: cap != nil,
            hasReferenceTargets: hasReferenceTargets, method: method)
    }

    /// Up to which loss an example counts where the objective saturates: α in nats, or as a share of a reference's loss.
    var saturation: Double? {
        guard method.forget.usesTargets else { return nil }
        return switch forgetTarget {
        case .none, .mean: nil
        case .perExample(let target): target
        case .reference: 1
        }
    }

    /// Whether losses saturate at those of a model that never saw the forget set.
    var hasReferenceTargets: Bool { forgetTarget == .reference && method.forget.usesTargets }

    /// Whether a run compares with a model that never saw the forget set.
    package var needsReference: Bool { needs.frozen.contains(.reference) }

    /// What a run's objectives look at beside their batches.
    var needs: ObjectiveNeeds {
        var needs = method.needs
        if hasReferenceTargets { needs.frozen.insert(.reference) }
        return needs
    }

    /// Up to what a term counts, where the objective looks at that.
    var cap: Double? {
        method.forget.usesTargets ? termCap : nil
    }

    /// The names of the approximations in use; empty if every derivative is exact.
    public var approximations: [String] { method.combination.approximations(self) }
}
