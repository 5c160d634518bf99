import Comparison
import Files
import Testing
import TestSupport

@Suite("Plans of comparisons")
struct PlanTests {
    @Test("Cells are references first, then all methods with their settings, seed by seed and budget by budget")
    func cells() throws {
        try withTemporaryFolder { folder in
            let text = PlanFixture.whole.replacing("gradient_equivalents = 20", with: "gradient_equivalents = [20, 30]\nseconds = 2.5")
            let plan = try ComparisonPlan(contentsOf: PlanFixture.write(text, in: folder))
            let keys = plan.cells.map(\.key)
            #expect(keys.count == 3 + 2 * 3 * 3)
            #expect(Set(keys).count == keys.count)
            #expect(keys[0] == "one | trained " && keys[1] == "one | retrained 1" && keys[2] == "one | retrained 2")
            #expect(keys[3] == "one | grad-ascent | inner-step=sgd:1e-3 | seed 0 | 20 gradient-equivalents")
            #expect(keys[5] == "one | grad-diff | defaults | seed 0 | 20 gradient-equivalents")
            #expect(keys[9].hasSuffix("seed 0 | 2.5 s") && keys[12].hasSuffix("seed 1 | 20 gradient-equivalents"))
        }
    }

    @Test("Folders start from the plan's own, and the command's come first")
    func folders() throws {
        try withTemporaryFolder { folder in
            let path = try PlanFixture.write("data = \"sub\"\nout = \"/elsewhere\"\n" + PlanFixture.whole, in: folder)
            let plan = try ComparisonPlan(contentsOf: path)
            #expect(plan.data == joinPath(folder, "sub") && plan.out == "/elsewhere" && plan.name == "plan")
            let other = try ComparisonPlan(contentsOf: path, data: "given", out: "there")
            #expect(other.data == "given" && other.out == "there")
        }
    }

    static let mistakes: [(change: (String, String), complaint: String)] = [
        (("search = 2", "serch = 2"), "plan.toml, serch: unknown key; did you mean \"search\"?"),
        (("vocabulary = 300", "vocabluary = 300"), "plan.toml, base.vocabluary: unknown key; did you mean \"vocabulary\"?"),
        (("search = 2\n", ""), "plan.toml, method[1].settings: makes 2 combinations, but \"search\" allows every method 1"),
        (
            ("name = \"grad-diff\"", "name = \"grad-dif\""),
            "plan.toml, method[2].name: \"grad-dif\" is no method; did you mean \"grad-diff\"?"
        ),
        (("inner-step =", "inner-stp ="), "plan.toml, method[1].settings.inner-stp: unknown key; did you mean \"inner-step\"?"),
        (("\"sgd:1e-2\"", "\"sgd\""), "plan.toml, method[1].settings: inner step: \"sgd\" is no rule."),
        (("seeds = [0, 1]", "seeds = [0, 0]"), "plan.toml, seeds: 0 is there twice."),
        (("gradient_equivalents = 20", "gradient_equivalents = 0"), "plan.toml, budget.gradient_equivalents: 0.0 is no budget"),
        (("[budget]\ngradient_equivalents = 20\n", ""), "plan.toml, budget: missing"),
        (("epochs = 2", "epochs = 0"), "plan.toml, train: epochs: must be from 1"),
        (("width = 16", "width = 15"), "plan.toml, base.width: 15 cannot be divided among 1 heads"),
        (("\"forget.jsonl\"", "\"forgot.jsonl\""), "plan.toml, split[1].forget: there is no file forgot.jsonl."),
        (("\"forget.jsonl\"", "{ file = \"forget.jsonl\", rows = [2, 1] }"), "plan.toml, split[1].forget.rows: expected [first, last]"),
        (("\"forget.jsonl\"", "{ file = \"forget.jsonl\", rows = [1, 3] }"), "plan.toml, split[1].forget: forget.jsonl has 2 rows, not 3."),
        (
            ("\"forget.jsonl\"", "{ file = \"forget.jsonl\", row = [1, 2] }"),
            "plan.toml, split[1].forget.row: unknown key; did you mean \"rows\"?"
        ),
        (("\"forget.jsonl\"", "[]"), "plan.toml, split[1].forget: names no file."),
        (("\"forget.jsonl\"", "{ file = \"retain.jsonl\", rows = [1, 1] }"), "plan.toml, split[1].retain: retain.jsonl, line 1"),
        (
            ("retain = \"retain.jsonl\"", "retain = \"retain.jsonl\"\nask = { forget = \"retain.jsonl\" }"),
            "plan.toml, split[1].ask.forget: retain.jsonl, line 1 is also a row to keep."
        ),
        (
            ("retain = \"retain.jsonl\"", "retain = \"retain.jsonl\"\nask = { holdout = \"forget.jsonl\" }"),
            "plan.toml, split[1].ask.holdout: forget.jsonl, line 1 is also a row to forget."
        ),
        (("search = 2", "search = 2\nsearch_seeds = 3"), "plan.toml, search_seeds: 3 are more than there are seeds, 2."),
        (("search = 2", "search = 2\nsearch_seeds = 0"), "plan.toml, search_seeds: must be from 1"),
        (("name = \"one\"", "name = 1"), "plan.toml, split[1].name: expected a text, found a number."),
        (
            ("[[method]]\nname = \"grad-diff\"", "[[method]]\nname = \"grad-ascent\""),
            "plan.toml, method[2]: \"grad-ascent\" is there twice"
        ),
        (("[train]\nepochs = 2", "[trian]\nepochs = 2"), "plan.toml, trian: unknown key; did you mean \"train\"?"),
        (("samples = 2", "depth = 1"), "plan.toml, judge.depth: expected true or false"),
        (("samples = 2", "depth_examples = 1"), "plan.toml, judge.depth_examples: must be from 2"),
        (("samples = 2", "quantise = [\"4bits\"]"), "plan.toml, judge.quantise: \"4bits\" is no way to round; did you mean \"4bit\"?"),
        (("samples = 2", "quantise = [\"nf4\", \"nf4\"]"), "plan.toml, judge.quantise: \"nf4\" is there twice."),
        (("[base]", "[base"), "plan.toml, line 3"),
    ]

    @Test("A mistake is named with the path of its key", arguments: mistakes.indices)
    func mistake(_ index: Int) throws {
        let (change, wanted) = Self.mistakes[index]
        let text = PlanFixture.whole.replacing(change.0, with: change.1, maxReplacements: 1)
        try #require(text != PlanFixture.whole)
        let complaint = try PlanFixture.complaint(text)
        #expect(complaint.hasPrefix(wanted), "\(complaint)")
    }

    @Test("A file without rows is an error that names it")
    func emptyFile() throws {
        try withTemporaryFolder { folder in
            let plan = try ComparisonPlan(contentsOf: PlanFixture.write(in: folder))
            try "".write(to: joinPath(folder, "forget.jsonl"))
            #expect { try ComparisonRun(plan) } throws: { "\($0)".contains("forget.jsonl") }
        }
    }

    @Test("A split without models needs a base and a training")
    func noModels() throws {
        let text = "search = 2\n" + PlanFixture.budget + PlanFixture.split + PlanFixture.methods
        #expect(try PlanFixture.complaint(text).hasPrefix("plan.toml, split[1].trained: missing"))
        let named = text.replacing("retain = \"retain.jsonl\"", with: "retain = \"retain.jsonl\"\ntrained = \"t\"")
        #expect(try PlanFixture.complaint(named).hasPrefix("plan.toml, split[1].references: missing"))
    }
}
