import Backends
import Evaluation
import Files
import Reporting
import Testing

@Suite("The demo")
struct DemoTests {
    static func run(seed: UInt64 = 1, _ event: (DemoEvent) -> Void = { _ in }) throws -> DemoResult {
        try Demo.run(.tiny(seed: seed), on: CPUBackend(), event: event)
    }

    @Test("tells of its phases in order and of every round and step")
    func events() throws {
        var begun: [DemoPhase] = [], ended: [DemoPhase] = []
        var steps = 0, rounds = 0
        let result = try Self.run { event in
            switch event {
            case .began(let phase, _): begun.append(phase)
            case .ended(let phase, _): ended.append(phase)
            case .advanced(.training, let done, let total, let loss):
                steps += 1
                #expect(done == steps && total == 20 && loss?.isFinite == true)
            case .advanced: break
            case .round: rounds += 1
            }
        }
        #expect(begun == DemoPhase.allCases && ended == begun && result.seconds.map(\.phase) == begun)
        #expect(steps == 20 && rounds == 2 && result.rounds.count == 2)
    }

    @Test("learns, forgets up to the loss about strangers, and reports all of it")
    func report() throws {
        let result = try Self.run()
        #expect(result.unlearning.forgetTarget == .perExample(result.strangersLoss))
        #expect(result.after.forget.loss != result.before.forget.loss)
        #expect(result.stopReason != nil)

        let report = RunReport(result, date: "2026-11-24", versions: [.init("ofmu-gpu", "test")])
        let json = try JSONValue(parsing: report.json.serialized(pretty: true))
        #expect(json["stages"]?.asArray?.map { $0["name"]?.asString } == ["before", "after", "retrained"])
        #expect(json["samples"]?.asArray?.count == 3)
        #expect(json["rounds"]?.asArray?.count == 2)
        let round = try #require(json["rounds"]?.asArray?.first)
        #expect(round["gradient_equivalents"]?.asDouble == result.rounds[0].gradientEquivalents)
        #expect((json["cost"]?["gradient_equivalents"]?.asDouble ?? 0) > 0 && (json["cost"]?["bytes"]?.asInt ?? 0) > 0)
        #expect(json["data"]?.asArray?.allSatisfy { $0["sha256"]?.asString?.count == 64 } == true)

        let summary = report.summary(.plain)
        for part in ["answer probability", "ROUGE-L", "cos(g_f, g_r)", "gradient-equivalents", "[forget]", "[retain]"] {
            #expect(summary.contains(part))
        }
        let narrow: String = report.summary(OutputStyle(isDecorated: true, width: 70))
        let lines = narrow.split { $0 == "\n" }.filter { $0.contains("│") }
        #expect(!lines.isEmpty && lines.allSatisfy { $0.count <= 70 })
    }

    @Test("is the same for the same seed and another for another")
    func deterministic() throws {
        let (first, second, other) = (try Self.run(), try Self.run(), try Self.run(seed: 2))
        #expect(first.model.moving == second.model.moving)
        #expect(first.after.forget.examples == second.after.forget.examples)
        #expect(first.retrained.retain.examples == second.retrained.retain.examples)
        #expect(first.model.moving != other.model.moving)
    }

    @Test("refuses settings that make no sense before it trains")
    func refusals() throws {
        var settings = DemoSettings.tiny()
        settings.forgotten = 4
        #expect(throws: EvaluationError.self) { try Demo.run(settings, on: CPUBackend()) }
        settings = .tiny()
        settings.unlearning.innerSteps = 0
        #expect(throws: EvaluationError.self) {
            try Demo.run(settings, on: CPUBackend()) { _ in Issue.record("nothing may begin") }
        }
    }
}
