import Inference

/// ∇F whose stationarity term is taken at every m-th restore step alone, there m times as heavy, so that its mean pull is the same at
/// a fraction of the cost (the regulariser of Karras et al., arXiv 1912.04958, is thinned likewise).
struct SparseStationarity: Direction {
    let full: any Direction
    let plain: RetainDescent
    let every: Int

    var work: [PlanUse] {
        let share = 1 / Double(every)
        return full.work.scaled(by: share) + plain.work.scaled(by: 1 - share)
    }
    var scratch: ScratchNeed { full.scratch.or(plain.scratch) }
    var cycle: Int { every }

    func find<Loss>(_ batch: BatchPair<Loss>) throws -> Measured {
        try batch.step.isMultiple(of: every) ? full.find(batch) : plain.find(batch)
    }
}
