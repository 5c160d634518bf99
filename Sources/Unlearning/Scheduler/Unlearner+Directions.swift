import Backends
import Graph
import Models

// How the vector "direction" comes about: ∇Φ or a simpler ascent for the inner level, ∇F for the outer one, exactly or by the cheaper
// forms that algorithm.md names.
extension Unlearner {
    /// Puts the ascent direction of a batch pair into "direction".
    func innerDirection(_ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        switch settings.method {
        case .gradientAscent:
            return try evaluate(.forgetGradient, forget, retain, ["forgetGradient": vector("direction")])
        case .gradientDifference:
            let other = try vector("retainGradient")
            let measured = try evaluate(
                .gradients, forget, retain, ["forgetGradient": vector("direction"), "retainGradient": other])
            try vectors.add(-1, other, to: vector("direction"))
            note(similarity: measured[.similarity])
            return measured
        case .ofmu where settings.beta.value == 0:
            let measured = try evaluate(
                .gradients, forget, retain,
                ["forgetGradient": vector("direction"), "retainGradient": vector("retainGradient")])
            note(similarity: measured[.similarity], penaltyNorm: measured.norm(.forgetSquare), beta: 0)
            return measured
        case .ofmu where state.innerSteps % settings.refreshEvery != 0:
            return try ascentWithKeptCorrection(forget, retain)
        case .ofmu:
            return settings.innerForm == .exact ? try exactPenalty(forget, retain) : try differencePenalty(forget, retain)
        }
    }

    /// Puts ∇F of a batch pair into "direction".
    func outerDirection(_ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        guard settings.rho.value > 0, settings.outerForm != .none, !state.isReleased else {
            return try evaluate(.retainGradient, forget, retain, ["retainGradient": vector("direction")])
        }
        if settings.outerForm == .difference { return try differenceRestore(forget, retain) }
        let plan: ObjectivePlan = settings.outerForm == .exact ? .restore : .restoreForgetOnly
        let measured = try evaluate(plan, forget, retain, ["direction": vector("direction")])
        note(similarity: measured[.similarity], penaltyNorm: measured.norm(.penaltySquare), beta: measured[.beta])
        if measured[.penaltySquare] > 0 { note(curvature: measured[.curvature] / measured[.penaltySquare]) }
        return measured
    }

    // MARK: Exact

    private func exactPenalty(_ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        let keeps = settings.refreshEvery > 1
        var outputs = ["direction": try vector("direction")]
        if keeps { outputs["correction"] = try vector("correction") }
        let measured = try evaluate(.penalty(keepsCorrection: keeps), forget, retain, outputs)
        note(similarity: measured[.similarity], penaltyNorm: measured.norm(.directionSquare), beta: measured[.beta])
        return measured
    }

    // MARK: Cheaper

    /// g_f − β·C with the correction C of an earlier step.
    private func ascentWithKeptCorrection(_ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        let direction = try vector("direction")
        let measured = try evaluate(.forgetGradient, forget, retain, ["forgetGradient": direction])
        try vectors.add(-state.beta, vector("correction"), to: direction)
        return measured
    }

    /// ∇Φ with H·u by differences of gradients along u_f and u_r.
    private func differencePenalty(_ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        let (direction, correction) = (try vector("direction"), try vector("correction"))
        let (retainGradient, moved) = (try vector("retainGradient"), try vector("movedGradient"))
        let directions = try pairOfDirections()
        let measured = try evaluate(
            .directions, forget, retain,
            ["forgetGradient": direction, "retainGradient": retainGradient, "directions": directions])
        guard measured.isFinite else { return measured }
        try vectors.scale(0, correction)
        let count = parameters.count
        let origin = try vector("origin")
        try vectors.copy(parameters, to: origin)
        let roles: [(ObjectivePlan, String, Buffer)] = [
            (.forgetGradient, "forgetGradient", direction), (.retainGradient, "retainGradient", retainGradient),
        ]
        for (row, (plan, output, base)) in roles.enumerated() {
            let square = try vectors.dot(directions, directions, count: count, fromA: row * count, fromB: row * count)
            // A vanishing direction stands for a vanishing product.
            guard square > 0, square.isFinite else { continue }
            let step = Self.differenceStep / square.squareRoot()
            try vectors.add(step, directions, from: row * count, to: parameters)
            _ = try evaluate(plan, forget, retain, [output: moved])
            try vectors.copy(origin, to: parameters)
            if settings.innerForm == .central {
                try vectors.add(1 / (2 * step), moved, to: correction)
                try vectors.add(-step, directions, from: row * count, to: parameters)
                _ = try evaluate(plan, forget, retain, [output: moved])
                try vectors.copy(origin, to: parameters)
                try vectors.add(-1 / (2 * step), moved, to: correction)
            } else {
                try vectors.add(1 / step, moved, to: correction)
                try vectors.add(-1 / step, base, to: correction)
            }
        }
        let size = max(0, try vectors.dot(correction, correction)).squareRoot()
        let beta: Double =
            switch settings.beta {
            case .absolute(let value): value
            case .relative(let value): size > 1e-20 ? value * measured.norm(.forgetSquare) / size : 0
            }
        try vectors.add(-beta, correction, to: direction)
        let norm = max(0, try vectors.dot(direction, direction)).squareRoot()
        note(similarity: measured[.similarity], penaltyNorm: norm, beta: beta)
        return measured
    }

    /// ∇F with ∇²Φ·v as a difference of ∇Φ along v.
    private func differenceRestore(_ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        let (direction, origin, penalty) = (try vector("direction"), try vector("origin"), try vector("penaltyGradient"))
        let before = try innerPenalty(forget, retain)
        guard before.isFinite else { return before }
        try vectors.copy(direction, to: penalty)
        try vectors.copy(parameters, to: origin)
        let norm = max(0, try vectors.dot(penalty, penalty)).squareRoot()
        var product = 0.0
        if norm > 1e-20 {
            let step = Self.differenceStep / norm
            try vectors.add(step, penalty, to: parameters)
            let here = (state.beta, state.tally.similarity, state.tally.penaltyNorm)
            _ = try innerPenalty(forget, retain)
            (state.beta, state.tally.similarity, state.tally.penaltyNorm) = here
            try vectors.copy(origin, to: parameters)
            try vectors.add(-1, penalty, to: direction)
            try vectors.scale(1 / step, direction)
            note(curvature: try vectors.dot(penalty, direction) / (norm * norm))
            product = max(0, try vectors.dot(direction, direction)).squareRoot()
        }
        let measured = try evaluate(.retainGradient, forget, retain, ["retainGradient": vector("retainGradient")])
        let weight: Double =
            switch settings.rho {
            case .absolute: state.rho
            case .relative: product > 1e-20 ? state.rho * measured.norm(.retainSquare) / (2 * product) : 0
            }
        try vectors.scale(2 * weight, direction)
        try vectors.add(1, vector("retainGradient"), to: direction)
        return measured
    }

    private func innerPenalty(_ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        settings.innerForm == .exact ? try exactPenalty(forget, retain) : try differencePenalty(forget, retain)
    }

    /// Length of the step over which differences are taken, in the norm of θ's space.
    private static var differenceStep: Double { 1e-2 }

    private func pairOfDirections() throws(UnlearningError) -> Buffer {
        try vector("directions", count: 2 * parameters.count)
    }

    /// The loss that a level's step moves, where the parameters are now.
    func loss(_ level: Level, _ forget: Loss.Batch, _ retain: Loss.Batch) throws(UnlearningError) -> Measured {
        try evaluate(level == .inner ? .forgetLoss : .retainLoss, forget, retain, [:])
    }

    // MARK: Running

    private func evaluate(
        _ plan: ObjectivePlan, _ forget: Loss.Batch, _ retain: Loss.Batch, _ outputs: [String: Buffer]
    ) throws(UnlearningError) -> Measured {
        let shapes = (forget: loss.shape(of: forget), retain: loss.shape(of: retain))
        var shared = outputs
        shared["theta"] = parameters
        let runner = try plans.runner(plan, shapes.forget, shapes.retain, shared: shared)
        var scalars = ObjectivePlan.Scalars(cap: settings.termCap, beta: settings.beta.value, rho: state.rho)
        if case .perExample(let target) = settings.forgetTarget { scalars.target = target }
        let inputs = plan.inputs(loss, forget: forget, retain: retain, scalars)
        try UnlearningError.models { () throws(ModelError) in try runner.run(inputs) }
        spend(plan.gradientEquivalents)
        return try Measured(runner)
    }
}
