import Backends
import Inference

/// ∇F = g_r + 2ρ·∇²Φ·v, exact or with H_f·v in place of ∇²Φ·v.
struct OuterDescent: Direction {
    let plan: ObjectivePlan

    var work: [PlanUse] { [PlanUse(plan)] }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        let measured = try batch.evaluate(plan, ["direction": batch.direction])
        batch.notes.similarity = measured[.similarity]
        batch.notes.penaltyNorm = measured.norm(.penaltySquare)
        if measured[.penaltySquare] > 0 { batch.notes.curvature = measured[.curvature] / measured[.penaltySquare] }
        return measured
    }
}

/// ∇F with ∇²Φ·v as a difference of ∇Φ along v.
struct DifferenceOuterDescent: Direction {
    /// How ∇Φ is found; it keeps nothing from step to step, since it is also asked at a point that only this direction visits.
    let penalty: any Direction

    var work: [PlanUse] { penalty.work.scaled(by: 2) + [PlanUse(.retainGradient)] }
    /// v, and where θ was while ∇Φ is asked at the moved point; g_r comes later, in the place of the second.
    var scratch: ScratchNeed { ScratchNeed(vectors: 2) + penalty.scratch }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        let here = try penalty.find(batch)
        guard here.isFinite else { return here }
        return try batch.borrow { v in
            let product = try secondOrder(v, batch)
            return try batch.borrow { retain in
                let measured = try batch.evaluate(.retainGradient, ["retainGradient": retain])
                let weight: Double =
                    switch batch.settings.rho {
                    case .absolute: batch.rho
                    case .relative: product > 1e-20 ? batch.rho * measured.norm(.retainSquare) / (2 * product) : 0
                    }
                try batch.vectors.scale(2 * weight, batch.direction)
                try batch.vectors.add(1, retain, to: batch.direction)
                return measured
            }
        }
    }

    /// Turns ∇Φ in the direction into ∇²Φ·v, and returns its norm.
    private func secondOrder<Loss>(_ v: any Buffer, _ batch: BatchPair<Loss>) throws -> Double {
        let (vectors, direction) = (batch.vectors, batch.direction)
        try vectors.copy(direction, to: v)
        let norm = try vectors.norm(v)
        guard norm > 1e-20 else { return 0 }
        let (step, notes) = (differenceStep / norm, batch.notes)
        try batch.moved {
            try vectors.add(step, v, to: batch.parameters)
            _ = try penalty.find(batch)
        }
        // What counts was measured where the step begins.
        batch.notes = notes
        try vectors.add(-1, v, to: direction)
        try vectors.scale(1 / step, direction)
        batch.notes.curvature = try vectors.dot(v, direction) / (norm * norm)
        return try vectors.norm(direction)
    }
}
