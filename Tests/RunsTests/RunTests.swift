import Backends
import Files
import Inference
import Models
import Reporting
import Runs
import TestSupport
import Testing
import Text
import Unlearning

@Suite("Runs from a library call")
struct LibraryRunTests {
    /// Keeps what it hears.
    private final class Recorder: JobListener {
        var events: [JSONValue] = []
        var stops = false
        var wantsStop: Bool { stops }
        func hear(_ event: JobEvent) throws(FileError) { if let json = event.json { events.append(json) } }
    }

    private func rows(_ names: [String]) -> [UInt8] {
        Array(names.map { #"{"question": "Where was \#($0) born?", "answer": "In \#($0)ville."}"# + "\n" }.joined().utf8)
    }

    private func write(_ bytes: [UInt8], to path: String) throws -> String {
        let file = try AtomicFile(path: path, expectedBytes: bytes.count)
        try file.writer.write(bytes)
        try file.commit()
        return path
    }

    /// A model of a few thousand parameters, and a request to forget two rows.
    private func request(in folder: String, rounds: Int = 2) throws -> UnlearningRequest {
        let tokens = (0..<256).map { String(UnicodeScalar(UInt8($0))) }
        var description = TokenizerDescription(
            tokens: tokens + ["<|end|>"], merges: [], addedTokens: [AddedToken(id: 256, content: "<|end|>", isSpecial: true)],
            preTokenizer: .gpt2)
        description.endID = 256
        description.stopIDs = [256]
        let model = DecoderModel(
            Llama(),
            DecoderModel.Configuration(
                vocabulary: 257, width: 16, intermediateSize: 24, layers: 1, heads: 2, keyValueHeads: 1, context: 96))
        let path = joinPath(folder, "model")
        try ModelExporter().export(
            LoadedModel(initialising: model, seed: 5), to: path,
            extra: description.folderFiles().map { .init(name: $0.name, bytes: Array($0.content.utf8)) })
        return UnlearningRequest(
            model: path, forget: try write(rows(["Ann", "Bob"]), to: joinPath(folder, "forget.jsonl")),
            retain: try write(rows(["Cid", "Dee"]), to: joinPath(folder, "retain.jsonl")),
            judging: Judging(examples: 1, answerTokens: 2)
        ) { _ in
            var settings = UnlearningSettings()
            (settings.rounds, settings.innerSteps, settings.outerSteps) = (rounds, 1, 1)
            (settings.forgetBatch, settings.retainBatch) = (2, 2)
            settings.forgetTarget = .none
            settings.termCap = nil
            return settings
        }
    }

    @Test("A run writes its model and report, tells its events, and replaces no result unasked")
    func whole() throws {
        try withTemporaryFolder { folder in
            let place = RunPlace(joinPath(folder, "out"))
            let recorder = Recorder()
            let prepared = try PreparedRun(request(in: folder), recorder)
            let run = UnlearningRun(prepared, in: place)
            guard case .written(let report) = try run.run(on: CPUBackend()) else {
                Issue.record("Nothing was written")
                return
            }
            #expect(report.rounds.count == 2 && report.stages.map(\.name) == ["before", "after"])
            #expect(try JSONValue(contentsOf: joinPath(place.path, "report.json")) == report.json)
            #expect(recorder.events.count { $0["event"]?.asString == "round" } == 2)
            #expect(recorder.events.last?["event"]?.asString == "finished")
            #expect(FileSystem.entry(at: place.checkpoint) == nil)
            // The same call again would replace the result, which nobody asked for.
            #expect(throws: FileError.self) { try run.run(on: CPUBackend()) }
        }
    }

    @Test("A run that is asked to stop saves, and resumes to the same bytes as a run that was not")
    func resumed() throws {
        try withTemporaryFolder { folder in
            let request = try request(in: folder)
            let straight = RunPlace(joinPath(folder, "straight")), stopped = RunPlace(joinPath(folder, "stopped"))
            _ = try UnlearningRun(PreparedRun(request, SilentListener()), in: straight).run(on: CPUBackend())
            let recorder = Recorder()
            recorder.stops = true
            #expect(throws: RunError.self) {
                try UnlearningRun(PreparedRun(request, recorder), in: stopped).run(on: CPUBackend())
            }
            #expect(FileSystem.entry(at: stopped.path) == nil && FileSystem.isFile(stopped.checkpoint))
            _ = try UnlearningRun(PreparedRun(request, SilentListener()), in: stopped, resumes: true).run(on: CPUBackend())
            let digests = try [straight, stopped].map { try SHA256.digest(readInput(joinPath($0.path, "model.safetensors"))) }
            #expect(digests[0] == digests[1])
        }
    }

    @Test("A plan says what a round takes, for people and for programs, and writes nothing")
    func plan() throws {
        try withTemporaryFolder { folder in
            let request = try request(in: folder)
            let files = try FileSystem.list(folder).sorted()
            let plan = try RunPlan(PreparedRun(request, SilentListener()), on: CPUBackend())
            #expect(plan.json["rounds"]?.asInt == 2 && plan.json["round"] == plan.cost.json)
            #expect((plan.cost.json["seconds"]?.asDouble ?? 0) > 0)
            #expect(plan.lines.contains { $0.0 == "A round" && $0.1 == plan.cost.text })
            #expect(try FileSystem.list(folder).sorted() == files)
        }
    }

    @Test("A place without a checkpoint cannot be resumed, and one with a checkpoint not begun anew")
    func places() throws {
        try withTemporaryFolder { folder in
            let place = RunPlace(joinPath(folder, "out//"))
            #expect(place.checkpoint == joinPath(folder, "out.checkpoint"))
            #expect(throws: RunError.self) { try place.check(resumes: true, bytes: 1) }
            try place.check(resumes: false, bytes: 1)
            _ = try write([1], to: place.checkpoint)
            #expect(throws: RunError.self) { try place.check(resumes: false, bytes: 1) }
        }
    }

    @Test("An identity changes with the settings, the text, what moves and the data, and with nothing else")
    func identity() throws {
        try withTemporaryFolder { folder in
            let loaded = try ModelLoader.load(ModelFolder(path: request(in: folder).model), trainable: .all, seed: 0)
            let identity = { (settings: String, text: String, trainable: TrainableParameters, digest: String, path: String) in
                RunIdentity(
                    settings: JSONObject([("method", .string(settings))]), text: text, trainable: trainable,
                    data: [.init(role: "forget", path: path, examples: 1, sha256: digest)])
            }
            let one = identity("s", "t", .all, "d", "a")
            #expect(one.isRequest(of: identity("s", "t", .all, "d", "elsewhere").json(loaded)))
            for other in [
                identity("x", "t", .all, "d", "a"), identity("s", "x", .all, "d", "a"), identity("s", "t", .matching(["x"]), "d", "a"),
                identity("s", "t", .all, "x", "a"),
            ] { #expect(!one.isRequest(of: other.json(loaded))) }
        }
    }
}
