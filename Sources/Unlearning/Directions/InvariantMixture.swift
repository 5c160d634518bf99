import Backends
import Inference

/// γ·g_f − α·g_r − λ·∇(θ·g_r)², exact.
struct InvariantMixture: Direction {
    let work = [PlanUse(.invariance)]
    let scratch = ScratchNeed(vectors: 2)

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        try batch.borrow { retain in
            try batch.borrow { invariance in
                let measured = try batch.evaluate(
                    .invariance, ["forgetGradient": batch.direction, "retainGradient": retain, "invarianceGradient": invariance])
                guard measured.isFinite else { return measured }
                batch.notes.similarity = measured[.similarity]
                let (vectors, settings) = (batch.vectors, batch.settings)
                try vectors.scale(settings.forgetWeight, batch.direction)
                try vectors.add(-settings.retainWeight, retain, to: batch.direction)
                try vectors.add(-settings.invarianceWeight, invariance, to: batch.direction)
                return measured
            }
        }
    }
}
