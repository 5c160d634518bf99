import Backends

/// How a forget objective and a retain objective meet: the directions of the two levels' steps.
protocol Combination: Sendable {
    /// What names it in settings and reports.
    var code: String { get }
    /// In half a line.
    var summary: String { get }
    /// Where it comes from.
    var source: String { get }
    /// Whether it makes no sense without a retain objective.
    var needsRetain: Bool { get }
    /// Whether it makes no sense without a forget objective.
    var needsForget: Bool { get }
    /// Whether it compares θ with what it was: the run then keeps the vector "original".
    var needsOriginal: Bool { get }
    /// Changes θ before the first step.
    func begin(_ view: ParameterView, _ settings: UnlearningSettings) throws
    /// Changes θ after the last step.
    func finish(_ view: ParameterView, _ settings: UnlearningSettings) throws
    /// What forget steps follow, uphill.
    func innerDirection(_ settings: UnlearningSettings) -> any Direction
    /// What restore steps follow, downhill; nil where there are none.
    /// - Parameter isReleased: ascent is over.
    func outerDirection(_ settings: UnlearningSettings, isReleased: Bool) -> (any Direction)?
    /// The names of the approximations in use.
    func approximations(_ settings: UnlearningSettings) -> [String]
    /// What keeps these settings from going with it, if anything.
    func conflict(_ settings: UnlearningSettings) -> UnlearningError?
}

extension Combination {
    var needsRetain: Bool { true }
    var needsForget: Bool { true }
    var needsOriginal: Bool { false }
    func begin(_ view: ParameterView, _ settings: UnlearningSettings) throws {}
    func finish(_ view: ParameterView, _ settings: UnlearningSettings) throws {}
    func outerDirection(_ settings: UnlearningSettings, isReleased: Bool) -> (any Direction)? { nil }
    func approximations(_ settings: UnlearningSettings) -> [String] { [] }
    func conflict(_ settings: UnlearningSettings) -> UnlearningError? { nil }
}

/// What a combination can look at and change before the first step and after the last.
struct ParameterView {
    /// θ.
    var parameters: any Buffer
    /// θ before the run; nil unless the combination asks for it.
    var original: (any Buffer)?
    /// A vector of θ's length that nobody needs now.
    var scratch: any Buffer
    var vectors: DeviceVectors
    /// The shapes of θ's tensors in its order; nil where a loss does not tell.
    var shapes: [[Int]]?
    /// Whether θ consists of factors of changes to a model.
    var movesFactors: Bool
}

/// A combination whose steps climb a·g_f − b·g_r, with numbers a and b that depend on what a step measures.
protocol GradientMixing: Combination {
    /// The numbers for a step.
    func mixture(_ here: MixtureView, _ settings: UnlearningSettings) -> Mixture
}

extension GradientMixing {
    func innerDirection(_ settings: UnlearningSettings) -> any Direction {
        GradientMixture(mixing: self, sharpness: Sharpness(settings))
    }
}

/// What a mixture can look at. The gradients are those of L_f, which is climbed, and of L_r, which is descended.
struct MixtureView {
    /// g_f·g_f
    var forgetSquare: Double
    /// g_f·g_r
    var cross: Double
    /// g_r·g_r
    var retainSquare: Double
    /// The mean loss of the forget batch, in nats, whatever the objective is.
    var forgetLoss: Double
    /// The same of the retain batch.
    var retainLoss: Double
    /// The mean loss of the run's first retain batch.
    var initialRetainLoss: Double
    /// λ as the step before left it; nil at the first.
    var multiplier: Double?
    /// The share of the run's forget steps that are taken, from 0.
    var progress: Double
}

/// What a step climbs: forget·g_f − retain·g_r.
struct Mixture: Hashable {
    var forget: Double
    var retain: Double
    /// λ for the next step, where there is one.
    var multiplier: Double?
}
