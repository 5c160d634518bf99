import Backends
import Data
import Evaluation
import Files
import Reporting
import Runs
import TestSupport
import Testing

@Suite("Evaluations by other benchmarks, and beyond one answer")
struct BenchmarkRunTests {
    private func write(_ text: String, _ path: String, in folder: String) throws -> String {
        try RunFixture.write(Array(text.utf8), to: joinPath(folder, path))
    }

    /// A folder of MUSE's files, but for those left out.
    private func muse(in folder: String, without absent: MUSEFile...) throws -> String {
        let path = joinPath(folder, "muse")
        for name in ["", "knowmem", "verbmem", "privleak"] { try FileSystem.createFolder(joinPath(path, name)) }
        for file in MUSEFile.allCases where !absent.contains(file) {
            switch file {
            case .verbatim: _ = try write(#"[{"prompt": "She was", "gt": "born in Rome."}]"#, "\(file.rawValue).json", in: path)
            case .forgetTexts, .retainTexts, .holdoutTexts:
                _ = try write(#"["A fair day at \#(file).", "It rains."]"#, "\(file.rawValue).json", in: path)
            default: _ = try write(#"{"question": "Who?", "answer": "Ann"}"# + "\n", "\(file.rawValue).jsonl", in: path)
            }
        }
        return path
    }

    private let choices = #"{"question": "Who?", "choices": ["Ann", "Bob", "Cid", "Dee"], "answer": 2, "subject": "virology"}"# + "\n"

    private func run(_ request: EvaluationRequest, _ out: String) throws -> EvaluationReport {
        try EvaluationRun(request, SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(out))
    }

    @Test("Multiple choice and MUSE need no forget set, are in every file of results, and a model is its own reference")
    func benchmarks() throws {
        try withTemporaryFolder { folder in
            var request = EvaluationRequest(model: try RunFixture.request(in: folder).model, questions: [:])
            for task in ChoiceTask.allCases { request.choices[task] = try write(choices + choices, "\(task).jsonl", in: folder) }
            request.muse = try muse(in: folder)
            let out = joinPath(folder, "first"), first = try run(request, out)
            let keys =
                ChoiceTask.allCases.map { "\($0.rawValue)_acc" } + [
                    "forget_knowmem_ROUGE", "retain_knowmem_ROUGE", "forget_verbmem_ROUGE", "extraction_strength", "exact_memorization",
                    "privleak", "mia_min_k", "mia_min_k_retain",
                ]
            #expect(first.items == 4 * 2 + 2 + 1 + 6)
            for (number, reference) in [request.model, out, "\(out)/TOFU_EVAL.json"].enumerated() {
                request.reference = reference
                let report = try run(request, joinPath(folder, "next\(number)"))
                for key in keys {
                    let result = try #require(report.results.first { $0.key == key }), before = first.results.first { $0.key == key }
                    if key == "privleak" {
                        #expect(result.value == 0)
                    } else {
                        #expect(
                            result.value != nil && result.value == before?.value && result.target == result.value, "\(key) of \(reference)")
                    }
                }
            }
            let json = try JSONValue(contentsOf: joinPath(out, "eval.json"))
            #expect(json["choices"]?["wmdp_bio"]?.asArray?.first?["log_likelihoods"]?.asArray?.count == 4)
            #expect(json["muse"]?["knowmem/forget_qa"]?.asArray?.first?["generated"]?.asString != nil)
            #expect(json["muse"]?["privleak/holdout"]?.asArray?.count == 2)
            #expect(json["data"]?.asArray?.count == 4 + 8)
            let log = try JSONValue(contentsOf: joinPath(out, "TOFU_EVAL.json"))
            #expect(log["forget_verbmem_ROUGE"]?["value_by_index"]?["0"]?["rougeL_f1"]?.asDouble != nil)
            #expect(first.table(OutputStyle(isDecorated: false, width: nil)).contains("WMDP biology: accuracy"))
        }
    }

    private func probed(in folder: String) throws -> EvaluationRequest {
        let fixture = try RunFixture.request(in: folder)
        var request = EvaluationRequest(model: fixture.model, questions: [.forget: fixture.forget])
        request.questions[.holdout] = fixture.retain
        request.options.maximumTokens = 4
        request.options.measuresConfidence = true
        request.options.sampling = AnswerSampling(count: 2, seed: 3)
        request.options.prefixes = [0.5, 0.1]
        request.judge = request.model
        return request
    }

    /// Whether a metric has the value of its reference.
    private func isOwnTarget(_ key: String, _ results: [MetricResult]) -> Bool {
        guard let result = results.first(where: { $0.key == key }), let value = result.value else { return false }
        return result.target == value
    }

    @Test(
        "Samples, beginnings and confidence are compared with a reference in every form",
        arguments: ["model", "first", "first/TOFU_EVAL.json"])
    func probing(reference: String) throws {
        try withTemporaryFolder { folder in
            var request = try probed(in: folder)
            _ = try run(request, joinPath(folder, "first"))
            request.reference = joinPath(folder, reference)
            let results = try run(request, joinPath(folder, "next")).results
            for key in [
                "forget_sampled_ROUGE_worst", "forget_sampled_ROUGE_mean", "forget_prefix_0.5_Prob", "forget_prefix_0.1_ROUGE",
                "forget_prefix_0.1_exact_memorization", "holdout_confidence", "forget_confidence", "holdout_judged_perplexity",
            ] {
                #expect(isOwnTarget(key, results), "\(key)")
            }
            #expect(results.first { $0.key == "holdout_confidence_rise" }?.value == 0)
        }
    }

    @Test("They are written with every row, and are no targets of a model that was asked otherwise")
    func settings() throws {
        try withTemporaryFolder { folder in
            var request = try probed(in: folder)
            let out = joinPath(folder, "first")
            _ = try run(request, out)
            let row = try JSONValue(contentsOf: joinPath(out, "eval.json"))["questions"]?["forget"]?.asArray?.first
            #expect(row?["sampled"]?.asArray?.count == 2 && row?["confidence"]?.asDouble != nil)
            #expect(row?["continued"]?.asArray?.map { $0["share"]?.asDouble } == [0.1, 0.5])
            request.options.sampling?.count = 3
            request.reference = out
            let other = try run(request, joinPath(folder, "other")).results.first { $0.key == "forget_sampled_ROUGE_worst" }
            #expect(other?.value != nil && other?.target == nil && other?.missingTarget?.contains("2 samples") == true)
        }
    }

    @Test("Wrong folders and rows are told first, and nothing is written")
    func refusals() throws {
        try withTemporaryFolder { folder in
            let fixture = try RunFixture.request(in: folder)
            let base = EvaluationRequest(model: fixture.model, questions: [:]), out = joinPath(folder, "out")
            func refused(_ words: [String], _ change: (inout EvaluationRequest) throws -> Void) throws {
                var request = base
                try change(&request)
                do {
                    _ = try run(request, out)
                    Issue.record("\(words) was taken")
                } catch {
                    for word in words { #expect("\(error)".contains(word), "\(error)") }
                }
                #expect(FileSystem.entry(at: out) == nil)
            }
            try refused(["knowmem/forget_qa", "--muse"]) { $0.muse = folder }
            let partial = try muse(in: folder, without: .retainExamples)
            try refused(["knowmem/retain_qa_icl.json"]) { $0.muse = partial }
            _ = try write(#"{"question": "Who?", "answer": "Ann"}"# + "\n", "knowmem/retain_qa_icl.jsonl", in: partial)
            _ = try write(#"["Fine text.", "T"]"#, "privleak/holdout.json", in: partial)
            try refused(["privleak/holdout.json, line 1", "\"text\"", "too short"]) { $0.muse = partial }
            try refused(["bio.jsonl, line 2", "\"answer\"", "from 0 to 3"]) {
                $0.choices[.biology] = try write(choices + choices.replacing(": 2,", with: ": 4,"), "bio.jsonl", in: folder)
            }
            let short = #"{"question": "Where?", "answer": "In Rome"}"# + "\n" + #"{"prompt": "Where?", "completion": "O"}"# + "\n"
            try refused(["short.jsonl, line 2", "\"completion\"", "--prefix"]) {
                $0.questions[.forget] = try write(short, "short.jsonl", in: folder)
                $0.options.prefixes = [0.5]
            }
        }
    }
}
