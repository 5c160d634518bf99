import Comparison
import Files
import Testing
import TestSupport

@Suite("What methods reach")
struct GoalTests {
    private static let budget = Budget.gradientEquivalents(100)

    /// A cell with metrics by name, each with an interval of ±`width` and the truth ratios of its forget rows.
    private func cell(
        _ role: ComparisonCell.Role, _ label: String, ratios: [Double], figures: [String: Double], width: Double = 0.1
    ) -> (ComparisonCell, CellMeasurement) {
        var cell = ComparisonCell(role, split: "s", label: label)
        if role == .unlearned { cell.budget = Self.budget }
        var measurement = CellMeasurement()
        for (key, value) in figures { measurement.figures[key] = CellFigure(value, interval: (value - width)...(value + width)) }
        measurement.figures["forget_truth_ratio"] = CellFigure(1, examples: ratios)
        return (cell, measurement)
    }

    private static let ratios = (0..<40).map(Double.init)
    private static let known = [
        "retain_Q_A_Prob": 0.8, "neighbour_Q_A_Prob": 0.5, "extraction_strength": 0.2, "mia_min_k": 0.5, "uds": 0.9,
        "relearned_probability": 0.3, "forget_judged_perplexity": 20, "forget_fallen_apart": 0.2, "forget_Q_A_Prob_4bit": 0.3,
        "forget_return_4bit": 0.05,
    ]

    /// A method whose truth ratios lie so far from the first retrained model's, with some metrics other than what is known, or none.
    private struct Made {
        var label: String
        var shift = 2.0
        var changes: [String: Double] = [:]
        var lacks: String?
        /// Gradient-equivalents for 20 forget batches of eight.
        var spent = 30.0

        init(_ label: String, shift: Double = 2, _ changes: [String: Double] = [:], lacks: String? = nil, spent: Double = 30) {
            (self.label, self.shift, self.changes, self.lacks, self.spent) = (label, shift, changes, lacks, spent)
        }
    }

    /// A trained model, two retrained ones whose D to each other is 1/8, and methods of one seed.
    private func report(_ methods: [Made], in folder: String) throws -> ComparisonReport {
        let store = try ResultStore(path: joinPath(folder, "r.sqlite"), .init(frame: "f", whole: "w"), facts: ["name": "n"])
        var first = Self.known
        // Measured against itself, it would say nothing.
        first["uds"] = nil
        var cells = [
            (cell(.trained, "", ratios: Self.ratios.map { $0 + 100 }, figures: Self.known), CellCost()),
            (cell(.retrained, "1", ratios: Self.ratios, figures: first), CellCost()),
            (cell(.retrained, "2", ratios: Self.ratios.map { $0 + 5 }, figures: Self.known.merging(["mia_min_k": 0.6]) { $1 }), CellCost()),
        ]
        for method in methods {
            var figures = Self.known.merging(method.changes) { $1 }
            if let key = method.lacks { figures[key] = nil }
            var cost = CellCost()
            (cost.gradientEquivalents, cost.forgetSteps, cost.forgetExamples) = (method.spent, 20, 160)
            let ratios = Self.ratios.map { $0 + method.shift }
            cells.append((cell(.unlearned, method.label, ratios: ratios, figures: figures), cost))
        }
        for ((cell, measurement), cost) in cells {
            try store.begin(cell)
            try store.finish(cell, measurement, cost)
        }
        return try ComparisonReport(store)
    }

    private func goals(_ report: ComparisonReport) throws -> [String: JSONValue] {
        let methods = try #require(report.json["groups"]?.asArray?.first?["methods"]?.asArray)
        return Dictionary(uniqueKeysWithValues: methods.map { ($0["method"]?.asString ?? "", $0) })
    }

    @Test("A method like the retrained models reaches every goal; each goal is lost by what it is about")
    func eachGoal() throws {
        try withTemporaryFolder { folder in
            let made = [
                Made("good"), Made("dear", spent: 41), Made("far", shift: 30), Made("forgetful", ["neighbour_Q_A_Prob": 0.4]),
                Made("worse", ["retain_Q_A_Prob": 0.79]), Made("said", ["extraction_strength": 0.31]),
                Made("leaking", ["mia_min_k": 0.95]), Made("shallow", ["uds": 0.79]), Made("quick", ["relearned_probability": 0.41]),
                Made("odd", ["forget_judged_perplexity": 20.2]), Made("fluent", ["forget_judged_perplexity": 2]),
                Made("broken", ["forget_fallen_apart": 0.31]), Made("unasked", lacks: "neighbour_Q_A_Prob"),
            ]
            let report = try report(made, in: folder)
            let methods = try goals(report)
            let all = ["distance", "ks_p", "utility", "extraction", "privleak", "uds", "relearning", "fluency", "front", "cost"]
            let lost: [String: [String]] = [
                "good": [], "dear": ["cost"], "far": ["distance", "ks_p", "front"], "forgetful": ["utility"], "worse": ["front"],
                "said": ["extraction"], "leaking": ["privleak"], "shallow": ["uds"], "quick": ["relearning"], "odd": ["fluency"],
                "fluent": [], "broken": ["fluency"], "unasked": ["utility"],
            ]
            for (label, missing) in lost {
                let method = try #require(methods[label])
                let states = try #require(method["goals"]?.asObject)
                #expect(states.keys == all)
                #expect(states.members.filter { $0.value.asBool != true }.map(\.key) == missing, "\(label)")
                #expect(method["goals_reached"]?.asInt == all.count - missing.count)
            }
            // Nobody asked the neighbours: not lost, but not known to be reached.
            #expect(methods["unasked"]?["goals"]?["utility"]?.isNull == true)
            #expect(report.markdown.contains("| good | 10 of 10 |") && report.markdown.contains("| shallow | 9 of 10 |"))
        }
    }

    @Test("Targets are the retrained models' intervals, and privleak's is that of one beside the other")
    func targets() throws {
        try withTemporaryFolder { folder in
            let report = try report([Made("m", shift: 0)], in: folder)
            let group = try #require(report.json["groups"]?.asArray?.first)
            func target(_ key: String) throws -> (Double?, Double?) {
                let found = try #require(group["targets"]?[key])
                return (found["lower"]?.asDouble, found["upper"]?.asDouble)
            }
            // By hand: 100·((1 − a) − (1 − r))/(1 − r), a from 0.4 to 0.6 beside 0.6, and from 0.5 to 0.7 beside 0.5.
            let leak = try target("privleak")
            #expect(abs((leak.0 ?? 0) + 40) < 1e-6 && abs((leak.1 ?? 0) - 50) < 1e-6)
            #expect(try target("uds") == (0.9 - 0.1, 0.9 + 0.1))
            #expect(try target("rounded_4bit") == (0.3 - 0.1, 0.3 + 0.1))
            #expect(try target("relative_cost") == (nil, 2) && target("ks_p") == (0.05, nil) && target("distance") == (nil, 0.125))
            let figures = try #require(try goals(report)["m"]?["figures"])
            #expect(figures["relative_cost"]?["mean"]?.asDouble == 1.5)
            #expect(figures["cost_per_example"]?["mean"]?.asDouble == 30.0 / 160)
            // Beside the mean of both, 0.55.
            #expect(abs((figures["privleak"]?["mean"]?.asDouble ?? 0) - 100 * 0.05 / 0.45) < 1e-6)
            #expect(report.markdown.contains("| *goal* | 0.100 to 0.300 | -40.0 to 50.0 | 0.800 to 1.000 |"))
            #expect(report.csv.contains(",relative_cost,") && report.csv.contains(",return_4bit,"))
        }
    }

    @Test("The plot numbers methods in the order of D and names them in its legend")
    func plot() throws {
        try withTemporaryFolder { folder in
            let made = [Made("third", shift: 30), Made("first <&>", shift: 0), Made("second", shift: 12, ["retain_Q_A_Prob": 0.1])]
            let report = try report(made, in: folder)
            let path = try #require(try report.write(to: folder).first { $0.hasSuffix(".svg") })
            let svg = String(decoding: try readFile(path, for: .configuration), as: UTF8.self)
            let legend = svg.matches(of: />([^<>]+)<\/text>/).map { String($0.1) }
            let names = ["trained", "retrained", "1", "first &lt;&amp;&gt; ●", "2", "second", "3", "third"]
            let places = names.compactMap { legend.lastIndex(of: $0) }
            #expect(places.count == names.count && places == places.sorted())
            // One loses nearly everything, which would press the others onto one line.
            #expect(svg.contains("smaller scale"))
            #expect(svg.matches(of: /<polygon/).count == 4)
        }
    }

    @Test("However many points crowd, no label covers another or a point, or leaves the frame")
    func labels() {
        let points = (0..<40).map { number -> (x: Double, y: Double) in (200 + 9 * Double(number % 7), 200 + 8 * Double(number / 7)) }
        let frame = LabelPlacer.Box(around: (250, 250), 500, 500)
        var placer = LabelPlacer(within: frame, points: points)
        let labels = points.map { placer.place($0, width: 17, height: 12).box }
        for (index, label) in labels.enumerated() {
            #expect(frame.contains(label))
            #expect(!labels[..<index].contains(where: label.overlaps))
            #expect(!points.contains { label.contains(LabelPlacer.Box(around: $0, 1, 1)) })
        }
    }
}
