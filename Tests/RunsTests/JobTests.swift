import Backends
import Data
import Files
import Glibc
import Inference
import Models
import Reporting
import Runs
import TestSupport
import Testing
import Text
import Unlearning

@Suite("Other jobs from a library call")
struct JobTests {
    private func digest(_ place: RunPlace) throws -> String {
        try SHA256.digest(readInput(joinPath(place.path, "model.safetensors")))
    }

    @Test("A training lowers the loss, writes its model, and resumes to the same bytes as one that was not stopped")
    func training() throws {
        try withTemporaryFolder { folder in
            let request = try RunFixture.request(in: folder)
            var settings = TrainingSettings()
            (settings.epochs, settings.batch, settings.rate) = (6, 2, 3e-3)
            let training = TrainingRequest(model: request.model, data: request.forget, settings: settings)
            let straight = RunPlace(joinPath(folder, "straight")), stopped = RunPlace(joinPath(folder, "stopped"))
            let recorder = RunFixture.Recorder()
            guard case .written(let loss, _) = try TrainingRun(training, in: straight, recorder).run(on: CPUBackend()) else {
                Issue.record("Nothing was written")
                return
            }
            let losses = recorder.events.filter { $0["event"]?.asString == "trained" }.compactMap { $0["loss"]?.asDouble }
            #expect(losses.count == 6 && loss < losses[0])
            let interrupted = RunFixture.Recorder()
            interrupted.stops = true
            #expect(throws: RunError.self) { try TrainingRun(training, in: stopped, interrupted).run(on: CPUBackend()) }
            _ = try TrainingRun(training, in: stopped, resumes: true, SilentListener()).run(on: CPUBackend())
            #expect(try digest(stopped) == digest(straight))
        }
    }

    @Test("The same rows in both sets are refused, and single ones that are in both are told")
    func overlap() throws {
        try withTemporaryFolder { folder in
            var request = try RunFixture.request(in: folder)
            let retain = request.retain
            request.retain = request.forget
            #expect(throws: RunError.self) { try PreparedRun(request, SilentListener()) }
            request.retain = try RunFixture.write(RunFixture.rows(["Ann", "Cid"]), to: joinPath(folder, "mixed.jsonl"))
            let recorder = RunFixture.Recorder()
            _ = try PreparedRun(request, recorder)
            #expect(recorder.events.first?["event"]?.asString == "overlap" && recorder.events.first?["same"]?.asInt == 1)
            request.retain = retain
            let silent = RunFixture.Recorder()
            _ = try PreparedRun(request, silent)
            #expect(silent.events.isEmpty)
        }
    }

    @Test("A run that ends before its target says what is missing")
    func shortfall() throws {
        try withTemporaryFolder { folder in
            var request = try RunFixture.request(in: folder)
            let settings = request.settings
            request.settings = { vocabulary in
                var settings = try settings(vocabulary)
                settings.forgetTarget = .perExample(40)
                return settings
            }
            let run = try UnlearningRun(PreparedRun(request, SilentListener()), in: RunPlace(joinPath(folder, "out")))
            guard case .written(let report) = try run.run(on: CPUBackend()) else {
                Issue.record("Nothing was written")
                return
            }
            #expect(report.stopReason == .unmet && report.shortfall?.contains("0 of 2 forget examples") == true)
        }
    }

    @Test("A diagnosis' whole is the sum of its parts, and its dump holds the vectors it speaks of")
    func diagnosis() throws {
        try withTemporaryFolder { folder in
            let request = try RunFixture.request(in: folder)
            let opened = try OpenedModel(path: request.model)
            let encoder = try request.text.encoder(for: opened)
            let batch = { (path: String) in
                TokenBatch(try DataRows(path, encoder).encoded, context: opened.model.dimensions.context)
            }
            let forget = try batch(request.forget), retain = try batch(#require(request.retain))
            let session = try opened.session(on: CPUBackend())
            let diagnosis = try Diagnosis(session, forget: forget, retain: retain, similarity: .cosine, beta: .relative(0.3))
            try diagnosis.check()
            let sum = diagnosis.layers.reduce(0) { $0 + $1.cross }
            #expect(abs(sum - diagnosis.whole.cross) <= 1e-9 * max(1, abs(diagnosis.whole.cross)))
            #expect(abs(diagnosis.whole.cosine) <= 1 && diagnosis.penaltyNorm > 0 && diagnosis.beta > 0)
            let path = joinPath(folder, "dump.safetensors")
            try DiagnosisDump(diagnosis, session.split.trainable, forget: forget, retain: retain).write(to: path)
            let dump = try SafetensorsFile(path: path)
            let entry = try #require(session.split.trainable.entries.first)
            #expect(try dump.read("g_f/\(entry.name)") == Array(diagnosis.vectors.forgetGradient[entry.range]))
        }
    }

    @Test("A description counts the parameters that the session holds, and logits are those of the loss")
    func description() throws {
        try withTemporaryFolder { folder in
            let opened = try OpenedModel(path: RunFixture.request(in: folder).model)
            let session = try opened.session(on: CPUBackend())
            let description = ModelDescription(opened)
            #expect(description.json["parameters"]?.asInt == session.split.trainable.count)
            #expect(description.lines.contains { $0.0 == "Parameters" && $0.1 == NumberText.grouped(session.split.trainable.count) })
            let ids: [Int32] = [72, 105, 33]
            let rows = try session.logits(ids)
            #expect(rows.count == 3 * 257)
            let row = rows[257..<514].map(Double.init)
            let most = try #require(row.max())
            let loss = most + log(row.reduce(0) { $0 + exp($1 - most) }) - row[Int(ids[2])]
            let example = TokenExample(ids: ids, labels: [-100, -100, ids[2]])
            #expect(abs(try LossEvaluator(session).scores([example])[0].loss - loss) < 1e-5)
        }
    }

    @Test("Text that comes token by token keeps back what is not yet a whole character")
    func stream() throws {
        try withTemporaryFolder { folder in
            let tokenizer = try OpenedModel(path: RunFixture.request(in: folder).model).tokenizer
            let ids = tokenizer.encode("a€b")
            var stream = TextStream(tokenizer)
            let pieces = ids.map { stream.text(after: $0) }
            #expect(pieces.joined() + stream.rest() == tokenizer.decode(ids))
            #expect(pieces.allSatisfy { !$0.unicodeScalars.contains("\u{FFFD}") })
        }
    }
}
