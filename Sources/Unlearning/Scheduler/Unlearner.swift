import Backends
import Data
import Graph
import Inference

/// The bi-level scheduler: a state machine that alternates ascent on Φ and descent on F.
///
/// One code path serves every model and backend. `advance()` makes one transition; between transitions the run can be saved and
/// later resumed to the same bytes. Used from one thread at a time.
public final class Unlearner<Loss: ExampleLoss> {
    /// Where the run stands: with the vectors, all that a checkpoint holds.
    public internal(set) var state: RunState
    /// What decides the run.
    public let settings: UnlearningSettings
    /// θ on the device, changed in place.
    public let parameters: any Buffer

    let forget: ExampleSet<Loss.Batch>
    let retain: ExampleSet<Loss.Batch>
    /// Other answers to the forget set's questions, as many to each.
    let alternatives: ExampleSet<Loss.Batch>?
    let parts: RunParts<Loss>
    /// Within one transition: its step was the last that could be found.
    private var isExhausted = false

    /// Prepares a run that starts at the parameters' present values. Gradient ascent needs no retain set: it may be empty.
    /// - Parameters:
    ///   - alternatives: other answers to the forget set's questions, in its order: those of the first round through the set, then those
    ///     of the second, and so on. Only for methods that ask for them.
    ///   - reference: a model that never saw the forget set, for methods that compare with one.
    /// - Throws: `UnlearningError.setting` or `.emptySet` before anything is touched; `.backend` if memory is short.
    public init(
        _ loss: Loss, _ parameters: any Buffer, forget: ExampleSet<Loss.Batch>, retain: ExampleSet<Loss.Batch>,
        alternatives: ExampleSet<Loss.Batch>? = nil, reference: ReferenceModel<Loss>? = nil, _ settings: UnlearningSettings,
        on backend: any Backend
    ) throws {
        try settings.validate()
        guard forget.count > 0 else { throw UnlearningError.emptySet(role: "forget") }
        guard retain.count > 0 || !settings.method.usesRetain else { throw UnlearningError.emptySet(role: "retain") }
        let needs = settings.needs
        if needs.alternatives {
            guard let alternatives, alternatives.count > 0 else { throw UnlearningError.emptySet(role: "alternatives") }
            guard alternatives.count % forget.count == 0 else {
                throw UnlearningError.setting(
                    name: "alternatives",
                    problem: "must be as many for each forget example, but \(alternatives.count) stand for \(forget.count)")
            }
        }
        guard !needs.frozen.contains(.reference) || reference != nil else {
            throw UnlearningError.setting(
                name: "reference", problem: "is missing: \(settings.method.name) compares with a model that never saw the forget set")
        }
        if needs.needsChoices || needs.states {
            let theta = ComputationGraph().input("theta", .real, [loss.parameterCount])
            let scores = loss.scores(theta, loss.shape(of: forget.makeBatch([0])), role: "forget")
            let lacks = [
                (needs.needsChoices && scores.choices == nil, "classes to choose among"), (needs.states && scores.states == nil, "states"),
            ]
            if let (_, missing) = lacks.first(where: \.0) {
                throw UnlearningError.lacking(missing)
            }
        }
        let blurred = needs.frozen.contains(.blurred) ? try Self.blurred(loss, settings.method) : nil
        self.settings = settings
        self.parameters = parameters
        self.forget = forget
        self.retain = retain
        self.alternatives = alternatives
        state = RunState(settings, forgetExamples: forget.count)
        let memory = try RunMemory(parameters, settings, on: backend)
        var frozen: [FrozenModel: ReferenceModel<Loss>] = [:]
        if needs.frozen.contains(.original) { frozen[.original] = ReferenceModel(loss, memory["original"]) }
        if let reference { frozen[.reference] = reference }
        if needs.frozen.contains(.states) { frozen[.states] = ReferenceModel(loss, memory["original"]) }
        if let blurred { frozen[.blurred] = ReferenceModel(blurred, memory["original"]) }
        parts = RunParts(
            loss: loss, plans: PlanCache(loss, backend, settings.objectiveOptions), memory: memory,
            frozen: FrozenLogits(frozen, on: backend))
        for name in ["good", "original"] where memory.named[name] != nil { try memory.vectors.copy(parameters, to: memory[name]) }
    }

    private static func blurred(_ loss: Loss, _ method: UnlearningMethod) throws(UnlearningError) -> Loss {
        guard let attentive = loss as? any AttentiveLoss,
            let blurred = attentive.blurred(by: method.needs.attentionTemperature) as? Loss
        else { throw .setting(name: "method", problem: "is \(method.name), which needs a model with attention") }
        return blurred
    }

    var loss: Loss { parts.loss }
    var plans: PlanCache<Loss> { parts.plans }
    var memory: RunMemory { parts.memory }

    var vectors: DeviceVectors { memory.vectors }

    /// Bytes held on the device: vectors and the largest plan's workspace.
    var bytes: Int { memory.bytes + state.workspace }

    func restoreState(_ saved: RunState) { state = saved }

    /// Runs until the end, passing on every event.
    public func run(_ handle: (UnlearningEvent) throws -> Void = { _ in }) throws {
        while !state.isFinished { for event in try advance() { try handle(event) } }
    }

    /// Makes one transition: a step, or the end of a round.
    public func advance() throws -> [UnlearningEvent] {
        let clock = ContinuousClock()
        let start = clock.now
        let equivalents = state.gradientEquivalents
        var events: [UnlearningEvent] = []
        if state.originalSums == nil, settings.method.needs.originalSums, !state.isFinished { try measureOriginal() }
        if isAtStart { try begin() }
        switch state.phase {
        case .finished: return []
        case .inner(let step) where step >= settings.innerSteps || state.isReleased: state.phase = .outer(0)
        case .inner(let step): events = try takeInnerStep(step)
        case .outer(let step) where step < outerSteps: events = try takeOuterStep(step)
        case .outer: break
        }
        let seconds = (clock.now - start).seconds
        state.seconds += seconds
        state.workspace = max(state.workspace, plans.largestWorkspace)
        state.tally.seconds += seconds
        state.tally.gradientEquivalents += state.gradientEquivalents - equivalents
        if case .outer(let step) = state.phase, step >= outerSteps { events += try closeRound() }
        return events
    }

    /// K, the most rounds.
    public var roundCount: Int { settings.roundCount(forgetExamples: forget.count) }

    /// The share of all rounds' steps of the level in turn that are taken, from 0.
    var progress: Double {
        switch state.phase {
        case .inner(let step): share(step, of: settings.innerSteps)
        case .outer(let step): share(step, of: outerSteps)
        case .finished: 1
        }
    }

    private func share(_ step: Int, of steps: Int) -> Double {
        (Double(state.round) + Double(step) / Double(max(1, steps))) / Double(roundCount)
    }

    private var outerSteps: Int { settings.levels.contains(.outer) ? settings.outerSteps : 0 }

    // MARK: Steps

    /// The next batches, and what a direction needs beside them.
    func nextBatches(_ level: Level = .inner) -> BatchPair<Loss> {
        let f = state.forgetCursor.next(settings.forgetBatch, of: forget.count)
        let r = state.retainCursor.next(settings.retainBatch, of: retain.count)
        return batchPair(f, r, level)
    }

    /// The examples at these positions of the two sets.
    /// - Parameter other: takes the place of the forget set.
    func batchPair(_ f: [Int], _ r: [Int], _ level: Level = .inner, from other: ExampleSet<Loss.Batch>? = nil) -> BatchPair<Loss> {
        let count = settings.slices(forget: f.count, retain: r.count)
        let part = { (places: [Int], index: Int) in Array(places[places.count * index / count..<places.count * (index + 1) / count]) }
        let slices = count > 1 ? (0..<count).map { makePair(part(f, $0), part(r, $0), level, from: other) } : []
        return makePair(f, r, level, from: other, slices: slices)
    }

    private func makePair(
        _ f: [Int], _ r: [Int], _ level: Level, from other: ExampleSet<Loss.Batch>? = nil, slices: [BatchPair<Loss>] = []
    ) -> BatchPair<Loss> {
        let tally = state.tally
        var places = BatchPlaces(forget: f, retain: r)
        var sums: [String: [Double]] = [:]
        if let known = state.originalSums, other == nil { sums["forget"] = f.map { known[$0] } }
        var alternative: Loss.Batch?
        if let alternatives, settings.method.needs.alternatives, other == nil {
            // Each time round the set the next of a question's alternatives.
            let turn = state.forgetCursor.epoch % (alternatives.count / forget.count)
            places.alternative = f.map { $0 + turn * forget.count }
            alternative = alternatives.makeBatch(places.alternative)
            if let known = state.alternativeSums { sums["alternative"] = places.alternative.map { known[$0] } }
        }
        return BatchPair(
            (other ?? forget).makeBatch(f), retain.makeBatch(r), alternative: alternative, places: places, originalSums: sums,
            initialRetainLoss: state.initialRetainLoss, settings, rho: state.rho * Double(settings.stationarityEvery),
            step: level == .inner ? state.innerSteps : state.outerSteps,
            notes: StepNotes(
                similarity: tally.similarity, penaltyNorm: tally.penaltyNorm, curvature: tally.curvature, beta: state.beta,
                multiplier: state.multiplier, progress: progress),
            parts: parts, slices: slices)
    }

    private func note(_ batch: BatchPair<Loss>) {
        let notes = batch.notes
        (state.tally.similarity, state.tally.penaltyNorm, state.tally.curvature) = (
            notes.similarity, notes.penaltyNorm, notes.curvature
        )
        (state.beta, state.multiplier) = (notes.beta, notes.multiplier)
        state.gradientEquivalents += batch.cost
    }

    private func takeInnerStep(_ step: Int) throws -> [UnlearningEvent] {
        let batch = nextBatches()
        let measured = try settings.innerDirection.find(batch)
        guard measured.isFinite else { return try rollBack(batch) }
        // Only here is it known that the round before ended where losses are finite.
        if step == 0 { try vectors.copy(parameters, to: memory["good"]) }
        // What counts as kept is what was there before the first step.
        if state.initialRetainLoss == nil, measured.retainLosses.isEmpty, settings.method.usesRetain {
            state.initialRetainLoss = try batch.evaluate(.retainLoss)[.retainLoss]
        }
        if !batch.notes.isExhausted { try take(.inner, measured, batch) }
        note(batch)
        if settings.method.usesForget { noteForget(measured, batch.places.forget) }
        if !measured.retainLosses.isEmpty { noteRetain(measured) }
        if batch.notes.isExhausted {
            // The same transition closes the round.
            (isExhausted, state.phase) = (true, .outer(outerSteps))
            return []
        }
        state.phase = .inner(step + 1)
        guard settings.method.usesForget else {
            return [.outerStep(round: state.round, step: step, retainLoss: measured[.retainLoss])]
        }
        var events: [UnlearningEvent] = [
            .innerStep(
                round: state.round, step: step, forgetLoss: measured[.forgetLoss], similarity: batch.notes.similarity)
        ]
        if case .mean(let target) = settings.forgetTarget, !state.isReleased, runningForgetLoss >= target {
            state.isReleased = true
            events.append(.released(round: state.round))
        }
        return events
    }

    private func takeOuterStep(_ step: Int) throws -> [UnlearningEvent] {
        guard let direction = settings.outerDirection(isReleased: state.isReleased) else { return [] }
        let batch = nextBatches(.outer)
        let measured = try direction.find(batch)
        guard measured.isFinite else { return try rollBack(batch) }
        try take(.outer, measured, batch)
        note(batch)
        noteRetain(measured)
        state.phase = .outer(step + 1)
        return [.outerStep(round: state.round, step: step, retainLoss: measured[.retainLoss])]
    }

    /// - Parameter batch: the one that met the numbers; its work is paid for.
    private func rollBack(_ batch: BatchPair<Loss>? = nil) throws -> [UnlearningEvent] {
        state.rollbacks += 1
        isExhausted = false
        state.gradientEquivalents += batch?.cost ?? 0
        // Also a run that is given up leaves usable parameters behind.
        try vectors.copy(memory["good"], to: parameters)
        guard state.rollbacks <= settings.mostRollbacks else {
            throw UnlearningError.diverged(round: state.round, attempts: state.rollbacks)
        }
        for level in settings.levels where settings.rule(level).usesMoments { try forgetMoments(level) }
        state.damping /= 2
        state.phase = .inner(0)
        state.tally = RoundTally()
        return [.rolledBack(round: state.round, damping: state.damping)]
    }

    // MARK: Rounds

    private var runningForgetLoss: Double {
        let recent = state.tally.forgetLosses
        return recent.reduce(0, +) / Double(max(1, recent.count))
    }

    private func noteForget(_ measured: Measured, _ places: [Int]) {
        state.tally.forgetLosses.append(measured[.forgetLoss])
        for (place, loss) in zip(places, measured.forgetLosses) { state.lastForgetLosses[place] = Double(loss) }
        for (place, target) in zip(places, measured.forgetTargets) { state.referenceLosses[place] = Double(target) }
        state.tally.forgetNorm = measured.norm(.forgetSquare)
    }

    private func noteRetain(_ measured: Measured) {
        let loss = measured[.retainLoss]
        if state.initialRetainLoss == nil { state.initialRetainLoss = loss }
        state.retainAverage = state.retainAverage.map { 0.9 * $0 + 0.1 * loss } ?? loss
        state.tally.retainLosses.append(loss)
        state.tally.retainNorm = measured.norm(.retainSquare)
    }

    /// The share of forget examples that count as forgotten by their loss when last seen.
    private var reachedShare: Double {
        let reached = zip(state.lastForgetLosses, state.referenceLosses).count { loss, reference in
            guard let loss, let enough = settings.forgetTarget.enough(reference: reference) else { return false }
            return loss >= enough
        }
        return Double(reached) / Double(max(1, forget.count))
    }

    /// L_r up to which it counts as kept.
    private var keptLoss: Double { max(settings.retainFloor, settings.retainTolerance * (state.initialRetainLoss ?? 0)) }

    /// What is missing, in words, where the rounds came to their end before the target was held; nil for any other run.
    public var shortfall: String? {
        guard case .finished(.unmet) = state.phase else { return nil }
        let number = { (value: Double) in "\((1000 * value).rounded() / 1000)" }
        let missing =
            switch settings.forgetTarget {
            case .perExample, .reference:
                "\(Int((reachedShare * Double(forget.count)).rounded())) of \(forget.count) forget examples had a loss of "
                    + "\(settings.forgetTarget.enough().map { "\(number($0)) nats" } ?? "three quarters of the reference's") "
                    + "or more when last seen"
            case .none, .mean:
                "the mean forget loss of the last round was \(number(state.history.last?.forgetLoss ?? 0)) nats"
            }
        return "The forget target was not reached in \(state.round) rounds: \(missing), and the retain loss was about "
            + "\(number(state.retainAverage ?? 0)) where \(number(keptLoss)) counts as kept."
    }

    private func closeRound() throws -> [UnlearningEvent] {
        // A step may have left numbers that only the next one would meet.
        guard try vectors.dot(parameters, parameters).isFinite else { return try rollBack() }
        let tally = state.tally
        let mean = { (values: [Double]) in values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
        let record = RoundRecord(
            round: state.round, forgetLoss: mean(tally.forgetLosses), retainLoss: mean(tally.retainLosses),
            saturatedShare: reachedShare, similarity: tally.similarity,
            forgetGradientNorm: tally.forgetNorm, retainGradientNorm: tally.retainNorm,
            penaltyGradientNorm: tally.penaltyNorm, outerGradientNorm: tally.outerNorm, curvature: tally.curvature,
            rho: state.rho, beta: state.beta, multiplier: state.multiplier, innerStep: tally.innerFactor, outerStep: tally.outerFactor,
            gradientEquivalents: tally.gradientEquivalents, seconds: tally.seconds, bytes: bytes,
            isReleased: state.isReleased)
        state.history.append(record)
        state.rho = min(settings.rhoGrowth * state.rho, max(settings.rhoLimit, settings.rho.value))
        state.rollbacks = 0
        state.round += 1
        state.tally = RoundTally()
        let holds =
            switch settings.forgetTarget {
            case .none: false
            case .perExample, .reference: record.saturatedShare >= 0.95
            case .mean: state.isReleased
            }
        state.heldRounds = holds && (state.retainAverage ?? 0) <= keptLoss ? state.heldRounds + 1 : 0
        if state.heldRounds >= settings.holdRounds {
            state.phase = .finished(.target)
        } else if isExhausted {
            state.phase = .finished(.exhausted)
        } else if settings.gradientTolerance > 0, outerSteps > 0, let norm = record.outerGradientNorm,
            norm <= settings.gradientTolerance
        {
            state.phase = .finished(.stationary)
        } else if state.round >= roundCount {
            state.phase = .finished(settings.forgetTarget == .none || state.heldRounds > 0 ? .rounds : .unmet)
        } else {
            state.phase = .inner(0)
        }
        var events: [UnlearningEvent] = [.round(record)]
        if case .finished(let reason) = state.phase {
            try finish()
            events.append(.finished(reason))
        }
        return events
    }
}
