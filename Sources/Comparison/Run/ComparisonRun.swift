import Backends
import Files
import Inference
import Models
import Reporting
import Runs
import Unlearning

/// A comparison: makes the models that are missing, then does cell after cell. What is done stays done; the same call continues.
package struct ComparisonRun {
    package let plan: ComparisonPlan
    private let data: [SplitData]
    private let listener: any JobListener

    /// Reads the plan's data; makes and writes nothing.
    /// - Throws: an error that names the file, row or key that is wrong.
    package init(_ plan: ComparisonPlan, _ listener: any JobListener = SilentListener()) throws {
        self.plan = plan
        self.listener = listener
        data = try plan.splits.map { try SplitData($0, of: plan) }
    }

    /// The file of results.
    package static func results(of plan: ComparisonPlan) -> String { joinPath(plan.out, "results.sqlite") }

    private var maker: ModelMaker { ModelMaker(plan, data, listener) }

    // MARK: Forecast

    /// A kind of cell as a dry run shows it.
    package struct Forecast {
        package var cell: ComparisonCell
        /// Nil where no model is there yet.
        package var cost: RunForecast?
    }

    /// The cells of the first seed and what a round of each takes; nothing is written.
    package func forecasts(on backend: any Backend) throws -> [Forecast] {
        try plan.splits.indices.flatMap { index -> [Forecast] in
            let cells = plan.cells.filter { $0.split == plan.splits[index].name && ($0.role != .unlearned || $0.seed == plan.seeds[0]) }
            let places = maker.places(data[index])
            // All models of a plan have one shape: before training, the base says what steps will take.
            let known = [places.trained, maker.base ?? ""].first { !$0.isEmpty && FileSystem.entry(at: $0) != nil }
            guard let known else { return cells.map { Forecast(cell: $0) } }
            let models = try SplitModels(.init(trained: known, references: []), data[index], plan)
            let session = try models.trained.session(on: backend)
            return try cells.map { cell in
                guard cell.role == .unlearned else { return Forecast(cell: cell) }
                do {
                    return Forecast(cell: cell, cost: try CellRun(cell, models, of: plan).forecast(session, measures: true))
                } catch let error as UnlearningError {
                    listener.note("\(cell.key): \(error)")
                    return Forecast(cell: cell)
                }
            }
        }
    }

    // MARK: The work

    /// What a call did.
    package struct Outcome: Hashable, Sendable {
        package var done = 0
        /// Done by earlier calls.
        package var kept = 0
        /// Begun by a call that was killed, and done again.
        package var redone = 0
        package var failed = 0

        package init(done: Int = 0, kept: Int = 0, redone: Int = 0, failed: Int = 0) {
            (self.done, self.kept, self.redone, self.failed) = (done, kept, redone, failed)
        }
    }

    /// Does all cells that are not done.
    /// - Parameters:
    ///   - extends: whether results of a plan with other methods and seeds may be added to.
    ///   - most: stop after this many cells; nil for all.
    /// - Throws: `RunError.interrupted`, after which the same call continues; `ComparisonError`.
    package func run(on backend: any Backend, extends: Bool = false, most: Int? = nil) throws -> Outcome {
        try FileSystem.createFolder(plan.out)
        let facts = [
            "name": plan.name, "version": Version.text, "samples": String(plan.judging.samples),
            SelectionRule.seedsFact: plan.searched.map(String.init).joined(separator: " "),
            "plan_text": try readText(plan.file, for: .configuration),
        ]
        let store = try ResultStore(path: Self.results(of: plan), plan.identity(data), facts: facts, extends: extends)
        try maker.make(on: backend)
        var outcome = Outcome()
        for split in data {
            let bench = SplitBench(split, on: backend) { try SplitModels(maker.places(split), split, plan) }
            let cells = plan.cells.filter { $0.split == split.split.name }
            guard try work(cells, bench, in: store, most: most, counting: &outcome) else { return outcome }
            let rest = try afterSearch(split.split, store)
            guard try work(rest, bench, in: store, most: most, counting: &outcome) else { return outcome }
        }
        return outcome
    }

    /// The cells that follow from what the search found.
    private func afterSearch(_ split: SplitPlan, _ store: ResultStore) throws -> [ComparisonCell] {
        guard plan.searchSeeds < plan.seeds.count else { return [] }
        let stored = try store.cells().filter { $0.cell.split == split.name }
        let reference = SplitReference(stored, split: split.name)
        return plan.cellsAfterSearch(split) { method, budget in
            let own = stored.filter { $0.cell.label == method.label && $0.cell.budget == budget && plan.searched.contains($0.cell.seed) }
            let rows = method.grid.map { settings in ComparisonRow(own.filter { $0.cell.settings == settings }, against: reference) }
            return SelectionRule.best(rows.filter { !$0.cells.isEmpty })?.cells.first?.cell.settings
        }
    }

    /// Does those of the cells that are not done.
    /// - Returns: whether all are.
    private func work(
        _ cells: [ComparisonCell], _ bench: SplitBench, in store: ResultStore, most: Int?, counting outcome: inout Outcome
    ) throws -> Bool {
        let statuses = try store.statuses()
        let open = cells.filter { statuses[$0.key] != .done && statuses[$0.key] != .failed }
        outcome.kept += cells.count - open.count
        if open.isEmpty { return true }
        try check(cells, bench)
        for cell in open {
            if let most, outcome.done + outcome.failed >= most { return false }
            if statuses[cell.key] == .running {
                listener.note("\(cell.key): begun by a call that did not end; done again")
                outcome.redone += 1
            }
            if try work(cell, bench, store) { outcome.done += 1 } else { outcome.failed += 1 }
        }
        return true
    }

    /// Finds budgets that cannot be kept before anything is spent.
    private func check(_ cells: [ComparisonCell], _ bench: SplitBench) throws {
        let models = try bench.models()
        let session = try models.trained.session(on: bench.backend)
        for cell in cells where cell.role == .unlearned && cell.seed == plan.seeds[0] {
            if case .seconds = cell.budget { continue }
            // What a method lacks is its cells' result, and does not stop the others.
            do { _ = try CellRun(cell, models, of: plan).forecast(session) } catch is UnlearningError {}
        }
    }

    /// - Returns: whether the cell has a result.
    private func work(_ cell: ComparisonCell, _ bench: SplitBench, _ store: ResultStore) throws -> Bool {
        try store.begin(cell)
        let session = try bench.session(cell)
        var cost = CellCost()
        if cell.role == .unlearned {
            do {
                cost = try CellRun(cell, bench.models(), of: plan).run(session, listener)
            } catch let error as UnlearningError {
                return try fail(cell, "\(error)", cost, in: store)
            } catch RunError.badInput(let problem) {
                // Rows that no other answers can be invented for.
                return try fail(cell, problem, cost, in: store)
            }
        }
        if listener.wantsStop { throw RunError.interrupted("Interrupted before \(cell.key) was measured. The same command continues.") }
        if plan.keepsModels, cell.role == .unlearned { try keep(session, cell, bench) }
        var measurement: CellMeasurement
        do {
            measurement = try CellMeasurer(plan.judging).measure(
                session, bench.data, bench.models().encoder, judge: bench.judge(of: cell),
                depth: plan.judging.measuresDepth ? bench.depthModels(of: cell) : nil
            ) { what in
                if listener.wantsStop { return }
                listener.note("\(cell.key): \(what)")
            }
            if let settings = plan.judging.relearning, let again = try CellRelearning(settings).measure(session, bench.models().forget) {
                measurement.figures.merge(again) { $1 }
            }
        } catch ModelError.notFinite(let problem) where cell.role == .unlearned {
            return try fail(cell, problem, cost, in: store)
        }
        try store.finish(cell, measurement, cost)
        return true
    }

    /// Stores that a cell's method came to no result; the comparison goes on.
    private func fail(_ cell: ComparisonCell, _ problem: String, _ cost: CellCost, in store: ResultStore) throws -> Bool {
        listener.note("\(cell.key): \(problem)")
        try store.fail(cell, problem, cost)
        return false
    }

    private func keep(_ session: LanguageModelSession, _ cell: ComparisonCell, _ bench: SplitBench) throws {
        let name = "unlearned-" + SHA256.digest(Array(cell.key.utf8)).prefix(12)
        // Where all models are named, nothing has made it yet.
        try FileSystem.createFolder(joinPath(plan.out, "models"))
        let about = JSONValue.object(JSONObject([("cell", .string(cell.key))])).serialized(pretty: true) + "\n"
        try ModelExporter(replacing: true).export(
            session.download(), to: joinPath(joinPath(plan.out, "models"), name),
            extra: bench.models().trained.rebuiltTokenizerFiles + [.init(name: "cell.json", bytes: Array(about.utf8))])
    }
}

/// The models of a split on the device, while its cells are done; opened when first asked for.
private final class SplitBench {
    let data: SplitData
    let backend: any Backend
    private let open: () throws -> SplitModels
    private var opened: SplitModels?
    private var original: LanguageModelSession?
    private var references: [Int: LanguageModelSession] = [:]

    init(_ data: SplitData, on backend: any Backend, _ open: @escaping () throws -> SplitModels) {
        (self.data, self.backend, self.open) = (data, backend, open)
    }

    func models() throws -> SplitModels {
        let models = try opened ?? open()
        opened = models
        return models
    }

    /// A fresh copy of the model that a cell begins with.
    func session(_ cell: ComparisonCell) throws -> LanguageModelSession {
        let number = cell.role == .retrained ? (Int(cell.label) ?? 1) - 1 : 0
        return try (cell.role == .retrained ? models().references[number] : models().trained).session(on: backend, seed: cell.seed)
    }

    /// The first model that never saw the forget rows. Where there is another, none judges itself, which would find itself likelier.
    func judge(of cell: ComparisonCell) throws -> LanguageModelSession? {
        try reference(cell.role == .retrained && cell.label == "1" && models().references.count > 1 ? 1 : 0)
    }

    /// The trained model and the first retrained one. The latter's own depth would say nothing: it is its own measure.
    func depthModels(of cell: ComparisonCell) throws -> CellMeasurer.DepthModels? {
        guard !(cell.role == .retrained && cell.label == "1"), let reference = try reference(0) else { return nil }
        let known = try original ?? models().trained.session(on: backend)
        original = known
        return CellMeasurer.DepthModels(original: known, reference: reference)
    }

    /// A model that never saw the forget rows, as it is; nil where there are not so many.
    private func reference(_ number: Int) throws -> LanguageModelSession? {
        let models = try models().references
        if references[number] == nil, number < models.count { references[number] = try models[number].session(on: backend) }
        return references[number]
    }
}
