import Backends
import Data
import Demo
import Files
import Glibc
import Inference
import Reporting
import Runs
import TestSupport
import Testing
import Text
import Unlearning

@Suite("The demonstration")
struct DemoRunTests {
    private func request(_ vocabulary: Int, _ base: UnlearningSettings) -> UnlearningSettings { base }

    @Test("goes all the way from a library call, and writes the model, its data and the report it returns")
    func whole() throws {
        try withTemporaryFolder { folder in
            let out = joinPath(folder, "demo")
            let request = DemoRequest(scale: .tiny, judging: Judging(examples: 2, answerTokens: 4), settings: request)
            let report = try DemoRun(request, in: RunPlace(out)).run(on: CPUBackend())
            #expect(report.stages.map(\.name) == ["before", "after", "retrained"])
            #expect(report.rounds.count == 2)
            let written = try JSONValue(contentsOf: joinPath(out, "report.json"))
            #expect(written == report.json)
            #expect(try FileSystem.list(out).contains("forget.jsonl"))
        }
    }

    /// With OFMU_PRINT_TABLES set: what `--plan` would say of a round of the demonstration's model, beside a round's measured time.
    @Test("A round takes about as long as its forecast says (printed, not asserted: clocks depend on the machine)")
    func forecast() throws {
        let data = try DemoData(people: 6, forgotten: 2, questions: 5, vocabulary: 512, seed: 0)
        let description = data.encoder.tokenizer.description
        let isTable = getenv("OFMU_PRINT_TABLES") != nil
        let session = try LanguageModelSession(
            DemoModel.make(
                vocabulary: description.tokens.count, endID: description.endID, size: isTable ? .standard : .tiny, seed: 0),
            on: CPUBackend())
        let context = session.model.dimensions.context
        var settings = UnlearningSettings()
        settings.rounds = 3
        let unlearner = try Unlearner(
            session.loss, session.trainable, forget: ExampleSet(data.tokens(data.forget), context: context),
            retain: ExampleSet(data.tokens(data.retain), context: context), settings, on: session.backend)
        let said = try #require(try unlearner.forecast(measures: true).seconds)
        try UnlearningDriver(SilentListener()).run(unlearner)
        let measured = unlearner.state.seconds / Double(max(1, unlearner.state.history.count))
        #expect(said > 0 && measured > 0)
        if isTable {
            print(
                "A round: forecast \(NumberText.fixed(said, 3)) s, measured \(NumberText.fixed(measured, 3)) s, "
                    + "ratio \(NumberText.fixed(said / measured, 2))")
        }
    }
}
