import Inference

// How far a direction is followed, once it is known.
extension Unlearner {
    /// Follows the direction.
    /// - Parameter before: what was measured where the step begins.
    func take(_ level: Level, _ before: Measured, _ batch: BatchPair<Loss>) throws {
        let rule = settings.rule(level)
        let direction = memory.direction
        let norm = try vectors.norm(direction)
        var fixed = state.fixed(level)
        if level == .inner { state.innerSteps += 1 } else { state.outerSteps += 1 }
        let damping = state.damping * rateShare
        var factor = 0.0
        if norm <= 1e-20 {
            // A vanishing direction moves nothing, also not by what moments remember; but they learn of it.
            if rule.usesMoments { try takeAdamW(level, rate: 0, norm) }
        } else {
            switch rule {
            case .adamW(let rate):
                factor = rate * damping
                try takeAdamW(level, rate: factor, norm)
            case .adaptiveAdamW(let rise):
                // Both levels meet the same model: the first step of either finds the rate for both.
                let known = fixed ?? state.innerRate
                let rate = if let known { known } else { try calibrate(level, rise: rise, norm: norm, before, batch) }
                fixed = rate
                factor = rate * damping * need(level, before)
                try takeAdamW(level, rate: factor, norm)
            case .sgd, .trust, .adaptive, .automatic:
                factor =
                    damping
                    * rule.factor(parameters: before.norm(.parameterSquare), direction: norm, clip: settings.clip, fixed: &fixed)
                try vectors.add(level.sign * factor, direction, to: parameters)
                if case .adaptive(let most) = rule { try shorten(level, factor: &factor, radius: &fixed, most: most, before, batch) }
            }
        }
        if level == .inner {
            (state.innerRate, state.tally.innerFactor) = (fixed, factor)
        } else {
            (state.outerRate, state.tally.outerFactor, state.tally.outerNorm) = (fixed, factor, norm)
        }
    }

    /// The share of the largest rate that the schedule gives the step in turn, which is counted in steps of its level.
    private var rateShare: Double {
        let schedule = RateSchedule(warmUp: settings.warmUp, finalShare: settings.finalShare)
        let place = { (step: Int, steps: Int) in
            schedule.share(self.state.round * steps + step + 1, of: self.roundCount * steps)
        }
        return switch state.phase {
        case .inner(let step): place(step, settings.innerSteps)
        case .outer(let step): place(step, settings.outerSteps)
        case .finished: 1
        }
    }

    /// The share of the rate that a step needs.
    ///
    /// AdamW's steps are as long for a gradient near zero as for any. Restoring what is not lost would only wander, so a restore step
    /// shrinks with the retain loss once that is below what counts as kept. Pushing on at full length where answers are nearly at their
    /// target would carry them far beyond it, and text falls apart there: a forget step shrinks over the second half of the way.
    private func need(_ level: Level, _ before: Measured) -> Double {
        switch level {
        case .outer: return min(1, before[.retainLoss] / max(settings.retainFloor, 1e-12))
        case .inner:
            let targets: [Double]
            switch settings.forgetTarget {
            case .none, .mean: return 1
            case .perExample(let target): targets = before.forgetLosses.map { _ in target }
            case .reference: targets = before.forgetTargets.map(Double.init)
            }
            guard !targets.isEmpty else { return 1 }
            // Of the whole batch: at full length for the few that are left, the others would be carried along.
            let shares = zip(before.forgetLosses, targets).map { min(1, max(0, 2 * (1.1 - Double($0) / max($1, 1e-6)))) }
            return shares.reduce(0, +) / Double(shares.count)
        }
    }

    func takeAdamW(_ level: Level, rate: Double, _ norm: Double) throws {
        let direction = memory.direction
        let names = UnlearningSettings.moments(level)
        let moments = Moments(first: memory[names[0]], second: memory[names[1]])
        if let clip = settings.clip, norm > clip { try vectors.scale(clip / norm, direction) }
        // Adam's first moment points downhill; a negative sign makes it climb.
        if level == .inner { state.innerMoments += 1 } else { state.outerMoments += 1 }
        try vectors.adamW(
            parameters, moments, direction, rule: AdamW(), rate: rate, sign: -level.sign,
            step: level == .inner ? state.innerMoments : state.outerMoments)
    }

    /// Measures the step that was just taken, and halves it while it goes too far.
    private func shorten(
        _ level: Level, factor: inout Double, radius: inout Double?, most: Double, _ before: Measured, _ batch: BatchPair<Loss>
    ) throws {
        // Sixty halvings leave nothing of any step.
        for halvings in 0...60 {
            let after = try batch.evaluate(level == .inner ? .forgetLoss : .retainLoss)
            let outcome =
                switch level {
                case .inner: Self.judgeAscent(from: before[.forgetLoss], to: after[.forgetLoss], limit: settings.riseLimit)
                case .outer: Self.judgeDescent(from: before[.retainLoss], to: after[.retainLoss])
                }
            if outcome != .tooFar {
                if halvings == 0, outcome == .hesitant { radius = radius.map { min(most, 1.5 * $0) } }
                return
            }
            factor /= 2
            radius = radius.map { $0 / 2 }
            try vectors.add(-level.sign * factor, memory.direction, to: parameters)
        }
    }

    /// What the loss says of the length of a step.
    enum Outcome { case tooFar, good, hesitant }

    /// A forget step may raise its loss by `limit`; one that raises it by less than a quarter of that can be longer.
    static func judgeAscent(from before: Double, to after: Double, limit: Double) -> Outcome {
        guard after.isFinite, after - before <= limit else { return .tooFar }
        return after - before <= limit / 4 ? .hesitant : .good
    }

    /// A restore step should lower its loss. One that lowers it by less than a tenth can be longer; one that raises it is too long.
    /// Where the loss is so small that nothing is at stake, neither holds: the stationarity term may rightly have its way, and longer
    /// steps would only wander.
    static func judgeDescent(from before: Double, to after: Double) -> Outcome {
        guard after.isFinite, after <= max(before, negligibleLoss) else { return .tooFar }
        return after > 0.9 * before && before > negligibleLoss ? .hesitant : .good
    }

    /// In nats: an answer probability above 0.99.
    static var negligibleLoss: Double { 0.01 }
}
