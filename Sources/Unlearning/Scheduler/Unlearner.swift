import Backends
import Graph
import Models

/// The bi-level scheduler: a state machine that alternates ascent on Φ and descent on F.
///
/// One code path serves every model and backend. `advance()` makes one transition; between transitions the run can be saved and
/// later resumed to the same bytes. Used from one thread at a time.
public final class Unlearner<Loss: ExampleLoss> {
    public internal(set) var state: RunState
    public let settings: UnlearningSettings
    /// θ on the device, changed in place.
    public let parameters: Buffer

    let forget: ExampleSet<Loss.Batch>
    let retain: ExampleSet<Loss.Batch>
    let loss: Loss
    let vectors: DeviceVectors
    let plans: PlanCache<Loss>
    /// Vectors by the names under which plans and checkpoints know them.
    private(set) var named: [String: Buffer]

    /// Prepares a run that starts at the parameters' present values. Gradient ascent needs no retain set: it may be empty.
    /// - Throws: `UnlearningError.setting` or `.emptySet` before anything is touched; `.backend` if memory is short.
    public init(
        _ loss: Loss, _ parameters: Buffer, forget: ExampleSet<Loss.Batch>, retain: ExampleSet<Loss.Batch>,
        _ settings: UnlearningSettings, on backend: any Backend
    ) throws(UnlearningError) {
        try settings.validate()
        guard forget.count > 0 else { throw .emptySet(role: "forget") }
        guard retain.count > 0 || !settings.method.usesRetain else { throw .emptySet(role: "retain") }
        self.loss = loss
        self.settings = settings
        self.parameters = parameters
        self.forget = forget
        self.retain = retain
        state = RunState(settings)
        vectors = try DeviceVectors(backend, count: parameters.count)
        let saturates = if case .perExample = settings.forgetTarget { true } else { false }
        plans = PlanCache(
            loss, backend,
            ObjectiveOptions(
                similarity: settings.similarity, beta: settings.beta, rho: settings.rho, saturates: saturates,
                capsTerms: settings.termCap != nil))
        named = ["theta": parameters]
        for name in Self.vectorNames(settings) { named[name] = try vectors.make(parameters.count) }
        if let good = named["good"] { try vectors.copy(parameters, to: good) }
    }

    /// The vectors a run holds besides θ.
    private static func vectorNames(_ settings: UnlearningSettings) -> [String] {
        var names = ["good", "direction"]
        if settings.method == .ofmu, settings.refreshEvery > 1 || settings.innerForm != .exact { names.append("correction") }
        for (level, rule) in [("inner", settings.innerStep), ("outer", settings.outerStep)] where rule.usesMoments {
            names += ["\(level).first", "\(level).second"]
        }
        return names
    }

    /// The vectors that a later step depends on: what a checkpoint holds.
    var persistent: [(name: String, buffer: Buffer)] {
        let kept = named.filter { $0.key == "theta" || $0.key != "direction" && Self.vectorNames(settings).contains($0.key) }
        return kept.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A vector of θ's length, made when first asked for.
    func vector(_ name: String, count: Int? = nil) throws(UnlearningError) -> Buffer {
        if let known = named[name] { return known }
        let made = try vectors.make(count ?? parameters.count)
        named[name] = made
        return made
    }

    /// Bytes held on the device: vectors and the largest plan's workspace.
    var bytes: Int { named.values.reduce(0) { $0 + 4 * $1.count } + state.workspace }

    func restoreState(_ saved: RunState) { state = saved }

    /// Runs until the end, passing on every event.
    public func run(_ handle: (UnlearningEvent) throws(UnlearningError) -> Void = { _ in }) throws(UnlearningError) {
        while !state.isFinished { for event in try advance() { try handle(event) } }
    }

    /// Makes one transition: a step, or the end of a round.
    public func advance() throws(UnlearningError) -> [UnlearningEvent] {
        let clock = ContinuousClock()
        let start = clock.now
        let equivalents = state.gradientEquivalents
        var events: [UnlearningEvent] = []
        switch state.phase {
        case .finished: return []
        case .forget(let step) where step >= settings.innerSteps || state.isReleased: state.phase = .restore(0)
        case .forget(let step): events = try ascend(step)
        case .restore(let step) where step < outerSteps: events = try descend(step)
        case .restore: break
        }
        let duration = (clock.now - start).components
        let seconds = Double(duration.seconds) + 1e-18 * Double(duration.attoseconds)
        state.seconds += seconds
        state.workspace = max(state.workspace, plans.largestWorkspace)
        state.tally.seconds += seconds
        state.tally.gradientEquivalents += state.gradientEquivalents - equivalents
        if case .restore(let step) = state.phase, step >= outerSteps { events += try closeRound() }
        return events
    }

    private var outerSteps: Int { settings.method == .ofmu ? settings.outerSteps : 0 }

    // MARK: Steps

    private func nextBatches() -> (forget: Loss.Batch, retain: Loss.Batch) {
        let f = state.forgetCursor.next(settings.forgetBatch, of: forget.count)
        let r = state.retainCursor.next(settings.retainBatch, of: retain.count)
        return (forget.makeBatch(f), retain.makeBatch(r))
    }

    private func ascend(_ step: Int) throws(UnlearningError) -> [UnlearningEvent] {
        let (forgetBatch, retainBatch) = nextBatches()
        let measured = try innerDirection(forgetBatch, retainBatch)
        guard measured.isFinite else { return try rollBack() }
        // Only here is it known that the round before ended where losses are finite.
        if step == 0 { try vectors.copy(parameters, to: vector("good")) }
        try take(.inner, measured, forgetBatch, retainBatch)
        noteForget(measured)
        if !measured.retainLosses.isEmpty { noteRetain(measured) }
        state.phase = .forget(step + 1)
        var events: [UnlearningEvent] = [
            .forgot(
                round: state.round, step: step, forgetLoss: measured[.forgetLoss], similarity: measured[.similarity])
        ]
        if case .mean(let target) = settings.forgetTarget, !state.isReleased, runningForgetLoss >= target {
            state.isReleased = true
            events.append(.released(round: state.round))
        }
        return events
    }

    private func descend(_ step: Int) throws(UnlearningError) -> [UnlearningEvent] {
        let (forgetBatch, retainBatch) = nextBatches()
        let measured = try outerDirection(forgetBatch, retainBatch)
        guard measured.isFinite else { return try rollBack() }
        try take(.outer, measured, forgetBatch, retainBatch)
        noteRetain(measured)
        state.phase = .restore(step + 1)
        return [.restored(round: state.round, step: step, retainLoss: measured[.retainLoss])]
    }

    private func rollBack() throws(UnlearningError) -> [UnlearningEvent] {
        state.rollbacks += 1
        // Also a run that is given up leaves usable parameters behind.
        try vectors.copy(vector("good"), to: parameters)
        guard state.rollbacks <= settings.mostRollbacks else {
            throw .diverged(round: state.round, attempts: state.rollbacks)
        }
        for name in named.keys where name.hasSuffix(".first") || name.hasSuffix(".second") {
            try vectors.scale(0, vector(name))
        }
        (state.innerMoments, state.outerMoments) = (0, 0)
        state.damping /= 2
        state.phase = .forget(0)
        state.tally = RoundTally()
        return [.rolledBack(round: state.round, damping: state.damping)]
    }

    // MARK: Rounds

    private var runningForgetLoss: Double {
        let recent = state.tally.forgetLosses
        return recent.reduce(0, +) / Double(max(1, recent.count))
    }

    private func noteForget(_ measured: Measured) {
        state.tally.forgetLosses.append(measured[.forgetLoss])
        state.tally.seen += measured.forgetLosses.count
        if let target = settings.forgetTarget.value {
            state.tally.saturated += measured.forgetLosses.count { Double($0) >= target }
        }
        state.tally.forgetNorm = measured.norm(.forgetSquare)
    }

    private func noteRetain(_ measured: Measured) {
        if state.initialRetainLoss == nil { state.initialRetainLoss = measured[.retainLoss] }
        state.tally.retainLosses.append(measured[.retainLoss])
        state.tally.retainNorm = measured.norm(.retainSquare)
    }

    private func closeRound() throws(UnlearningError) -> [UnlearningEvent] {
        // A step may have left numbers that only the next one would meet.
        guard try vectors.dot(parameters, parameters).isFinite else { return try rollBack() }
        let tally = state.tally
        let mean = { (values: [Double]) in values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
        let record = RoundRecord(
            round: state.round, forgetLoss: mean(tally.forgetLosses), retainLoss: mean(tally.retainLosses),
            saturatedShare: tally.seen == 0 ? 0 : Double(tally.saturated) / Double(tally.seen), similarity: tally.similarity,
            forgetGradientNorm: tally.forgetNorm, retainGradientNorm: tally.retainNorm,
            penaltyGradientNorm: tally.penaltyNorm, outerGradientNorm: tally.outerNorm, curvature: tally.curvature,
            rho: state.rho, beta: state.beta, innerStep: tally.innerFactor, outerStep: tally.outerFactor,
            gradientEquivalents: tally.gradientEquivalents, seconds: tally.seconds, bytes: bytes,
            isReleased: state.isReleased)
        state.history.append(record)
        state.rho = min(settings.rhoGrowth * state.rho, max(settings.rhoLimit, settings.rho.value))
        state.rollbacks = 0
        state.round += 1
        state.tally = RoundTally()
        let holds = settings.forgetTarget.value != nil && (record.saturatedShare >= 0.95 || state.isReleased)
        let kept = max(settings.retainFloor, settings.retainTolerance * (state.initialRetainLoss ?? 0))
        state.heldRounds = holds && (record.retainLoss ?? 0) <= kept ? state.heldRounds + 1 : 0
        if state.heldRounds >= settings.holdRounds {
            state.phase = .finished(.target)
        } else if settings.gradientTolerance > 0, outerSteps > 0, record.outerGradientNorm <= settings.gradientTolerance {
            state.phase = .finished(.stationary)
        } else if state.round >= settings.rounds {
            state.phase = .finished(.rounds)
        } else {
            state.phase = .forget(0)
        }
        var events: [UnlearningEvent] = [.round(record)]
        if case .finished(let reason) = state.phase { events.append(.finished(reason)) }
        return events
    }

    // MARK: What directions record

    func spend(_ gradientEquivalents: Double) { state.gradientEquivalents += gradientEquivalents }

    func note(similarity: Double, penaltyNorm: Double? = nil, beta: Double? = nil) {
        state.tally.similarity = similarity
        if let penaltyNorm { state.tally.penaltyNorm = penaltyNorm }
        if let beta { state.beta = beta }
    }

    func note(curvature: Double) { state.tally.curvature = curvature }
}
