import Backends
import Evaluation
import Files
import Runs
import TestSupport
import Testing

@Suite("Interrupted evaluations")
struct EvaluationResumeTests {
    /// Remembers what lay in a file at every event: what a kill at that moment would leave.
    private final class Witness: JobListener {
        let path: String
        var states: [[UInt8]] = []
        var notes: [String] = []

        init(_ path: String) { self.path = path }

        func hear(_ event: JobEvent) {
            if case .note(let text) = event { notes.append(text) }
            guard let bytes = try? readFile(path, for: .data), bytes != states.last else { return }
            states.append(bytes)
        }
    }

    private func request(in folder: String) throws -> EvaluationRequest {
        let model = try RunFixture.request(in: folder).model
        let row = { (name: String) in
            #"{"question": "Where was \#(name) born?", "answer": "In \#(name)ville, of all places.", "perturbed_answer": ["In Rome."]}"#
                + "\n"
        }
        let file = { (name: String, names: [String]) in
            try RunFixture.write(Array(names.map(row).joined().utf8), to: joinPath(folder, name))
        }
        var request = EvaluationRequest(
            model: model,
            questions: [
                .forget: try file("f.jsonl", ["Ann", "Bob", "Cid", "Dora", "Ed"]), .retain: try file("r.jsonl", ["Dee", "Eve", "Fay"]),
                .holdout: try file("h.jsonl", ["Hal", "Ivy"]),
            ])
        request.options.maximumTokens = 4
        request.options.batchSize = 2
        request.options.measuresConfidence = true
        request.options.sampling = AnswerSampling(count: 2)
        request.options.prefixes = [0.5]
        (request.reference, request.judge, request.original) = (model, model, model)
        var relearning = Relearning(steps: 2)
        relearning.rank = 2
        request.robustness = RobustnessEvaluator(roundings: [.normalFloat], relearning: relearning)
        request.robustness.measuresDepth = true
        return request
    }

    /// What an evaluation found, without the time it took.
    private func results(_ out: String) throws -> JSONObject {
        var object = try #require(try JSONValue(contentsOf: joinPath(out, "eval.json"), for: .data).asObject)
        (object["seconds"], object["items_per_second"]) = (nil, nil)
        return object
    }

    private func run(_ request: EvaluationRequest, _ listener: any JobListener = SilentListener(), to out: String, resumes: Bool) throws {
        _ = try EvaluationRun(request, listener).run(on: CPUBackend(), writingTo: EvaluationPlace(out), resumes: resumes)
    }

    @Test("Wherever a process is killed, --resume gives the same results and keeps what was measured")
    func resume() throws {
        try withTemporaryFolder { folder in
            let request = try request(in: folder), whole = joinPath(folder, "whole")
            let witness = Witness(whole + ".checkpoint")
            try run(request, witness, to: whole, resumes: false)
            #expect(FileSystem.entry(at: whole + ".checkpoint") == nil)
            let expected = try results(whole)
            #expect(witness.states.count > 20)
            for (number, state) in witness.states.enumerated() where number % 4 == 1 || number == witness.states.count - 1 {
                let out = joinPath(folder, "again\(number)")
                // The last line is half written.
                _ = try RunFixture.write(state + Array(#"{"part": "Asking the forg"#.utf8), to: out + ".checkpoint")
                let listener = Witness(out + ".checkpoint")
                try run(request, listener, to: out, resumes: true)
                #expect(try results(out) == expected, "killed at state \(number)")
                let lines = state.count { $0 == UInt8(ascii: "\n") }
                #expect(listener.notes.contains { $0.hasSuffix("holds \(lines - 1) results") }, "state \(number)")
                #expect(FileSystem.entry(at: out + ".checkpoint") == nil)
            }
        }
    }

    @Test("A checkpoint is not overwritten, and only continued by the evaluation that it is of")
    func refusals() throws {
        try withTemporaryFolder { folder in
            let request = try request(in: folder), out = joinPath(folder, "out")
            #expect(throws: RunError.self) { try run(request, to: out, resumes: true) }
            let witness = Witness(out + ".checkpoint")
            try run(request, witness, to: out, resumes: false)
            let state = try #require(witness.states.last), other = joinPath(folder, "other")
            _ = try RunFixture.write(state, to: other + ".checkpoint")
            #expect(throws: RunError.self) { try run(request, to: other, resumes: false) }
            var changed = request
            changed.options.maximumTokens = 5
            #expect(throws: RunError.self) { try run(changed, to: other, resumes: true) }
            changed = request
            changed.questions[.retain] = request.questions[.holdout]
            #expect(throws: RunError.self) { try run(changed, to: other, resumes: true) }
            #expect(try readFile(other + ".checkpoint", for: .data) == state)
            for text in ["", "[1", #"{"format": "another"}"# + "\n"] {
                _ = try RunFixture.write(Array(text.utf8), to: other + ".checkpoint")
                #expect(throws: (any Error).self, "\(text)") { try run(request, to: other, resumes: true) }
                #expect(FileSystem.entry(at: other) == nil)
            }
        }
    }
}
