import Inference

// A rate for AdamW that suits a model of any size.
extension Unlearner {
    /// The largest rate, to a fifth, at which a first AdamW step along the direction moves the forget loss by at most `rise` nats and
    /// raises the retain loss by no more: not every objective climbs the forget loss, and what should stay is never to pay for a rate.
    ///
    /// AdamW's first step moves every parameter by the rate, so what it does to the losses depends on how many parameters there are and
    /// on how they work together: the rate that suits a model falls with its width. Measuring the loss needs no other knowledge.
    func calibrate(
        _ level: Level, rise: Double, norm: Double, _ before: Measured, _ batch: BatchPair<Loss>
    ) throws -> Double {
        let start = before[.forgetLoss]
        let kept: Double? =
            !settings.method.usesRetain
            ? nil : before.retainLosses.isEmpty ? try batch.evaluate(.retainLoss)[.retainLoss] : before[.retainLoss]
        // A tenth of the mean size of a parameter is too much for any model.
        var rate = 0.1 * before.norm(.parameterSquare) / Double(max(1, parameters.count)).squareRoot()
        var tooFar = rate
        func keeps(_ rate: Double) throws -> Bool {
            var holds = false
            try batch.moved {
                try takeAdamW(level, rate: rate, norm)
                let after = try batch.evaluate(.forgetLoss)[.forgetLoss]
                holds = after.isFinite && abs(after - start) <= rise
                if holds, let kept {
                    let retain = try batch.evaluate(.retainLoss)[.retainLoss]
                    holds = retain.isFinite && retain - kept <= rise
                }
            }
            try forgetMoments(level)
            return holds
        }
        // Sixty halvings leave nothing of any step.
        for _ in 0..<60 {
            if try keeps(rate) { break }
            (tooFar, rate) = (rate, rate / 2)
        }
        for _ in 0..<2 where tooFar > rate {
            let middle = (tooFar * rate).squareRoot()
            if try keeps(middle) { rate = middle } else { tooFar = middle }
        }
        return rate
    }

    /// Moments begin anew.
    func forgetMoments(_ level: Level) throws {
        for name in UnlearningSettings.moments(level) { try vectors.scale(0, memory[name]) }
        if level == .inner { state.innerMoments = 0 } else { state.outerMoments = 0 }
    }
}
