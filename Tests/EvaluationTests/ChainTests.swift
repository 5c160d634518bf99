import Backends
import Evaluation
import Files
import Runs
import TestSupport
import Testing

/// The whole of `ofmu-gpu eval` on files, beside a Python program of the same definitions (Fixtures/generate_chain.py): transformers in
/// float64, rouge-score, SciPy and zlib.
@Suite("An evaluation equals the reference packages")
struct ChainTests {
    private let folder: String
    private let fixture: JSONValue
    /// What the reference says, by metric.
    private let expected: [(key: String, metric: JSONValue)]

    init() throws {
        folder = joinPath(joinPath(parentFolder(of: #filePath), "Fixtures"), "chain")
        fixture = try JSONValue(contentsOf: joinPath(folder, "expected.json"))
        var expected: [(key: String, metric: JSONValue)] = []
        for metric in try #require(fixture["metrics"]?.asArray) { expected.append((try #require(metric["key"]?.asString), metric)) }
        self.expected = expected
    }

    private func data(_ name: String) -> String { joinPath(folder, "data/\(name).jsonl") }

    /// Everything that is not random and that these data have.
    private func request() throws -> EvaluationRequest {
        var request = EvaluationRequest(model: joinPath(folder, "model"), questions: [:])
        request.questions = [
            .forget: data("forget"), .retain: data("retain"), .holdout: data("holdout"), .realAuthors: data("real_authors"),
            .worldFacts: data("world_facts"), .neighbours: data("neighbours"),
        ]
        request.plainText = data("text")
        request.choices = [.biology: data("wmdp_bio"), .mmlu: data("mmlu")]
        request.reference = joinPath(folder, "retrained")
        (request.original, request.judge) = (joinPath(folder, "original"), joinPath(folder, "original"))
        request.robustness = RobustnessEvaluator(roundings: WeightRounding.allCases)
        request.robustness.measuresDepth = true
        request.options.rephrases = true
        request.options.measuresConfidence = true
        request.options.maximumTokens = try #require(fixture["answer_tokens"]?.asInt)
        request.options.prefixes = try #require(fixture["prefixes"]?.asArray).compactMap(\.asDouble)
        return request
    }

    /// What stands in `eval.json` after a run on the CPU.
    private func written() throws -> JSONValue {
        var json = JSONValue.null
        try withTemporaryFolder { temporary in
            let out = joinPath(temporary, "out")
            _ = try EvaluationRun(try request(), SilentListener()).run(on: CPUBackend(), writingTo: EvaluationPlace(out))
            json = try JSONValue(contentsOf: joinPath(out, "eval.json"))
        }
        return json
    }

    private func metrics(_ json: JSONValue) throws -> [String: JSONValue] {
        var metrics: [String: JSONValue] = [:]
        for metric in try #require(json["metrics"]?.asArray) { metrics[try #require(metric["key"]?.asString)] = metric }
        return metrics
    }

    /// Whether a number is the reference's, or neither is there.
    /// - Parameter scale: what the tolerance is relative to, where that is more than the number.
    private func agrees(_ found: JSONValue?, _ wanted: JSONValue?, _ tolerance: Double, _ scale: Double) -> Bool {
        guard let wanted = wanted?.asDouble else { return found?.asDouble == nil }
        guard let found = found?.asDouble else { return false }
        return abs(found - wanted) <= tolerance * max(abs(wanted), scale)
    }

    private func text(_ value: JSONValue?) -> String { value?.serialized() ?? "nothing" }

    @Test("Every metric, its target and its rows")
    func everyMetric() throws {
        let json = try written(), found = try metrics(json)
        for (key, wanted) in expected {
            let metric = try #require(found[key], "\(key) is not in eval.json")
            let tolerance = try #require(wanted["tolerance"]?.asDouble), scale = wanted["scale"]?.asDouble ?? 0
            for part in ["value", "target"] {
                let isSame = agrees(metric[part], wanted[part], tolerance, scale)
                #expect(isSame, "\(part) of \(key): \(text(metric[part])), not \(text(wanted[part]))")
            }
            guard let rows = wanted["examples"]?.asArray else { continue }
            let rowTolerance = try #require(wanted["row_tolerance"]?.asDouble), own = metric["examples"]?.asArray ?? []
            #expect(own.count == rows.count, "rows of \(key)")
            for (place, pair) in zip(own, rows).enumerated() {
                let isSame = agrees(pair.0, pair.1, rowTolerance, scale)
                #expect(isSame, "row \(place) of \(key): \(text(pair.0)), not \(text(pair.1))")
            }
        }
        // A metric that can be computed of these data has to be in the reference program too.
        let known = Set(expected.map(\.key))
        for (key, metric) in found where metric["value"]?.asDouble != nil {
            #expect(known.contains(key), "Fixtures/generate_chain.py does not compute \(key)")
        }
    }

    @Test("Every greedy answer is the reference's, letter by letter")
    func answers() throws {
        let json = try written()
        let roles = try #require(fixture["generated"]?.asObject)
        #expect(Set(roles.keys) == Set(EvaluationRole.allCases.map(\.rawValue)))
        for role in roles.keys {
            let rows = try #require(json["questions"]?[role]?.asArray), wanted = try #require(roles[role]?.asArray)
            let own = rows.map { $0["generated"]?.asString }, theirs = wanted.map(\.asString)
            #expect(own == theirs, "\(role)")
        }
    }
}
