import Demo
import Evaluation
import Files
import Inference
import Reporting
import Testing
import Unlearning

@Suite("Tables and numbers")
struct TableTests {
    static var table: TextTable {
        var table = TextTable([.init("name"), .init("value", .right)])
        table.add(["short", "1.5"])
        table.add(["a much longer name", "12345"])
        return table
    }

    @Test("align their columns")
    func aligned() {
        #expect(
            Self.table.rendered() == """
                name                value
                ------------------  -----
                short                 1.5
                a much longer name  12345

                """)
    }

    @Test("cut text, never numbers, to the width of the terminal")
    func fitted() {
        let lines = Self.table.rendered(OutputStyle(isDecorated: true, width: 18)).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 18 })
        #expect(lines.last == "a much lo… │ 12345")
        let narrow = Self.table.rendered(OutputStyle(isDecorated: false, width: 3))
        #expect(narrow.contains("a muc...") && narrow.contains("12345"))
    }

    @Test("keep each row on its line and let no cell drive the terminal")
    func controls() {
        var table = TextTable([.init("a"), .init("b")])
        table.add(["x\ny\u{1B}[31m", "p|q", "surplus"])
        table.add([])
        #expect(table.rendered().split(separator: "\n", omittingEmptySubsequences: false).count == 5)
        #expect(!table.rendered().contains("\u{1B}"))
        #expect(table.markdown.contains("p\\|q"))
    }

    static let numbers: [(found: String, expected: String)] = [
        (NumberText.fixed(0.12345), "0.123"), (NumberText.fixed(-2, 1), "-2.0"), (NumberText.fixed(0.00001), "1.0e-05"),
        (NumberText.fixed(0), "0.000"), (NumberText.fixed(.nan), "-"), (NumberText.fixed(.infinity), "inf"),
        (NumberText.fixed(1e300), "1.0e+300"), (NumberText.significant(0.0123456), "0.0123"),
        (NumberText.grouped(1_048_576), "1,048,576"), (NumberText.grouped(-999), "-999"), (NumberText.duration(0.25), "250 ms"),
        (NumberText.duration(12.34), "12.3 s"), (NumberText.duration(245), "4 min 05 s"), (NumberText.duration(7380), "2 h 03 min"),
        (NumberText.bytes(512), "512 B"), (NumberText.bytes(1_572_864), "1.5 MiB"),
        (NumberText.estimate(Estimate([1, 2, 3]), 1), "2.0 ± 2.5"),
    ]

    @Test("write numbers as people read them")
    func numbers() {
        for number in Self.numbers { #expect(number.found == number.expected) }
    }

    @Test("draw a series, its ends and its gaps")
    func sparkline() {
        let decorated = OutputStyle(isDecorated: true, width: nil)
        #expect(Sparkline.drawn([-1, 0, 1], range: -1...1, decorated) == "▁▅█")
        #expect(Sparkline.drawn([0, .nan, 9], .plain) == "_?#")
        #expect(Sparkline.drawn([], .plain) == "")
        #expect(Sparkline.drawn(Array(repeating: 2, count: 500), width: 20, .plain).count == 20)
    }
}

@Suite("The run's report")
struct ReportTests {
    static var report: RunReport {
        let answer = { (generated: String, loss: Double) in
            AnsweredExample(question: "Who?", reference: "The | baker.", generated: generated, loss: loss, tokens: 4)
        }
        var settings = UnlearningSettings()
        (settings.outerForm, settings.refreshEvery) = (.difference, 1)
        settings.forgetTarget = .perExample(2.5)
        let record = RoundRecord(
            round: 0, forgetLoss: 0.5, retainLoss: 0.01, saturatedShare: 0.25, similarity: -0.5, forgetGradientNorm: 1,
            retainGradientNorm: 2, penaltyGradientNorm: 3, outerGradientNorm: .nan, curvature: -1, rho: 0.1, beta: 0.3,
            innerStep: 0.01, outerStep: 0.02, gradientEquivalents: 40, seconds: 1.5, bytes: 1 << 20, isReleased: false)
        var report = RunReport(
            title: "A <test> of *reports*", date: "2026-11-24", settings: settings, device: "cpu", rounds: [record, record])
        report.data = [.init(role: "forget", path: "forget.jsonl", examples: 2, sha256: SHA256.digest([]))]
        report.model = [.init("architecture", "llama")]
        report.versions = [.init("ofmu-gpu", "0.1")]
        report.stages = [
            .init(
                name: "before", forget: AnswerEvaluation([answer("The baker.", 0.01), answer("The baker.", 0.03)]),
                retain: AnswerEvaluation([answer("A cook.", 1)])),
            .init(name: "after", forget: [], retain: []),
        ]
        report.samples = [
            .init(role: "forget", question: "Who?", reference: "The baker.", answers: [.init("before", "The \"baker\".")])
        ]
        report.stopReason = .rounds
        return report
    }

    @Test("fits a screen, with the answers last")
    func summary() {
        var report = Self.report
        report.samples = [
            .init(
                role: "forget", question: "Who?", reference: "The baker.", answers: [.init("before", "A\u{1B}[31mb"), .init("after", "")])
        ]
        let summary = report.summary(.plain)
        for part in [
            "answer probability", "ROUGE-L", "cos(g_f, g_r)", "80 gradient-equivalents", "Approximations: stationarity term: difference",
            "[forget] Who?", "data    The baker.", "before  A [31mb", "after   (nothing)",
        ] {
            #expect(summary.contains(part), "\(part)")
        }
        report.stages += report.stages
        let narrow: String = report.summary(OutputStyle(isDecorated: true, width: 70))
        let lines = narrow.split { $0 == "\n" }.filter { $0.contains("│") }
        #expect(!lines.isEmpty && lines.allSatisfy { $0.count <= 70 })
    }

    @Test("is JSON with everything that was asked, done, changed and spent")
    func json() throws {
        let report = Self.report
        let json = try JSONValue(parsing: report.json.serialized(pretty: true))
        #expect(json["settings"]?["method"]?.asString == "ofmu")
        #expect(json["settings"]?["forget_target"]?.asString == "per-example:2.5")
        #expect(json["data"]?.asArray?.first?["sha256"]?.asString == SHA256.digest([]))
        #expect(json["approximations"]?.asArray?.count == 1)
        #expect(json["cost"]?["gradient_equivalents"]?.asDouble == 80)
        #expect(json["cost"]?["seconds"]?.asDouble == 3)
        #expect(json["cost"]?["bytes"]?.asInt == 1 << 20)
        let before = json["stages"]?.asArray?.first
        #expect(before?["forget"]?["loss"]?["mean"]?.asDouble == 0.02)
        #expect(before?["forget"]?["rouge_l_recall"]?["mean"]?.asDouble == 1)
        #expect(before?["retain"]?["rouge_l_recall"]?["half_width_95"]?.isNull == true)
        let rounds = json["rounds"]?.asArray ?? []
        #expect(rounds.count == 2)
        let fields = [
            "round", "forget_loss", "retain_loss", "similarity", "forget_gradient_norm", "retain_gradient_norm",
            "penalty_gradient_norm", "outer_gradient_norm", "curvature", "rho", "beta", "multiplier", "inner_step",
            "outer_step",
            "gradient_equivalents", "seconds", "bytes", "released",
        ]
        for field in fields { #expect(rounds[0][field] != nil, "\(field)") }
        #expect(rounds[0]["outer_gradient_norm"]?.isNull == true)
        #expect(json["samples"]?.asArray?.first?["answers"]?["before"]?.asString == "The \"baker\".")
    }

    @Test("is readable, and text from data is never markup")
    func markdown() {
        let text = Self.report.markdown
        #expect(text.hasPrefix("# A \\<test\\> of \\*reports\\*\n"))
        for part in ["## Result", "## Sample answers", "## What was asked", "## Method", "## Cost", "## Rounds", "## Versions"] {
            #expect(text.contains(part))
        }
        #expect(text.contains("| forget | loss | 0.020 ± 0.127 | - |"))
        #expect(text.contains("Approximations: stationarity term: difference."))
    }

    @Test("shows no question as such, not as empty markup")
    func noQuestion() {
        var report = Self.report
        report.samples = [.init(role: "forget", question: "", reference: "The baker.", answers: [])]
        #expect(report.markdown.contains("\n(nothing) (forget)\n") && !report.markdown.contains("****"))
        #expect(report.summary(.plain).contains("[forget] (nothing)\n"))
    }

    @Test("says how far the weights moved, and that they did not")
    func change() throws {
        let start = try DemoModel.make(vocabulary: 300, endID: 0, size: .tiny, seed: 1)
        var report = Self.report
        #expect(report.json["weight_change"]?.isNull == true)
        report.change = WeightChange(of: start, since: start, writtenAs: .f32)
        for text in [report.markdown, report.summary(.plain)] {
            #expect(text.contains("Weights: no weight moved: it holds the model as it was"))
        }
        var other = start
        other.trainable = start.trainable.map { 1.5 * $0 }
        report.change = WeightChange(of: other, since: start, writtenAs: .f32)
        for text in [report.markdown, report.summary(.plain)] { #expect(text.contains("weights moved, by 50 % of their norm")) }
        let relative = try #require(report.json["weight_change"]?["relative"]?.asDouble)
        #expect(abs(relative - 0.5) <= 1e-6)
        #expect(report.json["weight_change"]?["weights"]?.asInt == start.trainable.count)
    }

    @Test("says so when a run was interrupted or exact")
    func variants() {
        var report = Self.report
        report.stopReason = nil
        report.settings.outerForm = .exact
        #expect(report.markdown.contains("Interrupted before its end.") && report.markdown.contains("Approximations: none."))
    }
}
