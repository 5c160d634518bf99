import Data

/// Where a run stands, as a value: together with the vectors in a checkpoint it is all that the next step depends on.
public struct RunState: Hashable, Sendable {
    /// Which step comes next.
    public enum Phase: Hashable, Sendable {
        /// About to take ascent step t of the round.
        case inner(Int)
        /// About to take descent step m of the round.
        case outer(Int)
        case finished(StopReason)
    }

    /// Why a run ended. The raw values are what checkpoints and reports store.
    public enum StopReason: String, Hashable, Sendable, CustomStringConvertible {
        /// All rounds done, and no target to reach.
        case rounds
        /// The forget target held and the retain loss was kept.
        case target
        /// All rounds done before that.
        case unmet = "target-unmet"
        /// The outer gradient became small enough.
        case stationary
        /// No step forgets and keeps as much as the combination asks.
        case exhausted

        /// For people.
        public var description: String {
            switch self {
            case .rounds: "all rounds done"
            case .target: "forget target held and retain loss kept"
            case .unmet: "all rounds done, forget target not reached"
            case .stationary: "outer gradient small enough"
            case .exhausted: "no step left that forgets and keeps as much as asked"
            }
        }
    }

    /// Which step comes next.
    public var phase = Phase.inner(0)
    /// Rounds that are complete.
    public var round = 0
    package var rho: Double
    /// Factor on all steps, halved after every rollback.
    package var damping = 1.0
    package var rollbacks = 0
    package var forgetCursor: BatchCursor
    package var retainCursor: BatchCursor
    package var innerSteps = 0
    package var outerSteps = 0
    /// Steps since Adam's moments were zero.
    package var innerMoments = 0
    package var outerMoments = 0
    /// The rates that `StepRule.automatic` has fixed, or the radii at which `StepRule.adaptive` stands.
    package var innerRate: Double?
    package var outerRate: Double?
    /// Work so far, in forward and backward passes over one batch.
    public var gradientEquivalents = 0.0
    /// Time spent in steps, in seconds, over all sessions of the run.
    public var seconds = 0.0
    /// The largest plan's workspace in bytes, over all sessions of the run.
    package var workspace = 0
    /// L_r of the first batch.
    package var initialRetainLoss: Double?
    /// An average over the last restore steps or so, of L_r where they began.
    package var retainAverage: Double?
    /// Of every forget example when last seen, as it counts; nil if it was not seen yet.
    package var lastForgetLosses: [Double?]
    /// Of every forget example, the loss of a model that never saw it; nil where that was not looked at.
    package var referenceLosses: [Double?]
    /// Of every forget example, the sum of its losses before the first step; nil where the method does not compare with it.
    package var originalSums: [Double]?
    /// The same of every alternative.
    package var alternativeSums: [Double]?
    /// Rounds in a row in which the forget target was reached.
    package var heldRounds = 0
    /// The mean target has been reached: only descent from here on.
    package var isReleased = false
    /// β as last used, which steps that reuse a correction need.
    package var beta = 0.0
    /// λ of a combination with a constraint; nil where there is none, and before its first step.
    package var multiplier: Double?
    /// The rounds that are over.
    public var history: [RoundRecord] = []
    /// The round in progress.
    package var tally = RoundTally()

    /// The rate or radius that a level's rule has found.
    func fixed(_ level: Level) -> Double? { level == .inner ? innerRate : outerRate }

    /// Whether the run has come to its end.
    public var isFinished: Bool { if case .finished = phase { true } else { false } }
}

extension RunState {
    init(_ settings: UnlearningSettings, forgetExamples: Int) {
        self.init(
            rho: settings.rho.value, forgetCursor: BatchCursor(seed: settings.seed &* 2 &+ 1),
            retainCursor: BatchCursor(seed: settings.seed &* 2 &+ 2),
            lastForgetLosses: Array(repeating: nil, count: forgetExamples),
            referenceLosses: Array(repeating: nil, count: forgetExamples))
    }
}

/// Sums over the steps of one round.
package struct RoundTally: Hashable, Sendable {
    package var forgetLosses: [Double] = []
    package var retainLosses: [Double] = []
    /// The last values measured in the round; nil where none was.
    package var similarity: Double?
    package var forgetNorm: Double?
    package var retainNorm: Double?
    package var penaltyNorm: Double?
    package var outerNorm: Double?
    package var curvature: Double?
    package var innerFactor = 0.0
    package var outerFactor = 0.0
    package var gradientEquivalents = 0.0
    package var seconds = 0.0
}

/// What one round did: the telemetry of algorithm.md's loop.
public struct RoundRecord: Hashable, Sendable {
    /// From 0.
    public var round: Int
    /// Means over the round's batches, in nats; the forget loss is the plain one, before any saturation. Nil where a round took no step
    /// that measures it.
    public var forgetLoss: Double?
    /// Mean L_r of the round, in nats; nil where nothing looked at it.
    public var retainLoss: Double?
    /// The share of all forget examples that counted as forgotten when last seen; see `ForgetTarget.enough`.
    public var saturatedShare: Double
    /// s = cos(g_f, g_r) at the last measured step. This and the next five are nil where a round did not measure them.
    public var similarity: Double?
    /// ‖g_f‖ at the last step that measured it.
    public var forgetGradientNorm: Double?
    /// ‖g_r‖ at the last step that measured it.
    public var retainGradientNorm: Double?
    /// ‖∇Φ‖
    public var penaltyGradientNorm: Double?
    /// ‖∇F‖
    public var outerGradientNorm: Double?
    /// v·∇²Φ·v / ‖v‖² along v = ∇Φ: below zero near a maximum of Φ.
    public var curvature: Double?
    /// ρ of the round.
    public var rho: Double
    /// β of the last forget step.
    public var beta: Double
    /// λ as the round's last forget step left it; nil where the combination has none.
    public var multiplier: Double?
    /// Factors on the last directions, after clipping, trust region and damping.
    public var innerStep: Double
    /// The same of the last restore step.
    public var outerStep: Double
    /// Of this round: 1 = forward and backward over one batch.
    public var gradientEquivalents: Double
    /// Seconds on the wall.
    public var seconds: Double
    /// Device memory held: vectors and the largest plan's workspace.
    public var bytes: Int
    /// Whether ascent was over: a mean target was reached.
    public var isReleased: Bool

    package init(
        round: Int,
        forgetLoss: Double?,
        retainLoss: Double?,
        saturatedShare: Double,
        similarity: Double?,
        forgetGradientNorm: Double?,
        retainGradientNorm: Double?,
        penaltyGradientNorm: Double?,
        outerGradientNorm: Double?,
        curvature: Double?,
        rho: Double,
        beta: Double,
        multiplier: Double? = nil,
        innerStep: Double,
        outerStep: Double,
        gradientEquivalents: Double,
        seconds: Double,
        bytes: Int,
        isReleased: Bool
    ) {
        self.round = round
        self.forgetLoss = forgetLoss
        self.retainLoss = retainLoss
        self.saturatedShare = saturatedShare
        self.similarity = similarity
        self.forgetGradientNorm = forgetGradientNorm
        self.retainGradientNorm = retainGradientNorm
        self.penaltyGradientNorm = penaltyGradientNorm
        self.outerGradientNorm = outerGradientNorm
        self.curvature = curvature
        self.rho = rho
        self.beta = beta
        self.multiplier = multiplier
        self.innerStep = innerStep
        self.outerStep = outerStep
        self.gradientEquivalents = gradientEquivalents
        self.seconds = seconds
        self.bytes = bytes
        self.isReleased = isReleased
    }
}
