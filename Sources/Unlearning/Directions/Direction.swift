import Backends
import Inference

/// How the vector that a level's step follows comes about.
///
/// A direction declares what it runs and what it borrows; the loop, the cost forecast and the tests read the same declarations.
protocol Direction: Sendable {
    /// The plans of one step and how often each is run: a mean over steps, where not every step is alike.
    var work: [PlanUse] { get }
    /// The vectors borrowed at a time.
    var scratch: ScratchNeed { get }
    /// Whether the vector "correction" is kept from step to step.
    var keepsCorrection: Bool { get }
    /// Other vectors that are kept from step to step.
    var kept: [String] { get }
    /// After how many steps their kinds come around again: 1 where every step is alike.
    var cycle: Int { get }
    /// Puts the direction of the batch pair into `batch.direction`.
    func find<Loss: ExampleLoss>(_ batch: BatchPair<Loss>) throws -> Measured
}

extension Direction {
    var scratch: ScratchNeed { ScratchNeed() }
    var keepsCorrection: Bool { false }
    var kept: [String] { [] }
    var cycle: Int { 1 }
}

/// A plan, and how often a step runs it.
struct PlanUse: Hashable, Sendable {
    var plan: ObjectivePlan
    var times: Double

    init(_ plan: ObjectivePlan, _ times: Double = 1) {
        self.plan = plan
        self.times = times
    }
}

extension [PlanUse] {
    /// 1 = one forward and one backward pass over one batch.
    func gradientEquivalents(_ method: UnlearningMethod) -> Double { reduce(0) { $0 + $1.times * $1.plan.gradientEquivalents(method) } }

    func scaled(by factor: Double) -> [PlanUse] { map { PlanUse($0.plan, factor * $0.times) } }
}

extension UnlearningSettings {
    /// What forget steps follow.
    var innerDirection: any Direction { method.combination.innerDirection(self) }

    /// What restore steps follow; nil where the method has none.
    /// - Parameter isReleased: ascent is over.
    func outerDirection(isReleased: Bool = false) -> (any Direction)? {
        method.combination.outerDirection(self, isReleased: isReleased)
    }
}
