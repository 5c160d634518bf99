/// A way to forget: what is climbed on the forget set, what is descended on the retain set, and how the two meet.
///
/// The loop, the cost forecast, reports and the command ask the method; none of them knows one by name.
public struct UnlearningMethod: Sendable {
    /// What commands, reports and checkpoints call it.
    public let name: String
    /// In half a line.
    public let summary: String
    /// Where it comes from.
    public let source: String
    var forget: any ForgetObjective
    /// Nil where steps look at no data to keep.
    let retain: (any RetainObjective)?
    let combination: any Combination
    /// Its own defaults: texts by the names of settings, in place of a command's defaults where nobody asks for anything else.
    package var defaults: [String: String] = [:]
    /// Of these, what the authors gave where tuned settings published since (arXiv 2605.24614, 150 models on TOFU) took their place.
    package var published: [String: String] = [:]

    /// What its objectives look at beside their batches.
    var needs: ObjectiveNeeds {
        var needs = forget.needs
        guard let other = retain?.needs else { return needs }
        needs.originalSums = needs.originalSums || other.originalSums
        needs.frozen.formUnion(other.frozen)
        needs.alternatives = needs.alternatives || other.alternatives
        needs.choices = needs.choices || other.choices
        needs.states = needs.states || other.states
        return needs
    }

    /// Whether its objectives look at other answers to the forget set's questions.
    package var needsAlternatives: Bool { needs.alternatives }

    /// Whether steps look at data to keep.
    public var usesRetain: Bool { retain != nil }
    /// Whether steps look at data to forget.
    public var usesForget: Bool { forget.looksAtForgetSet }
}

extension UnlearningMethod: RawRepresentable, CaseIterable {
    /// Every method: a new one is a line here and a file with what is new in it. Their parts can be exchanged for each other; see
    /// `UnlearningSettings.forgetObjective`.
    public static let allCases =
        [ofmu, gradientAscent, gradientDifference, npo] + counterfactuals + objectivePresets + mixtures + constrained + transforming

    /// OFMU, the method of this engine.
    public static let ofmu = UnlearningMethod(
        name: "ofmu", summary: "bi-level: ascent that decorrelates the two gradients, then descent on the retain loss",
        source: "arXiv 2509.22483", forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: BiLevel(),
        defaults: lasting)

    /// What a run takes where no method is asked for: what won the comparisons in Benchmarks/results.
    /// - Parameters:
    ///   - hasAlternatives: whether other answers to the forget rows can be had: each asks something, or a file gives them.
    ///   - hasReference: whether there is a model that never saw the forget rows.
    public static func standard(hasAlternatives: Bool, hasReference: Bool = false) -> UnlearningMethod {
        hasAlternatives ? hasReference ? referenceOFMU : counterfactualOFMU : ofmu
    }

    /// OFMU that says what should come instead.
    private static let counterfactualOFMU = UnlearningMethod(
        name: "ofmu-counterfactual", summary: "OFMU whose outer level also learns other answers to the forget questions",
        source: "arXiv 2509.22483", forget: CrossEntropyAscent(), retain: AlternativeDescent(), combination: BiLevel(),
        defaults: lasting.merging(["beta": "0"]) { $1 })

    /// The same, with a model that never saw the data to say how far each word is to be forgotten. Fewer restore steps make more rounds
    /// for the same cost (Benchmarks/results/smollm2-2026-11-28).
    private static let referenceOFMU = UnlearningMethod(
        name: "ofmu-reference", summary: "ofmu-counterfactual in which every token stops at the loss of a model that never saw the data",
        source: "arXiv 2509.22483", forget: TermSaturation(), retain: AlternativeDescent(), combination: BiLevel(),
        defaults: counterfactualOFMU.defaults.merging(["forget-target": "reference", "outer-steps": "5"]) { $1 })

    /// Bi-level runs whose forgetting lasts; what won in Benchmarks/results/methods-2026-11-26.
    private static let lasting = [
        "forget-sam": "0.7rel", "inner-step": "adamw-rise:0.2", "outer-step": "adamw-rise:0.2", "outer-steps": "10",
    ]

    /// Gradient ascent, which needs no retain set.
    public static let gradientAscent = UnlearningMethod(
        name: "grad-ascent", summary: "ascent on the forget loss alone", source: "arXiv 2401.06121", forget: CrossEntropyAscent(),
        retain: nil, combination: WeightedSum())

    /// Gradient difference, the plainest baseline that keeps something.
    public static let gradientDifference = UnlearningMethod(
        name: "grad-diff", summary: "ascent on forget minus retain loss", source: "arXiv 2401.06121", forget: CrossEntropyAscent(),
        retain: CrossEntropyDescent(), combination: WeightedSum(), defaults: ["retain-weight": "5"], published: ["retain-weight": "1"])

    /// NPO with the retain loss.
    public static let npo = UnlearningMethod(
        name: "npo", summary: "negative preference optimisation against the original model, minus the retain loss",
        source: "arXiv 2404.05868", forget: NegativePreference(), retain: CrossEntropyDescent(), combination: WeightedSum(),
        defaults: ["retain-weight": "5"], published: ["retain-weight": "1"])

    /// Methods that say what should come instead.
    private static let counterfactuals = [
        UnlearningMethod(
            name: "counterfactual", summary: "ascent on the data's answers, descent on other answers and on what should stay",
            source: "arXiv 2310.02238", forget: CrossEntropyAscent(), retain: AlternativeDescent(), combination: WeightedSum()),
        counterfactualOFMU, referenceOFMU,
        UnlearningMethod(
            name: "ofmu-counterfactual-inner", summary: "OFMU whose inner level also learns other answers to the forget questions",
            source: "arXiv 2509.22483", forget: CounterfactualAscent(), retain: CrossEntropyDescent(), combination: BiLevel()),
    ]

    /// Methods that are new in what is climbed or descended. Weights are those of the authors, or tuned ones published since; rates are
    /// said where the objectives stand.
    static let objectivePresets = [
        UnlearningMethod(
            name: "term-saturation", summary: "gradient difference in which every token stops at the target by itself",
            source: "this project", forget: TermSaturation(), retain: CrossEntropyDescent(), combination: WeightedSum()),
        UnlearningMethod(
            name: "simnpo", summary: "NPO by mean losses, without the original model, minus the retain loss", source: "arXiv 2410.07163",
            forget: SimplePreference(), retain: CrossEntropyDescent(), combination: WeightedSum(), defaults: ["forget-weight": "0.125"]),
        UnlearningMethod(
            name: "wga", summary: "ascent weighted by each token's probability, minus the retain loss", source: "arXiv 2502.19301",
            forget: WeightedAscent(code: "wga"), retain: CrossEntropyDescent(), combination: WeightedSum()),
        UnlearningMethod(
            name: "satimp", summary: "ascent weighted by each token's saturation and importance, minus the retain loss",
            source: "arXiv 2505.11953", forget: WeightedAscent(code: "satimp", saturation: 5, importance: 1),
            retain: CrossEntropyDescent(), combination: WeightedSum(), defaults: ["forget-weight": "0.1"]),
        UnlearningMethod(
            name: "ce-u", summary: "descent to the model's own distribution without the right token", source: "arXiv 2503.01224",
            forget: OwnBelief(), retain: nil, combination: WeightedSum()),
        UnlearningMethod(
            name: "undial", summary: "descent to the original's distribution with the right token demoted", source: "arXiv 2402.10052",
            forget: DemotedTeacher(), retain: nil, combination: WeightedSum()),
        UnlearningMethod(
            name: "idk-dpo", summary: "preference for refusals over the answers, minus the retain loss", source: "arXiv 2401.06121",
            forget: DirectPreference(), retain: CrossEntropyDescent(), combination: WeightedSum()),
        UnlearningMethod(
            name: "altpo", summary: "preference for other answers over the data's, minus the retain loss", source: "arXiv 2409.13474",
            forget: DirectPreference(), retain: CrossEntropyDescent(), combination: WeightedSum(), defaults: ["retain-weight": "2"]),
        UnlearningMethod(
            name: "idk-nll", summary: "descent on refusals and on the retain loss", source: "arXiv 2401.06121",
            forget: AlternativeLikelihood(), retain: CrossEntropyDescent(), combination: WeightedSum()),
        UnlearningMethod(
            name: "blade", summary: "clamped entropy subject to a most retain loss", source: "BLADE (2026)", forget: ClampedEntropy(),
            retain: CrossEntropyDescent(), combination: RetainConstraint(), defaults: ["retain-limit": "3.2rel"]),
        UnlearningMethod(
            name: "jensun", summary: "Jensen-Shannon divergence to a refusal and, on the retain set, to the original",
            source: "arXiv 2509.02820", forget: RefusalDivergence(), retain: OriginalMiddle(), combination: WeightedSum()),
        UnlearningMethod(
            name: "grad-kl", summary: "ascent, minus the divergence from the original on the retain set", source: "arXiv 2401.06121",
            forget: CrossEntropyAscent(), retain: OriginalLikeness(), combination: WeightedSum()),
        UnlearningMethod(
            name: "pdu", summary: "levelled logits subject to a most retain loss, by a multiplier that learns", source: "arXiv 2506.05314",
            forget: LogitSpread(), retain: CrossEntropyDescent(), combination: RetainConstraint(),
            defaults: [
                "constraint-weight": "0", "multiplier-start": "100", "multiplier-rate": "5", "retain-limit": "0.3",
                "multiplier-warm-up": "0.5",
            ]),
        UnlearningMethod(
            name: "shred", summary: "the original's distribution with its most surprising tokens demoted", source: "arXiv 2605.07482",
            forget: SurprisalDemotion(), retain: nil, combination: WeightedSum()),
        UnlearningMethod(
            name: "rmu", summary: "states steered to a random direction, and on the retain set held where they were",
            source: "arXiv 2403.03218", forget: StateSteering(), retain: StateKeeping(), combination: WeightedSum()),
        UnlearningMethod(
            name: "asu", summary: "descent to the original's distribution with blurred attention, and on the retain loss",
            source: "arXiv 2603.01285", forget: BlurredTeacher(), retain: CrossEntropyDescent(), combination: WeightedSum()),
        UnlearningMethod(
            name: "bs-t", summary: "ascent on the answers and on what the model believes instead, minus the retain loss",
            source: "arXiv 2510.19422", forget: BeliefAscent(), retain: CrossEntropyDescent(), combination: WeightedSum()),
        UnlearningMethod(
            name: "reference", summary: "towards a model that never saw the data: its losses and its distributions",
            source: "this project", forget: ReferenceLikeness(code: "reference"), retain: CrossEntropyDescent(),
            combination: WeightedSum()),
        UnlearningMethod(
            name: "reference-targets", summary: "ascent of each token to the loss of a model that never saw the data",
            source: "this project", forget: ReferenceLikeness(code: "reference-targets", likeness: 0), retain: CrossEntropyDescent(),
            combination: WeightedSum()),
        UnlearningMethod(
            name: "reference-kl", summary: "descent to the distributions of a model that never saw the data", source: "this project",
            forget: ReferenceLikeness(code: "reference-kl", ascent: 0), retain: CrossEntropyDescent(), combination: WeightedSum()),
    ]

    /// Methods that are new in how the two gradients meet.
    private static let mixtures = [
        UnlearningMethod(
            name: "ngdiff", summary: "ascent on the difference of the normalised gradients", source: "arXiv 2410.22086",
            forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: NormalisedDifference()),
        UnlearningMethod(
            name: "blur-npo", summary: "NPO as the lower level, the retain loss above it", source: "arXiv 2506.08164",
            forget: NegativePreference(), retain: CrossEntropyDescent(), combination: ForgetProjection()),
        UnlearningMethod(
            name: "pcgrad", summary: "gradient difference without what works against the other gradient", source: "arXiv 2001.06782",
            forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: ConflictProjection()),
    ]

    /// Methods that limit a gradient or a loss.
    private static let constrained = [
        UnlearningMethod(
            name: "gru", summary: "ascent without what raises the retain loss", source: "arXiv 2503.09117",
            forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: RectifiedAscent()),
        UnlearningMethod(
            name: "npo-sam", summary: "NPO where its loss is worst nearby, minus the retain loss", source: "arXiv 2502.05374",
            forget: NegativePreference(), retain: CrossEntropyDescent(), combination: WeightedSum(), defaults: ["forget-sam": "0.01"]),
        UnlearningMethod(
            name: "npo-ilu", summary: "NPO, minus the retain loss and what would let later fine-tuning lead back",
            source: "arXiv 2506.01339", forget: NegativePreference(), retain: CrossEntropyDescent(), combination: InvariantSum()),
        UnlearningMethod(
            name: "hamu-q", summary: "of each tensor the step that keeps most while it does its share of the forgetting",
            source: "arXiv 2606.02119", forget: CrossEntropyAscent(), retain: CrossEntropyDescent(),
            combination: QuotaRegion(isForgetting: true), defaults: ["inner-step": "sgd:0.0001"]),
        UnlearningMethod(
            name: "hamu-u", summary: "of each tensor the step that forgets most while it does its share of the keeping",
            source: "arXiv 2606.02119", forget: CrossEntropyAscent(), retain: CrossEntropyDescent(),
            combination: QuotaRegion(isForgetting: false), defaults: ["inner-step": "sgd:0.0001"]),
        UnlearningMethod(
            name: "saul", summary: "retain loss subject to a least forget loss, both where they are worst nearby",
            source: "SAUL (POSTECH, 2026)", forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: ForgetConstraint(),
            defaults: ["multiplier-rate": "1e-4", "forget-sam": "0.01", "retain-sam": "0.01"]),
        UnlearningMethod(
            name: "retain-constraint", summary: "ascent subject to a most retain loss, by an augmented Lagrangian as in BLADE",
            source: "BLADE (2026)", forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: RetainConstraint(),
            defaults: ["retain-limit": "3.2rel"]),
    ]

    /// Methods that change parameters as a whole, and the trainings they are compared with. The rate is that of TOFU's retrained models.
    private static let transforming = [
        UnlearningMethod(
            name: "task-vector", summary: "training on the forget set, whose change of the parameters is then taken away",
            source: "arXiv 2212.04089", forget: LikelihoodDescent(), retain: nil, combination: TaskNegation(),
            defaults: ["forget-target": "none", "inner-step": "adamw:1e-5"]),
        UnlearningMethod(
            name: "undo", summary: "an unlearned model shrunk and disturbed, then taught its own answers on the retain set",
            source: "arXiv 2506.06278", forget: NoForgetting(), retain: OriginalLikeness(), combination: ShrinkAndPerturb(),
            defaults: ["forget-target": "none", "inner-step": "adamw:1e-5"]),
        UnlearningMethod(
            name: "fine-tune", summary: "descent on the retain loss alone; with a model that never saw the forget set, retraining",
            source: "arXiv 2401.06121", forget: NoForgetting(), retain: CrossEntropyDescent(), combination: WeightedSum(),
            defaults: ["forget-target": "none", "inner-step": "adamw:1e-5"]),
        UnlearningMethod(
            name: "retrain", summary: "descent on the retain loss alone, from a base model given as the model",
            source: "arXiv 2401.06121", forget: NoForgetting(), retain: CrossEntropyDescent(), combination: WeightedSum(),
            defaults: ["forget-target": "none", "inner-step": "adamw:1e-5"]),
    ]

    public var rawValue: String { name }

    public init?(rawValue: String) {
        guard let known = Self.allCases.first(where: { $0.name == rawValue }) else { return nil }
        self = known
    }
}

extension UnlearningMethod: Hashable {
    /// What tells it from any other composition.
    private var codes: [String?] {
        [name, forget.code, retain?.code, combination.code] + forget.parameters.map { "\($0.name)=\($0.value)" }
    }

    public static func == (a: UnlearningMethod, b: UnlearningMethod) -> Bool { a.codes == b.codes }
    public func hash(into hasher: inout Hasher) { hasher.combine(codes) }
}
