import Evaluation
import Files

/// The logs of open-unlearning's evaluations (`TOFU_EVAL.json`): by a metric's name its `agg_value` and, of single examples, a
/// `value_by_index`.
enum OpenUnlearningLog {
    /// The name of the number that a metric's single examples have.
    private static func field(_ key: String) -> String {
        if key.hasSuffix("mem_ROUGE") { return "rougeL_f1" }
        if key.hasSuffix("_ROUGE") { return "rougeL_recall" }
        return key.contains("_Prob") ? "prob" : "score"
    }

    /// - Throws: `RunError.badInput` if the file holds no metric.
    static func results(_ json: JSONValue, _ file: String) throws(RunError) -> ReferenceResults {
        guard let members = json.asObject?.members else {
            throw .badInput("\(file): expected an object of metrics, found \(json.kind).")
        }
        var results = ReferenceResults(name: file)
        for (key, metric) in members {
            guard let value = (metric["agg_value"] ?? metric["auc"])?.asDouble else { continue }
            results.values[key] = value
            results.settings[key] = metric["settings"]?.asString
            guard let examples = metric["value_by_index"]?.asObject?.members else { continue }
            let numbered = examples.map { (place: Int($0.key) ?? 0, value: $0.value[field(key)]?.asDouble) }
            let values = numbered.sorted { $0.place < $1.place }.compactMap(\.value)
            if !values.isEmpty { results.examples[key] = values }
        }
        guard !results.values.isEmpty else {
            throw .badInput("\(file): no metric in it has an \"agg_value\"; expected an eval.json or open-unlearning's TOFU_EVAL.json.")
        }
        return results
    }

    /// The metrics that have a value, in the same form.
    static func json(_ report: EvaluationReport) -> JSONValue {
        var log = JSONObject()
        for result in report.results {
            guard let value = result.value else { continue }
            var entry = JSONObject([("agg_value", .number(value))])
            if result.key.hasPrefix("mia_") { entry["auc"] = .number(value) }
            if let settings = result.settings { entry["settings"] = .string(settings) }
            let examples = result.examples.enumerated().compactMap { place, number in
                number.map { (key: "\(place)", value: example(result.key, place, number: $0, of: report)) }
            }
            if !examples.isEmpty { entry["value_by_index"] = .object(JSONObject(examples)) }
            log.members.append((result.key, .object(entry)))
        }
        return .object(log)
    }

    private static func example(_ key: String, _ place: Int, number: Double, of report: EvaluationReport) -> JSONValue {
        guard key.hasSuffix("_Q_A_ROUGE"), let role = EvaluationRole.allCases.first(where: { key == "\($0.rawValue)_Q_A_ROUGE" }),
            let item = report.measured.sets[role]?[place], let generated = item.generated
        else {
            var entry = JSONObject([(field(key), .number(number))])
            let role = EvaluationRole.allCases.first { key == "\($0.rawValue)_Q_A_Prob" }
            if let role, let item = report.measured.sets[role]?[place] { entry["avg_loss"] = .number(item.answer.loss) }
            return .object(entry)
        }
        let scores = RougeScorer.scores(reference: item.reference, candidate: generated)
        return [
            "rouge1_recall": .number(scores.rouge1.recall), "rougeL_f1": .number(scores.rougeL.f1),
            "rougeL_recall": .number(scores.rougeL.recall), "input": .string(item.question), "ground_truth": .string(item.reference),
            "generation": .string(generated),
        ]
    }
}
