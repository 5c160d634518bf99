import Backends
import Comparison
import Files
import Runs
import Testing
import TestSupport

@Suite("Comparisons cell by cell")
struct ComparisonRunTests {
    /// Asks to stop once it has heard some words.
    private final class Stopper: JobListener {
        let word: String
        var wantsStop = false
        init(after word: String) { self.word = word }
        func hear(_ event: JobEvent) throws(FileError) {
            switch event {
            case .note(let text), .began(let text, _, _, _): if text.contains(word) { wantsStop = true }
            default: break
            }
        }
    }

    private func run(_ path: String, most: Int? = nil, extends: Bool = false) throws -> ComparisonRun.Outcome {
        try ComparisonRun(ComparisonPlan(contentsOf: path)).run(on: CPUBackend(), extends: extends, most: most)
    }

    private func values(_ store: ResultStore) throws -> [String: CellMeasurement] {
        Dictionary(uniqueKeysWithValues: try store.cells().map { ($0.cell.key, $0.measurement) })
    }

    @Test("One call trains, unlearns within budgets and measures; a stopped one goes on cell by cell, to the same numbers")
    func resumption() throws {
        try withTemporaryFolder { folder in
            let path = try PlanFixture.write(in: folder)
            let plan = try ComparisonPlan(contentsOf: path)
            let straight = try ComparisonPlan(contentsOf: path, out: joinPath(folder, "straight"))
            #expect(try ComparisonRun(straight).run(on: CPUBackend()).done == 9)

            // Stopped while the first reference is trained, and while a cell is under way.
            #expect(throws: RunError.self) { try ComparisonRun(plan, Stopper(after: "Training")).run(on: CPUBackend()) }
            #expect(throws: RunError.self) { try ComparisonRun(plan, Stopper(after: "grad-diff")).run(on: CPUBackend()) }
            let store = try ResultStore(reading: ComparisonRun.results(of: plan))
            let states = try store.statuses()
            #expect(states.values.count { $0 == .running } == 1 && states.values.count { $0 == .done } == 5)
            let outcome = try run(path)
            #expect(outcome == ComparisonRun.Outcome(done: 4, kept: 5, redone: 1))
            #expect(try run(path) == ComparisonRun.Outcome(kept: 9))

            let cells = try ResultStore(reading: ComparisonRun.results(of: plan)).cells()
            #expect(
                try values(ResultStore(reading: ComparisonRun.results(of: plan)))
                    == values(ResultStore(reading: ComparisonRun.results(of: straight))))
            for stored in cells where stored.cell.role == .unlearned {
                let cost = stored.cost
                #expect(cost.gradientEquivalents > 0 && cost.gradientEquivalents <= 20 && cost.steps > 0)
                #expect(cost.forgetSteps > 0 && cost.forgetExamples == 8 * cost.forgetSteps)
                // Gradient ascent is what costs are relative to.
                if stored.cell.label == "grad-ascent" { #expect(cost.relative == 1 && cost.perForgetExample == 0.125) }
            }
            for measurement in cells.map(\.measurement) {
                #expect(
                    measurement.examples("forget_truth_ratio").count == 2 && measurement.examples("forget_judged_perplexity").count <= 2)
                #expect(measurement.figures["extraction_strength"]?.interval != nil)
                #expect(measurement.answers["forget"]?.count == 2 && measurement.answers["retain"]?.count == 3)
                // Five points of a curve, and the area under it.
                let curve = (0...4).compactMap { measurement.figures["relearned_probability_\($0)"]?.value }
                let area = try #require(measurement.figures["relearned_probability"]?.value)
                #expect(curve.count == 5 && curve[4] > curve[0])
                #expect(abs((curve[0] + curve[4]) / 8 + (curve[1] + curve[2] + curve[3]) / 4 - area) < 1e-6)
            }
            try report(plan)
            // The models that were unlearned are not kept.
            #expect(try FileSystem.list(joinPath(plan.out, "models")).allSatisfy { !$0.hasPrefix("unlearned") })
        }
    }

    @Test("With seeds of a search, only the best setting of each method runs with the others, however often the call is stopped")
    func search() throws {
        try withTemporaryFolder { folder in
            let path = try PlanFixture.write(PlanFixture.whole.replacing("search = 2", with: "search = 2\nsearch_seeds = 1"), in: folder)
            let plan = try ComparisonPlan(contentsOf: path)
            #expect(plan.cells.count == 6 && plan.cellCount == 8)
            // Within the search, and after it.
            #expect(try run(path, most: 5) == ComparisonRun.Outcome(done: 5))
            #expect(try run(path, most: 2) == ComparisonRun.Outcome(done: 2, kept: 5))
            #expect(try run(path) == ComparisonRun.Outcome(done: 1, kept: 7))
            #expect(try run(path) == ComparisonRun.Outcome(kept: 8))
            let store = try ResultStore(reading: ComparisonRun.results(of: plan))
            let cells = try store.cells()
            let reference = SplitReference(cells, split: "one")
            let tried = cells.filter { $0.cell.label == "grad-ascent" && $0.cell.seed == 0 }
            let later = cells.filter { $0.cell.label == "grad-ascent" && $0.cell.seed == 1 }
            #expect(tried.count == 2 && later.count == 1)
            let best = SelectionRule.best(tried.map { ComparisonRow([$0], against: reference) })
            #expect(later[0].cell.settingsText == best?.settings)
            let report = try ComparisonReport(store)
            #expect(
                report.markdown.contains("in the means with seed 0") && report.markdown.contains("the chosen one alone with the others"))
            let methods = try #require(report.json["groups"]?.asArray?.first?["methods"]?.asArray)
            #expect(methods[0]["settings"]?.asString == best?.settings)
            #expect(methods.allSatisfy { $0["figures"]?["utility"]?["count"]?.asInt == 2 })
        }
    }

    /// Every figure of the report against its definition, from the values that are stored.
    private func report(_ plan: ComparisonPlan) throws {
        let store = try ResultStore(reading: ComparisonRun.results(of: plan))
        let report = try ComparisonReport(store)
        let paths = try report.write(to: plan.out)
        #expect(
            paths.map { lastComponent(of: $0) } == ["report.md", "results.csv", "results.json", "pareto-one-20-gradient-equivalents.svg"])
        let group = try #require(report.json["groups"]?.asArray?.first)
        let methods = try #require(group["methods"]?.asArray)
        #expect(methods.map { $0["method"]?.asString } == ["grad-ascent", "grad-diff"])
        #expect(group["all_settings"]?.asArray?.count == 3)
        let cells = try store.cells().filter { $0.cell.label == "grad-diff" }
        let retain = { (cell: StoredCell) in cell.measurement.figures["retain_Q_A_Prob"]?.value ?? .nan }
        let trained = try #require(try store.cells().first { $0.cell.role == .trained })
        let utility = (retain(cells[0]) + retain(cells[1])) / 2 / retain(trained)
        #expect(abs((methods[1]["figures"]?["utility"]?["mean"]?.asDouble ?? .nan) - utility) < 1e-12)
        #expect(methods[1]["figures"]?["utility"]?["count"]?.asInt == 2)
        #expect(methods[1]["against_best_other"]?["other"]?.asString == "grad-ascent")
        #expect(report.csv.split(separator: "\n").count == 1 + 9)
        #expect(report.markdown.contains("| retrained |") && report.markdown.contains("Answers about what was to be forgotten"))
    }

    @Test("Results of another plan, another version or another program are refused and stay as they are")
    func otherFiles() throws {
        try withTemporaryFolder { folder in
            let path = try PlanFixture.write(in: folder)
            let results = try ComparisonRun.results(of: ComparisonPlan(contentsOf: path))
            #expect(try run(path, most: 1).done == 1)
            func refused(_ text: String, extends: Bool = false) throws -> String {
                try text.write(to: path)
                let before = try readFile(results, for: .weights)
                defer { #expect((try? readFile(results, for: .weights)) == before) }
                do { _ = try run(path, most: 0, extends: extends) } catch let error as ComparisonError { return "\(error)" }
                return ""
            }
            #expect(
                try refused(PlanFixture.whole.replacing("equivalents = 20", with: "equivalents = 21")).contains(
                    "other data, models, budgets"))
            let moreSeeds = PlanFixture.whole.replacing("seeds = [0, 1]", with: "seeds = [0, 1, 2]")
            #expect(try refused(moreSeeds).contains("--extend"))
            #expect(try refused(PlanFixture.whole.replacing("examples = 3", with: "examples = 2"), extends: true).contains("other data"))
            try moreSeeds.write(to: path)
            #expect(try run(path, most: 1, extends: true).kept == 1)
            #expect(try run(path, most: 1).kept == 2)
            // The file's version, in its header, is that of before the present one.
            var bytes = try readFile(results, for: .weights)
            #expect(bytes[63] == 3)
            bytes[63] = 2
            try FileSystem.remove(results)
            let older = try AtomicFile(path: results)
            try older.writer.write(bytes)
            try older.commit()
            #expect(try refused(moreSeeds).contains("its version is 2, and this program reads 3. It was left as it is"))
            #expect { try ResultStore(reading: results) } throws: { "\($0)".contains("its version is 2") }
            try "SQLite format 3? no".write(to: results)
            #expect(try refused(moreSeeds).contains("no file of results"))
        }
    }

    @Test("A plan's methods may ask for other answers and compare with its retrained model")
    func needs() throws {
        try withTemporaryFolder { folder in
            let methods = """
                [[method]]
                name = "ofmu-counterfactual"
                settings = { inner-steps = 1, outer-steps = 1, forget-target = 3 }
                [[method]]
                name = "reference"
                settings = { inner-step = "adamw:1e-3" }

                """
            let path = try PlanFixture.write(PlanFixture.whole.replacing(PlanFixture.methods, with: methods), in: folder)
            let outcome = try run(path)
            // A trained and two retrained models, and two methods with two seeds.
            #expect(outcome.done == 7 && outcome.failed == 0)
            let store = try ResultStore(reading: ComparisonRun.results(of: ComparisonPlan(contentsOf: path)))
            let costs = try store.cells().filter { $0.cell.role == .unlearned }.map(\.cost.steps)
            #expect(costs.count == 4 && costs.allSatisfy { $0 > 0 })
            // A base made from nothing knows nothing; one that is given is what there is before training.
            let made = try ComparisonPlan(contentsOf: path)
            #expect(try modelThatNeverSaw(made) == "retrained-1")
            let base = joinPath(joinPath(made.out, "models"), "base")
            let given = PlanFixture.whole.replacing(PlanFixture.base, with: "[base]\nmodel = \"\(base)\"\n")
            #expect(try modelThatNeverSaw(ComparisonPlan(contentsOf: PlanFixture.write(given, in: folder))) == "base")
        }
    }

    /// The beginning of its folder's name. A plan's models are trained if they are not there.
    private func modelThatNeverSaw(_ plan: ComparisonPlan) throws -> String {
        let split = try SplitData(plan.splits[0], of: plan)
        let maker = ModelMaker(plan, [split], Stopper(after: "nothing that is said"))
        try maker.make(on: CPUBackend())
        let models = try SplitModels(maker.places(split), split, plan)
        return lastComponent(of: models.neverSaw?.folder.path ?? "").split(separator: "-").prefix(2).joined(separator: "-")
    }

    @Test("A second process on the same results ends with an error, and nothing of the first is changed")
    func twoAtOnce() throws {
        try withTemporaryFolder { folder in
            let path = try PlanFixture.write(in: folder)
            let plan = try ComparisonPlan(contentsOf: path)
            try FileSystem.createFolder(plan.out)
            let results = ComparisonRun.results(of: plan)
            let first = try ResultStore(path: results, try plan.identity(plan.splits.map { try SplitData($0, of: plan) }))
            try first.begin(plan.cells[0])
            func complaint(_ body: () throws -> Void) -> String {
                do { try body() } catch let error as ComparisonError { return "\(error)" } catch { return "another error: \(error)" }
                return "none"
            }
            for extends in [false, true] {
                #expect(complaint { _ = try run(path, extends: extends) }.contains("results.sqlite: another process is working on it"))
            }
            // Nor can it be read meanwhile, which would show half of it.
            #expect(complaint { _ = try ResultStore(reading: results) }.contains("another process is working on it"))
            #expect(try first.statuses() == [plan.cells[0].key: .running])
            // Nothing was trained before the file was asked for.
            #expect(try FileSystem.list(plan.out).filter { !$0.hasPrefix("results.sqlite") }.isEmpty)
            try first.finish(plan.cells[0], CellMeasurement(figures: ["a": CellFigure(1)]), CellCost())
            #expect(try first.cells().map(\.status) == [.done])
        }
    }

    @Test("What a method lacks, and one that diverges, is its cells' result; the others are measured")
    func failures() throws {
        try withTemporaryFolder { folder in
            let methods = """
                [[method]]
                name = "grad-ascent"
                label = "too far"
                settings = { inner-step = "sgd:1e30", forget-target = 20 }
                [[method]]
                name = "ofmu-counterfactual"
                settings = { inner-steps = 1, outer-steps = 1, forget-target = 3 }
                [[method]]
                name = "grad-ascent"

                """
            let text = PlanFixture.whole.replacing(PlanFixture.methods, with: methods).replacing("seeds = [0, 1]", with: "seeds = [0]")
            let path = try PlanFixture.write(text.replacing("relearn = { steps = 4, learning-rate = 3e-3 }", with: ""), in: folder)
            // Plain text asks nothing, so no other answers to it can be invented.
            let rows = { (names: [String]) in names.map { "{\"text\": \"\($0) lives in a house by the sea and paints.\"}\n" }.joined() }
            try rows(["Ann", "Bob"]).write(to: joinPath(folder, "forget.jsonl"))
            try rows(["Cid", "Dot", "Eve"]).write(to: joinPath(folder, "retain.jsonl"))
            let outcome = try run(path)
            #expect(outcome == ComparisonRun.Outcome(done: 4, failed: 2))
            #expect(try run(path) == ComparisonRun.Outcome(kept: 6))
            let report = try ComparisonReport(ResultStore(reading: ComparisonRun.results(of: ComparisonPlan(contentsOf: path))))
            let lines = report.markdown.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("- one | too far |") && $0.contains("not finite") && $0.contains("smaller steps") })
            #expect(lines.contains { $0.hasPrefix("- one | ofmu-counterfactual |") && $0.contains("plain text, which asks nothing") })
            #expect(lines.contains { $0.hasPrefix("| too far | forget-target=20, inner-step=sgd:1e30 | 0 | 1 |") })
            #expect(report.csv.split(separator: "\n").count { $0.contains(",failed,") } == 2)
            #expect(report.json["failed"]?.asArray?.count == 2)
        }
    }

    @Test("Depth is measured against the trained and the first retrained model, and rounded weights beside the model as it is")
    func robustness() throws {
        try withTemporaryFolder { folder in
            let text = PlanFixture.whole.replacing("seeds = [0, 1]", with: "seeds = [0]").replacing("layers = 1", with: "layers = 2")
                .replacing("epochs = 2", with: "epochs = 40").replacing("learning-rate = 3e-3\n", with: "learning-rate = 1e-2\n")
                .replacing("samples = 2", with: "samples = 2\ndepth = true\ndepth_examples = 2\nquantise = [\"8bit\", \"nf4\"]")
            let path = try PlanFixture.write(text, in: folder)
            #expect(try run(path).done == 6)
            let store = try ResultStore(reading: ComparisonRun.results(of: ComparisonPlan(contentsOf: path)))
            for stored in try store.cells() {
                let figures = stored.measurement.figures, key = stored.cell.key
                let (uds, lens) = (figures["uds"]?.value, figures["logit_lens"]?.value)
                switch (stored.cell.role, stored.cell.label) {
                case (.trained, _): #expect(abs(uds ?? 1) < 1e-3 && abs(lens ?? 1) < 1e-3, "\(key)")
                case (.retrained, "1"): #expect(uds == nil && lens == nil)
                case (.retrained, _): #expect((uds ?? 0) > 0.5, "\(key)")
                case (.unlearned, _): #expect((0...1).contains(uds ?? -1) && figures["uds"]?.examples.count == 2, "\(key)")
                }
                let whole = stored.measurement.examples("forget_Q_A_Prob")
                for kind in ["8bit", "nf4"] {
                    let rounded = stored.measurement.examples("forget_Q_A_Prob_\(kind)")
                    #expect(rounded.count == 2 && figures["forget_return_\(kind)"]?.interval != nil)
                    for (row, rise) in stored.measurement.examples("forget_return_\(kind)").enumerated() {
                        #expect(abs(rounded[row] - whole[row] - rise) < 1e-12)
                    }
                }
                #expect(figures["forget_Q_A_Prob_4bit"] == nil)
            }
            let report = try ComparisonReport(store)
            #expect(report.markdown.contains("| UDS | lens | relearned p | p, 8bit | rise, 8bit | p, nf4 | rise, nf4 |"))
        }
    }

    @Test("A budget that pays for no round is refused before anything is measured")
    func impossibleBudget() throws {
        try withTemporaryFolder { folder in
            let path = try PlanFixture.write(PlanFixture.whole.replacing("equivalents = 20", with: "equivalents = 0.5"), in: folder)
            #expect { try run(path) } throws: {
                "\($0)".contains("plan.toml, budget: 0.5 gradient-equivalents cannot be kept by method[1]")
            }
            let store = try ResultStore(reading: ComparisonRun.results(of: ComparisonPlan(contentsOf: path)))
            #expect(try store.cells().isEmpty)
        }
    }

    @Test("References with another tokenizer are refused")
    func otherTokenizer() throws {
        try withTemporaryFolder { folder in
            let path = try PlanFixture.write(in: folder)
            _ = try run(path, most: 0)
            let models = joinPath(try ComparisonPlan(contentsOf: path).out, "models")
            let trained = try #require(try FileSystem.list(models).first { $0.hasPrefix("trained") && !$0.contains(".") })
            let other = joinPath(folder, "other")
            let small = PlanFixture.whole.replacing("vocabulary = 300", with: "vocabulary = 280")
            try small.write(to: joinPath(folder, "small.toml"))
            let plan = try ComparisonPlan(contentsOf: joinPath(folder, "small.toml"), out: other)
            _ = try ComparisonRun(plan).run(on: CPUBackend(), most: 0)
            let reference = try #require(try FileSystem.list(joinPath(other, "models")).first { $0.hasPrefix("retrained-1") })
            let text = PlanFixture.whole.replacing(
                PlanFixture.split,
                with: PlanFixture.split
                    + "trained = \"\(joinPath(models, trained))\"\nreferences = [\"\(joinPath(joinPath(other, "models"), reference))\"]\n")
            try text.write(to: joinPath(folder, "mixed.toml"))
            #expect { try run(joinPath(folder, "mixed.toml")) } throws: {
                "\($0)".contains("split[1].references") && "\($0)".contains("other tokens")
            }
        }
    }
}
