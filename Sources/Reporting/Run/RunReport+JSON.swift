import Evaluation
import Files
import Unlearning

extension RunReport {
    /// The version of the layout of `report.json`.
    package static let formatVersion = 1

    /// The report for programs.
    public var json: JSONValue {
        [
            "format": "ofmu-gpu report", "format_version": .integer(Self.formatVersion), "title": .string(title),
            "date": .string(date), "method": .string(settings.method.rawValue),
            "data": .array(data.map(Self.document)), "model": Self.document(model),
            "settings": .object(settings.codes), "other_settings": Self.document(otherSettings),
            "approximations": .array(settings.approximations.map { .string($0) }), "device": .string(device),
            "versions": Self.document(versions), "stop_reason": stopReason.map { .string($0.rawValue) } ?? .null,
            "shortfall": shortfall.map { .string($0) } ?? .null,
            "weight_change": change?.json ?? .null,
            "cost": [
                "gradient_equivalents": .number(cost.gradientEquivalents), "seconds": .number(cost.seconds),
                "bytes": .integer(cost.bytes),
            ],
            "stages": .array(stages.map(Self.document)), "rounds": .array(rounds.map(\.json)),
            "samples": .array(samples.map(Self.document)), "notes": .array(notes.map { .string($0) }),
        ]
    }

    private static func document(_ file: DataFile) -> JSONValue {
        [
            "role": .string(file.role), "path": .string(file.path), "examples": .integer(file.examples),
            "sha256": .string(file.sha256),
        ]
    }

    private static func document(_ entries: [Entry]) -> JSONValue {
        .object(JSONObject(entries.map { ($0.name, .string($0.value)) }))
    }

    private static func document(_ stage: Stage) -> JSONValue {
        ["name": .string(stage.name), "forget": document(stage.forget), "retain": document(stage.retain)]
    }

    private static func document(_ metrics: [MetricSummary]) -> JSONValue {
        .object(JSONObject(metrics.map { ($0.key, $0.estimate.json) }))
    }

    private static func document(_ sample: SampleAnswers) -> JSONValue {
        [
            "role": .string(sample.role), "question": .string(sample.question), "reference": .string(sample.reference),
            "answers": document(sample.answers),
        ]
    }
}

extension Estimate {
    /// Mean, half the width of its 95% interval, and the number of values.
    package var json: JSONValue {
        ["mean": .number(mean), "half_width_95": halfWidth.map { .number($0) } ?? .null, "count": .integer(count)]
    }
}
