import Models

// How far a direction is followed, once it is known.
extension Unlearner {
    /// The two levels of the problem: ascent on Φ and descent on F.
    enum Level: String {
        case inner, outer

        /// Uphill or downhill.
        var sign: Double { self == .inner ? 1 : -1 }
    }

    /// Follows the vector "direction".
    /// - Parameter before: what was measured where the step begins.
    func take(
        _ level: Level, _ before: Measured, _ forget: Loss.Batch, _ retain: Loss.Batch
    ) throws(UnlearningError) {
        let rule = level == .inner ? settings.innerStep : settings.outerStep
        let direction = try vector("direction")
        let norm = max(0, try vectors.dot(direction, direction)).squareRoot()
        var fixed = level == .inner ? state.innerRate : state.outerRate
        var factor =
            state.damping
            * rule.factor(parameters: before.norm(.parameterSquare), direction: norm, clip: settings.clip, fixed: &fixed)
        if level == .inner { state.innerSteps += 1 } else { state.outerSteps += 1 }
        switch rule {
        case _ where factor <= 0: break
        case .adamW(let rate): try takeAdamW(level, rate: rate, norm)
        case .adaptive(let most):
            try vectors.add(level.sign * factor, direction, to: parameters)
            try shorten(level, &factor, radius: &fixed, most: most, before, forget, retain)
        case .sgd, .trust, .automatic: try vectors.add(level.sign * factor, direction, to: parameters)
        }
        if level == .inner {
            (state.innerRate, state.tally.innerFactor) = (fixed, factor)
        } else {
            (state.outerRate, state.tally.outerFactor, state.tally.outerNorm) = (fixed, factor, norm)
        }
    }

    private func takeAdamW(_ level: Level, rate: Double, _ norm: Double) throws(UnlearningError) {
        let direction = try vector("direction")
        let moments = Moments(first: try vector("\(level).first"), second: try vector("\(level).second"))
        if let clip = settings.clip, norm > clip { try vectors.scale(clip / norm, direction) }
        // Adam's first moment points downhill; a negative sign makes it climb.
        if level == .inner { state.innerMoments += 1 } else { state.outerMoments += 1 }
        try vectors.adamW(
            parameters, moments, direction, AdamW(), rate: rate * state.damping, sign: -level.sign,
            step: level == .inner ? state.innerMoments : state.outerMoments)
    }

    /// Measures the step that was just taken, and halves it while it goes too far.
    private func shorten(
        _ level: Level, _ factor: inout Double, radius: inout Double?, most: Double, _ before: Measured, _ forget: Loss.Batch,
        _ retain: Loss.Batch
    ) throws(UnlearningError) {
        // Sixty halvings leave nothing of any step.
        for halvings in 0...60 {
            let after = try loss(level, forget, retain)
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
            try vectors.add(-level.sign * factor, vector("direction"), to: parameters)
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
