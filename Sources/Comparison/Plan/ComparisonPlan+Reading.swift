import Evaluation
import Files
import Runs
import Text
import Unlearning

extension ComparisonPlan {
    private static let keys = [
        "name", "data", "out", "seeds", "search", "search_seeds", "keep_models", "text", "base", "train", "budget", "judge", "split",
        "method",
    ]

    /// Reads and checks a plan. Relative folders start from the plan's own.
    /// - Parameters:
    ///   - data: replaces the plan's folder of data.
    ///   - out: replaces the plan's folder of results.
    /// - Throws: `FileError`, or `ComparisonError.plan` with the path of the key that is wrong.
    package init(contentsOf path: String, data: String? = nil, out: String? = nil) throws {
        let root = try PlanTable(contentsOf: path)
        try root.check(Self.keys)
        let folder = parentFolder(of: path)
        let within = { (name: String) in name.hasPrefix("/") ? name : joinPath(folder, name) }
        let stem = lastComponent(of: path).hasSuffix(".toml") ? String(lastComponent(of: path).dropLast(5)) : lastComponent(of: path)
        file = path
        name = try root.string("name") ?? stem
        self.data = try data ?? root.string("data").map(within) ?? folder
        self.out = try out ?? root.string("out").map(within) ?? joinPath(folder, stem + "-results")
        search = try root.int("search", .from(1, to: 10_000)) ?? 1
        keepsModels = try root.bool("keep_models") ?? false
        seeds = try root.seeds()
        searchSeeds = try root.searchSeeds(of: seeds.count)
        text = try root.table("text").map { try $0.text() } ?? TextPlan()
        base = try root.table("base").map { try $0.base(within) }
        let training = try root.table("train").map { try $0.training() }
        self.training = training
        budgets = try root.budgets()
        judging = try root.table("judge").map { try $0.judging(training) } ?? JudgingPlan()
        splits = try root.tables("split").map { try $0.split(within) }
        methods = try Self.methods(root, search: search)
        frame = JSONObject(root.object.members.filter { ["text", "base", "train", "budget", "judge", "split"].contains($0.key) })
        if splits.isEmpty { throw root.failure("split", "there is none: a [[split]] says what is forgotten and kept.") }
        try Self.checkNames(splits.map { ($0.name, $0.place) }, root)
        try Self.checkNames(methods.map { ($0.label, $0.place) }, root)
        for split in splits where split.trained == nil || split.references.isEmpty {
            let missing = split.trained == nil ? "trained" : "references"
            guard base != nil, training != nil else {
                throw ComparisonError.plan(
                    file: path, place: "\(split.place).\(missing)",
                    problem: "missing: name the model, or say in [base] and [train] how it is made.")
            }
        }
    }

    private static func methods(_ root: PlanTable, search: Int) throws -> [MethodPlan] {
        let tables = try root.tables("method")
        if tables.isEmpty { throw root.failure("method", "there is none: a [[method]] says what is compared.") }
        return try tables.map { try $0.method(search: search) }
    }

    private static func checkNames(_ names: [(name: String, place: String)], _ root: PlanTable) throws {
        var seen: Set<String> = []
        for (name, place) in names where !seen.insert(name).inserted {
            throw ComparisonError.plan(file: root.file, place: place, problem: "\"\(name)\" is there twice; give each its own name.")
        }
    }
}

extension PlanTable {
    fileprivate func seeds() throws(ComparisonError) -> [UInt64] {
        guard let value = object["seeds"] else { return [0] }
        var seeds: [UInt64] = []
        for entry in value.asArray ?? [] {
            guard let seed = entry.asInt, seed >= 0 else { throw failure("seeds", "expected a list of whole numbers from 0.") }
            if seeds.contains(UInt64(seed)) { throw failure("seeds", "\(seed) is there twice.") }
            seeds.append(UInt64(seed))
        }
        if seeds.isEmpty { throw failure("seeds", "expected a list of whole numbers, at least one.") }
        return seeds
    }

    fileprivate func searchSeeds(of count: Int) throws(ComparisonError) -> Int {
        let number = try int("search_seeds", .from(1, to: 10_000)) ?? count
        guard number <= count else { throw failure("search_seeds", "\(number) are more than there are seeds, \(count).") }
        return number
    }

    fileprivate func text() throws(ComparisonError) -> ComparisonPlan.TextPlan {
        try check(["template", "date", "max_length", "truncate"])
        let name = try string("template").flatMap { $0 == "auto" ? nil : $0 }
        if let name, ChatFamily(named: name) == nil {
            throw failure("template", "\"\(name)\" is none; \(NearestName.hint(name, among: ["auto"] + ChatFamily.all.map(\.name)))")
        }
        let date = try string("date")
        if let date, TemplateDate(date) == nil { throw failure("date", "\"\(date)\" is no date; write it as 2026-01-31.") }
        return ComparisonPlan.TextPlan(
            template: name, date: date, maximumLength: try int("max_length", .from(2, to: 1_000_000_000)),
            truncates: try bool("truncate") ?? false)
    }

    fileprivate func base(_ within: (String) -> String) throws(ComparisonError) -> ComparisonPlan.BaseModel {
        let sizes = ["layers", "width", "heads", "vocabulary", "context", "seed"]
        try check(["model"] + sizes)
        if let model = try string("model") {
            if let other = sizes.first(where: { object[$0] != nil }) {
                throw failure(other, "a model that is there has its own; leave either it or \"model\" out.")
            }
            return .given(within(model))
        }
        guard let layers = try int("layers", .from(1, to: 1000)), let width = try int("width", .from(2, to: 65_536)),
            let vocabulary = try int("vocabulary", .from(258, to: 1_000_000))
        else { throw failure("model", "missing; name a model, or give layers, width and vocabulary of one that is made.") }
        let heads = try int("heads", .from(1, to: 1024)) ?? max(1, width / 32)
        guard width % (2 * heads) == 0 else { throw failure("width", "\(width) cannot be divided among \(heads) heads of an even size.") }
        return .fresh(
            layers: layers, width: width, heads: heads, vocabulary: vocabulary, context: try int("context", .from(8, to: 1_000_000)) ?? 256,
            seed: UInt64(try int("seed", .count) ?? 0))
    }

    fileprivate func training() throws -> ComparisonPlan.TrainingPlan {
        let names = TrainingSettings.table.map(\.name).filter { $0 != "seed" }
        try check(names + ["references"])
        var settings = TrainingSettings()
        for name in names {
            guard let text = try settingTexts(name).first else { continue }
            try located(name) { try settings.set([name: text]) }
        }
        try located("") { try settings.validate() }
        return ComparisonPlan.TrainingPlan(settings: settings, references: try int("references", .from(1, to: 100)) ?? 2)
    }

    fileprivate func budgets() throws(ComparisonError) -> [Budget] {
        guard let table = try table("budget") else { throw failure("budget", "missing; say how much a cell may spend.") }
        try table.check(["gradient_equivalents", "seconds"])
        var budgets: [Budget] = []
        for (key, make) in [("gradient_equivalents", Budget.gradientEquivalents), ("seconds", Budget.seconds)] {
            for amount in try table.doubles(key) {
                guard amount > 0, amount.isFinite else { throw table.failure(key, "\(amount) is no budget: it must be above 0.") }
                if budgets.contains(make(amount)) { throw table.failure(key, "\(amount) is there twice.") }
                budgets.append(make(amount))
            }
        }
        if budgets.isEmpty { throw table.failure("gradient_equivalents", "missing; say how much a cell may spend, there or in seconds.") }
        return budgets
    }

    fileprivate func judging(_ training: ComparisonPlan.TrainingPlan?) throws -> ComparisonPlan.JudgingPlan {
        try check([
            "forget_examples", "examples", "answer_tokens", "batch", "samples", "relearn", "depth", "depth_examples", "quantise",
        ])
        var judging = ComparisonPlan.JudgingPlan()
        judging.forgetExamples = try int("forget_examples", .from(2, to: 1_000_000))
        judging.examples = try int("examples", .from(1, to: 1_000_000)) ?? judging.examples
        judging.answerTokens = try int("answer_tokens", .from(1, to: 100_000)) ?? judging.answerTokens
        judging.batch = try int("batch", .from(1, to: 4096)) ?? judging.batch
        judging.samples = try int("samples", .from(0, to: 10_000)) ?? judging.samples
        judging.relearning = try table("relearn").map { try $0.relearning(training) }
        judging.measuresDepth = try bool("depth") ?? false
        judging.depthExamples = try int("depth_examples", .from(2, to: 1_000_000)) ?? judging.depthExamples
        judging.roundings = try roundings()
        return judging
    }

    private func roundings() throws(ComparisonError) -> [WeightRounding] {
        var roundings: [WeightRounding] = []
        for name in try strings("quantise") {
            guard let rounding = WeightRounding(rawValue: name) else {
                let hint = NearestName.hint(name, among: WeightRounding.allCases.map(\.rawValue))
                throw failure("quantise", "\"\(name)\" is no way to round; \(hint)")
            }
            if roundings.contains(rounding) { throw failure("quantise", "\"\(name)\" is there twice.") }
            roundings.append(rounding)
        }
        return roundings
    }

    /// Steps of one rate, in the training's batches unless others are asked for.
    private func relearning(_ training: ComparisonPlan.TrainingPlan?) throws -> TrainingSettings {
        let names = ["steps", "batch-size", "learning-rate"]
        try check(names)
        var settings = training?.settings ?? TrainingSettings()
        (settings.steps, settings.warmUp, settings.finalShare, settings.seed) = (20, 0, 1, 0)
        for name in names {
            guard let text = try settingTexts(name).first else { continue }
            try located(name) { try settings.set([name: text]) }
        }
        try located("") { try settings.validate() }
        return settings
    }

    fileprivate func split(_ within: (String) -> String) throws(ComparisonError) -> SplitPlan {
        try check(["name", "forget", "retain", "ask", "trained", "references"])
        guard let forget = try selection("forget") else { throw failure("forget", "missing.") }
        guard let retain = try selection("retain") else { throw failure("retain", "missing.") }
        var asked: [String: DataSelection] = [:]
        if let ask = try table("ask") {
            try ask.check(SplitPlan.askable)
            for key in ask.object.keys { asked[key] = try ask.selection(key) }
        }
        return SplitPlan(
            name: try needed("name"), forget: forget, retain: retain, asked: asked, trained: try string("trained").map(within),
            references: try strings("references").map(within), place: place)
    }

    fileprivate func method(search: Int) throws -> MethodPlan {
        try check(["name", "label", "paper", "settings"])
        let name = try needed("name")
        guard UnlearningMethod(rawValue: name) != nil else {
            throw failure("name", "\"\(name)\" is no method; \(NearestName.hint(name, among: UnlearningMethod.allCases.map(\.name)))")
        }
        let isPaper = try bool("paper") ?? false
        var grid: [[String: String]] = [[:]]
        if let settings = try table("settings") {
            try settings.check(UnlearningSettings.table.map(\.name).filter { !["method", "seed"].contains($0) })
            for key in settings.object.keys {
                let texts = try settings.settingTexts(key)
                if texts.isEmpty { throw settings.failure(key, "is an empty list.") }
                grid = grid.flatMap { chosen in texts.map { text in chosen.merging([key: text]) { $1 } } }
            }
            guard grid.count <= search else {
                throw settings.failure(
                    "", "makes \(grid.count) combinations, but \"search\" allows every method \(search): the same search for all.")
            }
            for chosen in grid {
                try settings.located("") {
                    _ = try UnlearningSettings(chosen.merging(["method": name]) { $1 }, isPaper: isPaper, vocabulary: nil)
                }
            }
        }
        return MethodPlan(label: try string("label") ?? name, method: name, isPaper: isPaper, grid: grid, place: place)
    }

    /// A value, or a list of values, as an option's texts.
    private func settingTexts(_ key: String) throws(ComparisonError) -> [String] {
        guard let value = object[key] else { return [] }
        var texts: [String] = []
        for entry in value.asArray ?? [value] {
            guard entry.asString != nil || entry.asDouble != nil else {
                throw failure(key, "expected a number, a text, or a list of these.")
            }
            texts.append(entry.asString ?? entry.serialized())
        }
        return texts
    }

    private func located(_ key: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as UnlearningError {
            throw ComparisonError.plan(file: file, place: key.isEmpty ? place : path(key), problem: "\(error)")
        }
    }
}
