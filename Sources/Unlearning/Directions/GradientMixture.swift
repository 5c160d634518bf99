import Backends
import Inference

/// a·g_f − b·g_r, where a combination chooses a and b at every step.
struct GradientMixture: Direction {
    let mixing: any GradientMixing

    let work = [PlanUse(.gradients)]
    let scratch = ScratchNeed(vectors: 1)

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        try batch.borrow { retain in
            let measured = try batch.evaluate(.gradients, ["forgetGradient": batch.direction, "retainGradient": retain])
            guard measured.isFinite else { return measured }
            batch.notes.similarity = measured[.similarity]
            let view = MixtureView(
                forgetSquare: measured[.forgetSquare], cross: measured[.cross], retainSquare: measured[.retainSquare],
                forgetLoss: measured[.forgetLoss], retainLoss: measured[.retainLoss],
                initialRetainLoss: batch.initialRetainLoss ?? measured[.retainLoss], multiplier: batch.notes.multiplier, step: batch.step)
            let mixture = mixing.mixture(view, batch.settings)
            batch.notes.multiplier = mixture.multiplier
            if mixture.forget != 1 { try batch.vectors.scale(mixture.forget, batch.direction) }
            try batch.vectors.add(-mixture.retain, retain, to: batch.direction)
            return measured
        }
    }
}
