import Backends
import Data
import Files
import Inference
import Runs
import Unlearning

/// Unlearns in one cell until its budget is spent.
package struct CellRun {
    private let cell: ComparisonCell
    private let models: SplitModels
    private let place: String
    private let plan: ComparisonPlan

    /// - Parameter place: the method's path in the plan, for messages.
    package init(_ cell: ComparisonCell, _ models: SplitModels, of plan: ComparisonPlan) {
        (self.cell, self.models, self.plan) = (cell, models, plan)
        place = plan.methods.first { $0.label == cell.label }?.place ?? ""
    }

    /// The settings of the cell, for a number of rounds; the plan's own number where it names one.
    private func settings(rounds: Int?) throws -> UnlearningSettings {
        var asked = cell.settings
        asked["method"] = cell.method
        asked["seed"] = String(cell.seed)
        if let rounds, asked["rounds"] == nil, asked["forget-passes"] == nil { asked["rounds"] = String(rounds) }
        do {
            return try UnlearningSettings(asked, isPaper: cell.isPaper, vocabulary: models.trained.model.dimensions.vocabulary)
        } catch {
            throw ComparisonError.plan(file: plan.file, place: place + ".settings", problem: "\(error)")
        }
    }

    /// - Parameter isForecast: the data's own answers stand in for others that are not invented yet: they are as long.
    private func unlearner(
        _ session: LanguageModelSession, rounds: Int?, isForecast: Bool = false
    ) throws -> Unlearner<LanguageModelLoss> {
        let settings = try settings(rounds: rounds)
        let set = { (examples: [TokenExample]) in ExampleSet(examples, context: session.model.dimensions.context) }
        let others = settings.method.needsAlternatives ? try isForecast ? models.forget : models.others(session) : nil
        var reference: ReferenceModel<LanguageModelLoss>?
        if settings.needsReference {
            guard let opened = models.neverSaw ?? (isForecast ? models.trained : nil) else {
                throw ComparisonError.plan(
                    file: plan.file, place: place,
                    problem: "\(cell.method) compares with a model that never saw the forget set, and the split names none.")
            }
            let known = try opened.session(on: session.backend)
            reference = ReferenceModel(known.loss, known.trainable)
        }
        return try Unlearner(
            session.loss, session.trainable, forget: set(models.forget), retain: set(models.retain), alternatives: others.map(set),
            reference: reference, settings, on: session.backend)
    }

    /// What a round takes. Times are measured only where the budget is one of seconds.
    /// - Throws: `ComparisonError.plan` for a budget that one round would go beyond.
    package func forecast(_ session: LanguageModelSession, measures: Bool = false) throws -> RunForecast {
        let isTimed = if case .seconds = cell.budget { true } else { false }
        let forecast = try unlearner(session, rounds: nil, isForecast: true).forecast(measures: measures || isTimed)
        let (needed, unit) = cost(of: forecast)
        if let budget = cell.budget, needed > budget.amount {
            throw ComparisonError.plan(
                file: plan.file, place: "budget",
                problem: "\(budget) cannot be kept by \(place) (\(cell.label), \(cell.settingsText)): its first round takes "
                    + "\(String(format(needed))) \(unit).")
        }
        return forecast
    }

    private func format(_ number: Double) -> String { "\((100 * number).rounded() / 100)" }

    /// Of the first round, in the budget's unit.
    private func cost(of forecast: RunForecast) -> (Double, unit: String) {
        if case .seconds = cell.budget { return (forecast.seconds ?? 0, "s") }
        return (forecast.gradientEquivalents + forecast.once, "gradient-equivalents")
    }

    /// As many rounds as the budget pays for, so that schedules over the rounds end where the budget does.
    private func rounds(_ forecast: RunForecast) -> Int? {
        guard let budget = cell.budget else { return nil }
        let (perRound, once) =
            if case .seconds = budget { (forecast.seconds ?? 0, 0.0) } else { (forecast.gradientEquivalents, forecast.once) }
        guard perRound > 0 else { return nil }
        return max(1, min(1_000_000, Int((budget.amount - once) / perRound)))
    }

    /// Unlearns in the session's parameters. A run ends with the last round that the budget still pays for: never within a round,
    /// which could leave what was pushed away without what brings the rest back.
    /// - Throws: `RunError.interrupted` without saving: a cell is short enough to do again. `UnlearningError` as the method.
    package func run(_ session: LanguageModelSession, _ listener: any JobListener) throws -> CellCost {
        let unlearner = try unlearner(session, rounds: rounds(forecast(session)))
        let label = "\(cell.label), \(cell.settingsText), seed \(cell.seed)"
        try? listener.hear(.began(label, total: unlearner.roundCount, unit: "rounds"))
        defer { try? listener.hear(.ended) }
        var cost = CellCost()
        var lastRound = 0.0
        var before = 0.0
        while !unlearner.state.isFinished {
            if listener.wantsStop { throw RunError.interrupted("Interrupted in \(cell.key). The same command continues with this cell.") }
            let round = unlearner.state.round
            for event in try unlearner.advance() {
                switch event {
                case .innerStep: (cost.steps, cost.forgetSteps) = (cost.steps + 1, cost.forgetSteps + 1)
                case .outerStep: cost.steps += 1
                case .finished(let reason): cost.end = "\(reason)"
                case .round, .rolledBack, .released: break
                }
            }
            guard unlearner.state.round > round else { continue }
            try? listener.hear(.advanced(unlearner.state.round))
            let spent = spent(unlearner.state)
            (lastRound, before) = (spent - before, spent)
            if let budget = cell.budget, spent + lastRound > budget.amount, !unlearner.state.isFinished {
                cost.end = "budget spent"
                break
            }
        }
        (cost.gradientEquivalents, cost.seconds) = (unlearner.state.gradientEquivalents, unlearner.state.seconds)
        cost.rounds = unlearner.state.round
        cost.forgetExamples = cost.forgetSteps * unlearner.settings.forgetBatch
        return cost
    }

    private func spent(_ state: RunState) -> Double {
        if case .seconds = cell.budget { state.seconds } else { state.gradientEquivalents }
    }
}
