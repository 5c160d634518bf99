import Evaluation
import Files
import Reporting

/// What an evaluation found.
package struct EvaluationReport {
    static let format = "ofmu-gpu evaluation 1"

    let model: String
    let tokenizer: String
    let text: String
    let data: [EvaluationData.File]
    let reference: String?
    package let measured: MeasuredModel
    package let results: [MetricResult]
    /// That measuring the model took, without reference and judge.
    package let seconds: Double
    let device: String
    /// Of the reference, if that is a model.
    var referenceRobustness: MeasuredRobustness?

    /// Questions and plain texts that were measured.
    package var items: Int {
        measured.texts.count + measured.sets.values.reduce(0) { $0 + $1.count } + measured.choices.values.reduce(0) { $0 + $1.count }
            + (measured.muse?.count ?? 0)
    }
    package var itemsPerSecond: Double { Double(items) / max(seconds, 1e-9) }

    /// Everything, for programs.
    package var json: JSONValue {
        var sets = JSONObject()
        for role in EvaluationRole.allCases {
            guard let items = measured.sets[role] else { continue }
            sets[role.rawValue] = .array(items.map(MeasuredReport.json))
        }
        return [
            "format": .string(Self.format), "model": .string(model), "tokenizer_sha256": .string(tokenizer), "text": .string(text),
            "device": .string(device), "reference": reference.map { .string($0) } ?? .null, "seconds": .number(seconds),
            "items": .integer(items), "items_per_second": .number(itemsPerSecond),
            "data": .array(
                data.map { ["role": .string($0.role), "file": .string($0.path), "sha256": .string($0.sha256), "rows": .integer($0.rows)] }),
            "metrics": .array(results.map(Self.json)), "robustness": RobustnessReport.json(measured.robustness),
            "reference_robustness": referenceRobustness.map(RobustnessReport.json) ?? .null, "questions": .object(sets),
            "choices": MeasuredReport.json(measured.choices), "muse": measured.muse.map(MeasuredReport.json) ?? .null,
        ]
    }

    private static func json(_ result: MetricResult) -> JSONValue {
        let number = { (value: Double?) -> JSONValue in value.map { .number($0) } ?? .null }
        var object = JSONObject([
            ("key", .string(result.key)), ("title", .string(result.title)), ("source", .string(result.source)),
            ("direction", .string(result.direction.code)), ("value", number(result.value)), ("target", number(result.target)),
        ])
        if let missing = result.missing { object["missing"] = .string(missing) }
        if let missing = result.missingTarget { object["missing_target"] = .string(missing) }
        if let settings = result.settings { object["settings"] = .string(settings) }
        if let interval = result.interval { object["interval_95"] = [.number(interval.lower), .number(interval.upper)] }
        if !result.examples.isEmpty { object["examples"] = .array(result.examples.map(number)) }
        return .object(object)
    }

    /// One line a metric, for spreadsheets.
    package var csv: String {
        let quoted = { (text: String) in
            "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }
        let number = { (value: Double?) in value.map { "\($0)" } ?? "" }
        let lines = results.map { result in
            [
                result.key, quoted(result.title), number(result.value), number(result.interval?.lower), number(result.interval?.upper),
                result.direction.code, number(result.target), quoted(result.missing ?? ""), quoted(result.source),
            ].joined(separator: ",")
        }
        return (["metric,title,value,lower_95,upper_95,direction,target,missing,source"] + lines).joined(separator: "\n") + "\n"
    }

    /// For people. Metrics that miss the same thing share a line below.
    package func table(_ style: OutputStyle) -> String {
        var table = TextTable([
            .init("metric"), .init("value", .right), .init("95 % interval", .right), .init("target", .right), .init("better"),
        ])
        var missing: [(reason: String, keys: [String])] = []
        for result in results {
            guard let value = result.value else {
                let reason = result.missing ?? ""
                if let place = missing.firstIndex(where: { $0.reason == reason }) {
                    missing[place].keys.append(result.key)
                } else {
                    missing.append((reason, [result.key]))
                }
                continue
            }
            let interval = result.interval.map { "\(Self.short($0.lower)) to \(Self.short($0.upper))" }
            let better =
                switch result.direction {
                case .higher: "higher"
                case .lower: "lower"
                case .likeReference, .toward: "nearer to target"
                }
            table.add([result.title, Self.short(value), interval ?? "", result.target.map(Self.short) ?? "–", better])
        }
        var notes = missing.map { "Not computed, \($0.reason): \($0.keys.joined(separator: ", "))\n" }.joined()
        for result in results where result.value != nil && result.settings != nil && reference != nil {
            if let reason = result.missingTarget { notes += "No target for \(result.key): \(reason)\n" }
        }
        let curves = RobustnessReport.table(measured.robustness, referenceRobustness, style)
        return table.rendered(style) + curves + (notes.isEmpty ? "" : "\n" + notes)
    }

    private static func short(_ value: Double) -> String {
        abs(value) < 0.001 && value != 0 ? NumberText.significant(value) : NumberText.fixed(value)
    }
}
