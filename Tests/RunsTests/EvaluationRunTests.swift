import Backends
import Data
import Evaluation
import Files
import Reporting
import Runs
import TestSupport
import Testing

@Suite("Evaluations")
struct EvaluationRunTests {
    private func row(_ name: String) -> String {
        #"{"question": "Where was \#(name) born?", "answer": "In \#(name)ville.", "paraphrased_answer": "\#(name)ville.", "#
            + #""perturbed_answer": ["In Rome.", "In Oslo."]}"# + "\n"
    }

    private func request(in folder: String) throws -> EvaluationRequest {
        let model = try RunFixture.request(in: folder).model
        let file = { (name: String, text: String) in try RunFixture.write(Array(text.utf8), to: joinPath(folder, name)) }
        var request = EvaluationRequest(
            model: model,
            questions: [
                .forget: try file("f.jsonl", row("Ann") + row("Bob") + row("Cid")), .retain: try file("r.jsonl", row("Dee") + row("Eve")),
                .realAuthors: try file("a.jsonl", row("Fay")), .worldFacts: try file("w.jsonl", row("Gus")),
                .holdout: try file("h.jsonl", row("Hal") + row("Ivy")),
            ])
        request.plainText = try file("t.jsonl", #"{"text": "A fair day."}"#)
        request.options.maximumTokens = 4
        request.original = model
        request.robustness = RobustnessEvaluator(roundings: WeightRounding.allCases, relearning: Relearning(steps: 2))
        return request
    }

    @Test("A model is its own reference in every form that is read: a model, results, a folder, open-unlearning's log")
    func references() throws {
        try withTemporaryFolder { folder in
            var request = try request(in: folder)
            request.judge = request.model
            let out = joinPath(folder, "first")
            let first = try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(out))
            #expect(first.items == 10 && first.itemsPerSecond > 0)
            for (number, reference) in [request.model, out, "\(out)/eval.json", "\(out)/TOFU_EVAL.json"].enumerated() {
                request.reference = reference
                let report = try EvaluationRun(request, SilentListener())
                    .run(on: CPUBackend(), writingTo: EvaluationPlace(joinPath(folder, "next\(number)")))
                for result in report.results {
                    switch result.key {
                    case "forget_distance", "rel_diff", "privleak": #expect(result.value == 0, "\(result.key) of \(reference)")
                    case "forget_quality": #expect(result.value == 1, "\(reference)")
                    default:
                        if result.value != nil { #expect(result.target == result.value, "\(result.key) of \(reference)") }
                    }
                }
            }
            let json = try JSONValue(contentsOf: joinPath(out, "eval.json"))
            #expect(json["metrics"]?.asArray?.count == EvaluationSuite.tofu.metrics.count)
            #expect(json["robustness"]?["relearning"]?["unrelated"]?["examples"]?.asArray?.count == 3)
            #expect(first.results.filter { $0.key.hasPrefix("relearn_") && $0.value != nil }.count >= 4)
            #expect(first.table(OutputStyle(isDecorated: false, width: nil)).contains("a part of the forget set"))
            #expect(json["questions"]?["forget"]?.asArray?.count == 3)
            let log = try JSONValue(contentsOf: joinPath(out, "TOFU_EVAL.json"))
            #expect(log["forget_truth_ratio"]?["value_by_index"]?["2"]?["score"]?.asDouble != nil)
            #expect(log["forget_Q_A_ROUGE"]?["value_by_index"]?["0"]?["generation"]?.asString != nil)
        }
    }

    @Test("Adapters relearn beside the weights, and a reference that relearnt with all of them gives no target")
    func relearningAdapters() throws {
        try withTemporaryFolder { folder in
            var request = try request(in: folder)
            request.options.generates = false
            var relearning = Relearning(steps: 2)
            relearning.rate = 1e-2
            request.robustness = RobustnessEvaluator(relearning: relearning)
            let full = joinPath(folder, "full")
            let first = try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(full))
            relearning.rank = 2
            request.robustness = RobustnessEvaluator(relearning: relearning)
            request.reference = full
            let second = try EvaluationRun(request, SilentListener())
                .run(on: CPUBackend(), writingTo: EvaluationPlace(joinPath(folder, "adapters")))
            let curves = try [first, second].map { try #require($0.measured.robustness.relearnt[.forget]).probabilities }
            // Adapters begin as nothing.
            for (a, b) in zip(curves[0][0], curves[1][0]) { #expect(abs(a - b) < 1e-6) }
            #expect(curves[1][0] != curves[1][2] && curves[0][2] != curves[1][2])
            let area = try #require(second.results.first { $0.key == "relearn_forget_area" })
            #expect(area.value != nil && area.target == nil && area.missingTarget?.contains("rank 2") == true)
            let ratio = try #require(second.results.first { $0.key == "relearn_forget_ratio" })
            #expect(ratio.value == nil && ratio.missing?.contains("rank 2") == true)
        }
    }

    @Test("States are exchanged with the original and the reference, and an entity that is not in its answer is told first")
    func depth() throws {
        try withTemporaryFolder { folder in
            var request = try request(in: folder)
            request.options.generates = false
            request.robustness = RobustnessEvaluator()
            request.robustness.measuresDepth = true
            request.reference = request.model
            let out = joinPath(folder, "out")
            let report = try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(out))
            // All three are one model: nothing is taken away, and the metric says so.
            #expect(report.results.first { $0.key == "uds" }?.missing?.contains("does the original know them") == true)
            let depth = try #require(try JSONValue(contentsOf: joinPath(out, "eval.json"))["robustness"]?["depth"])
            #expect(depth["patched"]?["by_layer"]?.asArray?.count == 1 && depth["lens_original"]?["examples"]?.asArray?.count == 3)
            request.questions[.forget] = try RunFixture.write(
                Array((#"{"question": "Where?", "answer": "In Rome.", "entity": "Oslo"}"# + "\n").utf8), to: joinPath(folder, "bad.jsonl"))
            #expect(throws: DataError.self) {
                try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(joinPath(folder, "other")))
            }
        }
    }

    @Test("What is there is not overwritten, and a reference of other tokens or another kind is refused")
    func refusals() throws {
        try withTemporaryFolder { folder in
            var request = try request(in: folder)
            request.options.generates = false
            let out = joinPath(folder, "out")
            _ = try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(out))
            #expect(throws: FileError.self) {
                try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(out))
            }
            for text in [
                #"{"format": "ofmu-gpu evaluation 1", "tokenizer_sha256": "other", "metrics": []}"#, #"{"format": "another 7"}"#,
                #"{"a": 1}"#, "[]",
            ] {
                request.reference = try RunFixture.write(Array(text.utf8), to: joinPath(folder, "reference.json"))
                #expect(throws: RunError.self, "\(text)") {
                    try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(joinPath(folder, "new")))
                }
                #expect(FileSystem.entry(at: joinPath(folder, "new")) == nil)
            }
        }
    }
}
