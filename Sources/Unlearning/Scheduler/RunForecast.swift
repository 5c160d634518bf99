import Graph
import Inference

/// What a run will take. Bytes, operations and gradient-equivalents follow from the declarations the run itself is made of; times are
/// those of its own steps, tried on batches like the run's and taken back.
public struct RunForecast: Sendable {
    /// The steps of one level.
    package struct Steps: Sendable {
        /// In a round.
        package var count: Int
        /// Of one step, a mean over steps where not every one is alike; nil if none was tried.
        package var seconds: Double?
        /// Of one step.
        package var flops: Double
        /// Of one step: 1 = forward and backward over one batch.
        package var gradientEquivalents: Double
        /// Workspace of the largest plan.
        package var bytes: Int
    }

    package var rounds: Int
    package var inner: Steps
    /// Nil where the method has no outer level.
    package var outer: Steps?
    /// Bytes of the vectors, in bytes; frozen parameters not counted.
    package var vectorBytes: Int
    /// Gradient-equivalents spent once, before the first step: on its rate, and on what objectives compare with.
    package var once: Double

    var levels: [Steps] { [inner] + (outer.map { [$0] } ?? []) }

    /// Device memory: the vectors and the largest workspace, as `RoundRecord.bytes`.
    package var bytes: Int { vectorBytes + (levels.map(\.bytes).max() ?? 0) }
    /// Of a round.
    package var gradientEquivalents: Double { levels.reduce(0) { $0 + Double($1.count) * $1.gradientEquivalents } }
    /// Of a round; nil if no step was tried.
    package var seconds: Double? {
        levels.reduce(0) { (sum: Double?, level) in
            guard let sum, let seconds = level.seconds else { return nil }
            return sum + Double(level.count) * seconds
        }
    }
}

extension Unlearner {
    /// What this run will take. θ, the state and what is kept are as before when it returns.
    /// - Parameter measures: try a step of each kind, twice, for its time.
    package func forecast(measures: Bool) throws -> RunForecast {
        let saved = state
        defer { state = saved }
        if settings.method.needs.originalSums { try measureOriginal() }
        let shapes = typicalShapes()
        var result = RunForecast(
            rounds: roundCount, inner: try declared(.inner, settings.innerDirection, times: settings.innerSteps, shapes.largest),
            vectorBytes: memory.bytes, once: onceCost)
        if let direction = settings.outerDirection() {
            result.outer = try declared(.outer, direction, times: settings.outerSteps, shapes.largest)
        }
        guard measures else { return result }
        result.inner.seconds = try timed(.inner, settings.innerDirection, shapes.usual)
        if let direction = settings.outerDirection() { result.outer?.seconds = try timed(.outer, direction, shapes.usual) }
        return result
    }

    /// Some ten trials of a rate, most of which look at both batches, and a look at every example that is compared with a frozen model, each a third of a gradient-equivalent.
    private var onceCost: Double {
        let looks = { (count: Int, batch: Int) in (count + batch - 1) / batch }
        let (method, forgetLooks) = (settings.method, looks(forget.count, settings.forgetBatch))
        var all = settings.innerStep.triesSteps ? (method.usesRetain ? 16 : 10) : 0
        if method.needs.originalSums {
            all += forgetLooks + (method.needs.alternatives ? looks(alternatives?.count ?? 0, settings.forgetBatch) : 0)
        }
        all += method.forget.needs.frozen.count * forgetLooks
        all += (method.retain?.needs.frozen.count ?? 0) * looks(retain.count, settings.retainBatch)
        return Double(all) / 3
    }

    private func declared(
        _ level: Level, _ direction: any Direction, times count: Int, _ batch: BatchPair<Loss>
    ) throws -> RunForecast.Steps {
        let work = direction.work + settings.rule(level).work(level)
        var steps = RunForecast.Steps(count: count, flops: 0, gradientEquivalents: work.gradientEquivalents(settings.method), bytes: 0)
        for use in work + settings.rule(level).trials(usesRetain: settings.method.usesRetain) {
            let slice = batch.slices.max { $0.places.forget.count < $1.places.forget.count } ?? batch
            let plan = try use.plan.compile(
                loss, forget: loss.shape(of: slice.forget), retain: loss.shape(of: slice.retain),
                alternative: slice.alternative.map { loss.shape(of: $0) }, settings.objectiveOptions)
            steps.flops += use.times * Double(plan.flops) * Double(max(1, batch.slices.count))
            steps.bytes = max(steps.bytes, plan.byteCount)
        }
        return steps
    }

    /// Seconds of a step, where each kind of step within a cycle is taken twice and timed the second time.
    private func timed(
        _ level: Level, _ direction: any Direction, _ batch: BatchPair<Loss>
    ) throws -> Double {
        let saved = state
        try vectors.copy(parameters, to: memory["good"])
        var total = 0.0
        let clock = ContinuousClock()
        for kind in 0..<min(2, direction.cycle) {
            var seconds = 0.0
            for _ in 0..<2 {
                let start = clock.now
                let step = batch.again(step: kind)
                let measured = try direction.find(step)
                // The rate is found once a run, not once a step.
                if settings.rule(level).triesSteps { state.innerRate = state.innerRate ?? 1e-30 }
                try take(level, measured, step)
                _ = try vectors.dot(parameters, parameters)
                seconds = (clock.now - start).seconds
                try vectors.copy(memory["good"], to: parameters)
            }
            // The first kind comes once in a cycle, the second in all its other places.
            let share = kind == 0 ? 1 : direction.cycle - 1
            total += seconds * Double(share) / Double(direction.cycle)
        }
        if settings.rule(level).usesMoments { try forgetMoments(level) }
        state = saved
        return total
    }

    /// Batches of the run's first rounds: one of the usual size, and one as large as any.
    private func typicalShapes() -> (usual: BatchPair<Loss>, largest: BatchPair<Loss>) {
        let saved = state
        defer { state = saved }
        let epoch = max(forget.count / settings.forgetBatch, retain.count / settings.retainBatch) + 1
        let pairs = (0..<min(64, epoch)).map { _ in nextBatches() }
        let size = { (pair: BatchPair<Loss>) in
            let (f, r) = (self.loss.shape(of: pair.forget), self.loss.shape(of: pair.retain))
            return f.examples * f.length + r.examples * r.length
        }
        let sorted = pairs.sorted { size($0) < size($1) }
        return (sorted[sorted.count / 2], sorted[sorted.count - 1])
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + 1e-18 * Double(components.attoseconds) }
}
