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
    @Test("A run writes its model and report, tells its events, and replaces no result unasked")
    func whole() throws {
        try withTemporaryFolder { folder in
            let place = RunPlace(joinPath(folder, "out"))
            let recorder = RunFixture.Recorder()
            let prepared = try PreparedRun(RunFixture.request(in: folder), recorder)
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
            let request = try RunFixture.request(in: folder)
            let straight = RunPlace(joinPath(folder, "straight")), stopped = RunPlace(joinPath(folder, "stopped"))
            _ = try UnlearningRun(PreparedRun(request, SilentListener()), in: straight).run(on: CPUBackend())
            let recorder = RunFixture.Recorder()
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
            let request = try RunFixture.request(in: folder)
            let files = try FileSystem.list(folder).sorted()
            let plan = try RunPlan(PreparedRun(request, SilentListener()), on: CPUBackend())
            #expect(plan.json["rounds"]?.asInt == 2 && plan.json["round"] == plan.cost.json)
            #expect((plan.cost.json["seconds"]?.asDouble ?? 0) > 0)
            #expect(plan.lines.contains { $0.0 == "A round" && $0.1 == plan.cost.text })
            #expect(try FileSystem.list(folder).sorted() == files)
        }
    }

    @Test("A run of fewer than 30 updates says so, in the report too", arguments: [(14, true), (15, false)])
    func fewUpdates(rounds: Int, says: Bool) throws {
        try withTemporaryFolder { folder in
            let prepared = try PreparedRun(RunFixture.request(in: folder, rounds: rounds), SilentListener())
            guard case .written(let report) = try UnlearningRun(prepared, in: RunPlace(joinPath(folder, "out"))).run(on: CPUBackend())
            else {
                Issue.record("Nothing was written")
                return
            }
            let remarks = report.notes.filter { $0.contains("updates of the model") }
            #expect(remarks.count == (says ? 1 : 0) && remarks.allSatisfy { $0.hasPrefix("The run makes at most 28 updates") })
        }
    }

    @Test("A place without a checkpoint cannot be resumed, and one with a checkpoint not begun anew")
    func places() throws {
        try withTemporaryFolder { folder in
            let place = RunPlace(joinPath(folder, "out//"))
            #expect(place.checkpoint == joinPath(folder, "out.checkpoint"))
            #expect(throws: RunError.self) { try place.check(resumes: true, bytes: 1) }
            try place.check(resumes: false, bytes: 1)
            _ = try RunFixture.write([1], to: place.checkpoint)
            #expect(throws: RunError.self) { try place.check(resumes: false, bytes: 1) }
        }
    }

    @Test("An identity changes with the settings, the text, what moves and the data, and with nothing else")
    func identity() throws {
        try withTemporaryFolder { folder in
            let loaded = try ModelLoader.load(ModelFolder(path: RunFixture.request(in: folder).model), trainable: .all, seed: 0)
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
