import Backends
import Inference

/// a·g_f − b·g_r, where a combination chooses a and b at every step.
struct GradientMixture: Direction {
    let mixing: any GradientMixing
    let sharpness: Sharpness

    var work: [PlanUse] { [PlanUse(.gradients)] + sharpness.forgetWork + sharpness.retainWork }
    var scratch: ScratchNeed { ScratchNeed(vectors: 1) + sharpness.scratch }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        try batch.borrow { retain in
            let found = try batch.gradients(retain: retain, sharpness)
            let measured = found.measured
            guard measured.isFinite else { return measured }
            let view = MixtureView(
                forgetSquare: found.forgetSquare, cross: found.cross, retainSquare: found.retainSquare,
                forgetLoss: measured[.forgetLoss], retainLoss: measured[.retainLoss],
                initialRetainLoss: batch.initialRetainLoss ?? measured[.retainLoss], multiplier: batch.notes.multiplier,
                progress: batch.notes.progress)
            let mixture = mixing.mixture(view, batch.settings)
            batch.notes.multiplier = mixture.multiplier
            if mixture.forget != 1 { try batch.vectors.scale(mixture.forget, batch.direction) }
            try batch.vectors.add(-mixture.retain, retain, to: batch.direction)
            return measured
        }
    }
}
