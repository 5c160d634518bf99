import Backends
import Inference

/// Of each tensor the step within ‖d‖ ≤ ‖g‖ that lowers one loss most, while it does the tensor's share of a quota for the other.
struct TensorQuota: Direction {
    /// Whether the quota is the forget loss's, and the rest of the step the retain loss's; or the other way round.
    let isForgetting: Bool
    let sharpness: Sharpness

    var work: [PlanUse] { [PlanUse(.gradients)] + sharpness.forgetWork + sharpness.retainWork }
    var scratch: ScratchNeed { ScratchNeed(vectors: 1) + sharpness.scratch }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        try batch.borrow { retain in
            let measured = try batch.gradients(retain: retain, sharpness).measured
            guard measured.isFinite else { return measured }
            let vectors = batch.vectors
            let dots = try batch.tensors.map { range in
                let dot = { (a: any Buffer, b: any Buffer) in
                    try vectors.dot(a, b, count: range.count, fromA: range.lowerBound, fromB: range.lowerBound)
                }
                let (f, cross, r) = (
                    try dot(batch.direction, batch.direction), try dot(batch.direction, retain), try dot(retain, retain)
                )
                // With the quota on what should stay, −g_r is what is climbed and −g_f what is descended.
                return isForgetting ? Dots(quota: f, cross: cross, rest: r) : Dots(quota: r, cross: cross, rest: f)
            }
            let quota = batch.settings.quota
            batch.notes.isExhausted = dots.reduce(0) { $0 + $1.area } < quota
            let whole = dots.reduce(0) { $0 + $1.product }
            for (range, dots) in zip(batch.tensors, dots) {
                let step = dots.step(quota: whole > 0 ? quota * dots.product / whole : 0)
                let (forget, kept) = isForgetting ? (step.quota, step.rest) : (-step.rest, -step.quota)
                try vectors.mix(forget, batch.direction, plus: kept, retain, in: range)
            }
            return measured
        }
    }

    /// The inner products of a tensor's two gradients.
    private struct Dots {
        /// Of the loss that has the quota.
        var quota: Double
        var cross: Double
        /// Of the loss that the rest of the step lowers.
        var rest: Double

        /// The product of the two norms.
        var product: Double { (max(0, quota) * max(0, rest)).squareRoot() }
        /// The same times the sine of the angle between them: zero where there is no direction that serves one alone.
        var area: Double { max(0, quota * rest - cross * cross).squareRoot() }

        /// The factors of the two gradients in min ⟨g, d⟩ with ‖d‖ ≤ ‖g‖ and ⟨q, d⟩ ≥ share.
        func step(quota share: Double) -> (quota: Double, rest: Double) {
            guard quota > 1e-24 else { return (0, 0) }
            if cross <= -share { return (0, -1) }
            let across = rest - cross * cross / quota
            guard across > 1e-10 * rest else { return (share / quota, 0) }
            let scale = (max(0, rest - share * share / quota) / across).squareRoot()
            return ((share + scale * cross) / quota, -scale)
        }
    }
}
