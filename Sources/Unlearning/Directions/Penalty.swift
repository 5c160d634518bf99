import Backends
import Inference

/// ∇Φ = g_f − β·(H_f·u_f + H_r·u_r), exact.
struct PenaltyAscent: Direction {
    let keepsCorrection: Bool

    var work: [PlanUse] { [PlanUse(.penalty(keepsCorrection: keepsCorrection))] }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        var outputs = ["direction": batch.direction]
        if keepsCorrection { outputs["correction"] = batch.kept("correction") }
        let measured = try batch.evaluate(.penalty(keepsCorrection: keepsCorrection), outputs)
        batch.notes.similarity = measured[.similarity]
        batch.notes.penaltyNorm = measured.norm(.directionSquare)
        batch.notes.beta = measured[.beta]
        return measured
    }
}

/// ∇Φ whose correction H_f·u_f + H_r·u_r is computed anew every m steps and reused in between.
struct RefreshedPenalty: Direction {
    let full: any Direction
    let every: Int

    var work: [PlanUse] {
        let share = 1 / Double(every)
        return full.work.scaled(by: share) + [PlanUse(.forgetGradient, 1 - share)]
    }
    var scratch: ScratchNeed { full.scratch }
    var keepsCorrection: Bool { true }
    var cycle: Int { every }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        guard batch.step % every != 0 else { return try full.find(batch) }
        let measured = try batch.evaluate(.forgetGradient, ["forgetGradient": batch.direction])
        try batch.vectors.add(-batch.notes.beta, batch.kept("correction"), to: batch.direction)
        return measured
    }
}

/// ∇Φ with H·u by differences of gradients along u_f and u_r.
struct DifferencePenalty: Direction {
    let isCentral: Bool
    let keepsCorrection: Bool

    var work: [PlanUse] {
        let times = isCentral ? 2.0 : 1
        return [PlanUse(.directions), PlanUse(.forgetGradient, times), PlanUse(.retainGradient, times)]
    }
    /// g_r, the moved gradient and where θ was; the correction, where it is not kept.
    var scratch: ScratchNeed { ScratchNeed(vectors: keepsCorrection ? 3 : 4, pairs: 1) }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        guard keepsCorrection else {
            return try batch.borrow { correction in try find(batch, correction) }
        }
        return try find(batch, batch.kept("correction"))
    }

    private func find<Loss>(_ batch: BatchPair<Loss>, _ correction: any Buffer) throws -> Measured {
        try batch.borrow { retain in
            try batch.borrow { moved in
                try batch.borrowPair { directions in
                    let measured = try batch.evaluate(
                        .directions, ["forgetGradient": batch.direction, "retainGradient": retain, "directions": directions])
                    guard measured.isFinite else { return measured }
                    try batch.vectors.scale(0, correction)
                    let forget = Side(plan: .forgetGradient, output: "forgetGradient", base: batch.direction, row: 0)
                    let retain = Side(plan: .retainGradient, output: "retainGradient", base: retain, row: 1)
                    for side in [forget, retain] { try add(side, along: directions, moved, to: correction, batch) }
                    try combine(correction, measured, batch)
                    return measured
                }
            }
        }
    }

    /// One of the two losses: the plan and output of its gradient, that gradient where θ is, and its row among the directions.
    private struct Side {
        let plan: ObjectivePlan
        let output: String
        let base: any Buffer
        let row: Int
    }

    /// Adds H·u of one loss to the correction.
    private func add<Loss>(
        _ side: Side, along directions: any Buffer, _ moved: any Buffer, to correction: any Buffer, _ batch: BatchPair<Loss>
    ) throws {
        let (vectors, count) = (batch.vectors, batch.parameters.count)
        let start = side.row * count
        let square = try vectors.dot(directions, directions, count: count, fromA: start, fromB: start)
        // A vanishing direction stands for a vanishing product.
        guard square > 0, square.isFinite else { return }
        let step = differenceStep / square.squareRoot()
        func gradient(at distance: Double) throws {
            try batch.moved {
                try vectors.add(distance, directions, from: start, to: batch.parameters)
                _ = try batch.evaluate(side.plan, [side.output: moved])
            }
        }
        try gradient(at: step)
        let span = isCentral ? 2 * step : step
        try vectors.add(1 / span, moved, to: correction)
        if isCentral { try gradient(at: -step) }
        try vectors.add(-1 / span, isCentral ? moved : side.base, to: correction)
    }

    private func combine<Loss>(_ correction: any Buffer, _ measured: Measured, _ batch: BatchPair<Loss>) throws {
        let (vectors, direction) = (batch.vectors, batch.direction)
        let size = try vectors.norm(correction)
        let beta: Double =
            switch batch.settings.beta {
            case .absolute(let value): value
            case .relative(let value): size > 1e-20 ? value * measured.norm(.forgetSquare) / size : 0
            }
        try vectors.add(-beta, correction, to: direction)
        batch.notes.similarity = measured[.similarity]
        batch.notes.penaltyNorm = try vectors.norm(direction)
        batch.notes.beta = beta
    }
}

/// Length of the step over which differences are taken, in the norm of θ's space.
let differenceStep = 1e-2
