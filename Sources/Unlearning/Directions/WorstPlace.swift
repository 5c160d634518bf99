import Inference

/// A direction found where the forget loss is lowest within a radius, to first order, instead of where θ is: at θ − r·u with
/// u = g_f/‖g_f‖.
///
/// g_f(θ − r·u) = g_f − r·H_f·u + O(r²) is the ascent direction of L_f − r·‖∇L_f‖: a stationarity term like that of ‖∇Φ‖² on the
/// outer level, with its product with the Hessian as a difference, which costs one gradient. g_f is here that of the loss itself, also
/// where it has saturated: what is forgotten is to stay so.
struct WorstPlace: Direction {
    let direction: any Direction
    let sharpness: Sharpness

    var work: [PlanUse] { [PlanUse(.forgetGradient)] + direction.work }
    /// Where θ was.
    var scratch: ScratchNeed { ScratchNeed(vectors: 1) + direction.scratch }
    var keepsCorrection: Bool { direction.keepsCorrection }
    var kept: [String] { direction.kept }
    var cycle: Int { direction.cycle }

    /// What of the target is asked for there. A model that never saw the examples does not keep all of its loss either on such a step:
    /// two models of 0.8 million parameters kept 0.83 of it where it falls by a quarter to first order, and 0.76 where it falls by half.
    /// To ask for more is to drive answers beyond the target where θ is.
    private var targetShare: Double {
        switch sharpness.forget {
        case .absolute: 1
        case .relative(let share): 1 - 0.3 * share
        }
    }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        let target = batch.saturation
        defer { batch.saturation = target }
        batch.saturation = target.map { _ in Self.unreachable }
        var measured = try batch.evaluate(.forgetGradient, ["forgetGradient": batch.direction])
        guard measured.isFinite else { return measured }
        let norm = measured.norm(.forgetSquare)
        let length = norm > 1e-12 ? sharpness.forgetRadius(measured) / norm : 0
        let share = targetShare
        batch.saturation = target.map { share * $0 }
        try batch.moved {
            try batch.vectors.add(-length, batch.direction, to: batch.parameters)
            let there = try direction.find(batch)
            guard there.isFinite else { return measured = there }
            // Whether an example is forgotten is asked where it is least so. Beyond the radius to which a gradient tells the truth, that
            // can be where θ is.
            measured.forgetLosses = zip(measured.forgetLosses, there.forgetLosses).map { min($0, $1 / Float(share)) }
        }
        return measured
    }

    /// More nats than any loss has, in a 32-bit number.
    private static let unreachable = 1e30
}
