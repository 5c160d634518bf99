import Data

/// Where a run stands, as a value: together with the vectors in a checkpoint it is all that the next step depends on.
package struct RunState: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        /// About to take ascent step t of the round.
        case forget(Int)
        /// About to take descent step m of the round.
        case restore(Int)
        case finished(StopReason)
    }

    /// Why a run ended. The raw values are what checkpoints and reports store.
    package enum StopReason: String, Hashable, Sendable, CustomStringConvertible {
        /// All rounds done, and no target to reach.
        case rounds
        /// The forget target held and the retain loss was kept.
        case target
        /// All rounds done before that.
        case unmet = "target-unmet"
        /// The outer gradient became small enough.
        case stationary

        /// For people.
        package var description: String {
            switch self {
            case .rounds: "all rounds done"
            case .target: "forget target held and retain loss kept"
            case .unmet: "all rounds done, forget target not reached"
            case .stationary: "outer gradient small enough"
            }
        }
    }

    package var phase = Phase.forget(0)
    package var round = 0
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
    package var gradientEquivalents = 0.0
    /// Time spent in steps, in seconds, over all sessions of the run.
    package var seconds = 0.0
    /// The largest plan's workspace in bytes, over all sessions of the run.
    package var workspace = 0
    /// L_r of the first batch.
    package var initialRetainLoss: Double?
    /// An average over the last restore steps or so, of L_r where they began.
    package var retainAverage: Double?
    /// Of every forget example when last seen, as it counts; nil if it was not seen yet.
    package var lastForgetLosses: [Double?]
    /// Of every forget example, the sum of its losses before the first step; nil where the method does not compare with it.
    package var originalSums: [Double]?
    /// Rounds in a row in which the forget target was reached.
    package var heldRounds = 0
    /// The mean target has been reached: only descent from here on.
    package var isReleased = false
    /// β as last used, which steps that reuse a correction need.
    package var beta = 0.0
    /// The rounds that are over.
    package var history: [RoundRecord] = []
    /// The round in progress.
    package var tally = RoundTally()

    /// The rate or radius that a level's rule has found.
    func fixed(_ level: Level) -> Double? { level == .inner ? innerRate : outerRate }

    package var isFinished: Bool { if case .finished = phase { true } else { false } }
}

extension RunState {
    init(_ settings: UnlearningSettings, forgetExamples: Int) {
        self.init(
            rho: settings.rho.value, forgetCursor: BatchCursor(seed: settings.seed &* 2 &+ 1),
            retainCursor: BatchCursor(seed: settings.seed &* 2 &+ 2),
            lastForgetLosses: Array(repeating: nil, count: forgetExamples))
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
package struct RoundRecord: Hashable, Sendable {
    /// From 0.
    package var round: Int
    /// Means over the round's batches, in nats; the forget loss is the plain one, before any saturation. Nil where a round took no step
    /// that measures it.
    package var forgetLoss: Double?
    package var retainLoss: Double?
    /// The share of all forget examples that counted as forgotten when last seen; see `ForgetTarget.enough`.
    package var saturatedShare: Double
    /// s = cos(g_f, g_r) at the last measured step. This and the next five are nil where a round did not measure them.
    package var similarity: Double?
    package var forgetGradientNorm: Double?
    package var retainGradientNorm: Double?
    /// ‖∇Φ‖
    package var penaltyGradientNorm: Double?
    /// ‖∇F‖
    package var outerGradientNorm: Double?
    /// v·∇²Φ·v / ‖v‖² along v = ∇Φ: below zero near a maximum of Φ.
    package var curvature: Double?
    package var rho: Double
    package var beta: Double
    /// Factors on the last directions, after clipping, trust region and damping.
    package var innerStep: Double
    package var outerStep: Double
    /// Of this round: 1 = forward and backward over one batch.
    package var gradientEquivalents: Double
    package var seconds: Double
    /// Device memory held: vectors and the largest plan's workspace.
    package var bytes: Int
    package var isReleased: Bool

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
        self.innerStep = innerStep
        self.outerStep = outerStep
        self.gradientEquivalents = gradientEquivalents
        self.seconds = seconds
        self.bytes = bytes
        self.isReleased = isReleased
    }
}
