import Backends
import Inference

/// g_f without its part along a running mean of g_r, where that part would raise the retain loss.
struct RectifiedGradient: Direction {
    static let average = "retainAverage"
    let sharpness: Sharpness

    var work: [PlanUse] { [PlanUse(.gradients)] + sharpness.forgetWork + sharpness.retainWork }
    var scratch: ScratchNeed { ScratchNeed(vectors: 1) + sharpness.scratch }
    var kept: [String] { [Self.average] }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        try batch.borrow { retain in
            let measured = try batch.gradients(retain: retain, sharpness).measured
            guard measured.isFinite else { return measured }
            let (vectors, average, newest) = (batch.vectors, batch.kept(Self.average), batch.settings.retainAverage)
            try vectors.scale(batch.step == 0 ? 0 : 1 - newest, average)
            try vectors.add(batch.step == 0 ? 1 : newest, retain, to: average)
            let (cross, square) = (try vectors.dot(batch.direction, average), try vectors.dot(average, average))
            if cross > 0, square > 1e-24 { try vectors.add(-cross / square, average, to: batch.direction) }
            return measured
        }
    }
}
