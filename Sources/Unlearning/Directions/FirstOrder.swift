import Inference

/// γ·g_f.
struct GradientAscent: Direction {
    let sharpness: Sharpness

    var work: [PlanUse] { [PlanUse(.forgetGradient)] + sharpness.forgetWork }
    var scratch: ScratchNeed { sharpness.scratch }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        let measured = try batch.evaluate(.forgetGradient, ["forgetGradient": batch.direction])
        guard measured.isFinite else { return measured }
        let sharp = try batch.sharpen(
            .forgetGradient, "forgetGradient", in: batch.direction, square: measured[.forgetSquare], by: -sharpness.forgetRadius(measured))
        if let sharp, !sharp.isFinite { return sharp }
        let weight = batch.settings.forgetWeight
        if weight != 1 { try batch.vectors.scale(weight, batch.direction) }
        return measured
    }
}

/// ∇Φ with β = 0: g_f, measured beside g_r.
struct PlainAscent: Direction {
    let work = [PlanUse(.gradients)]
    let scratch = ScratchNeed(vectors: 1)

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        try batch.borrow { retain in
            let measured = try batch.evaluate(.gradients, ["forgetGradient": batch.direction, "retainGradient": retain])
            batch.notes.similarity = measured[.similarity]
            batch.notes.penaltyNorm = measured.norm(.forgetSquare)
            batch.notes.beta = 0
            return measured
        }
    }
}

/// g_r: ∇F without its stationarity term.
struct RetainDescent: Direction {
    let sharpness: Sharpness

    var work: [PlanUse] { [PlanUse(.retainGradient)] + sharpness.retainWork }
    var scratch: ScratchNeed { sharpness.scratch }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        let measured = try batch.evaluate(.retainGradient, ["retainGradient": batch.direction])
        guard measured.isFinite else { return measured }
        let sharp = try batch.sharpen(
            .retainGradient, "retainGradient", in: batch.direction, square: measured[.retainSquare], by: sharpness.retain)
        return sharp.map { $0.isFinite ? measured : $0 } ?? measured
    }
}

/// −α·g_r, uphill: descent on L_r by the steps of a level that climbs.
struct RetainAlone: Direction {
    let sharpness: Sharpness

    var work: [PlanUse] { RetainDescent(sharpness: sharpness).work }
    var scratch: ScratchNeed { sharpness.scratch }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        let measured = try RetainDescent(sharpness: sharpness).find(batch)
        try batch.vectors.scale(-batch.settings.retainWeight, batch.direction)
        return measured
    }
}
