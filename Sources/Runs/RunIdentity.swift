import Files
import Inference
import Models
import Reporting

/// What decides a run's result besides its checkpoint: a resume with anything else would not continue the same run.
package struct RunIdentity {
    /// All but the model.
    private let request: JSONObject

    /// - Parameters:
    ///   - settings: of the run or the training.
    ///   - text: what decides how the data become tokens, in words.
    package init(settings: JSONObject, text: String, trainable: TrainableParameters, data: [RunReport.DataFile]) {
        request = JSONObject([
            ("settings", .object(settings)), ("text", .string(text)), ("trainable", trainable.code),
            ("data", .array(data.map { .string("\($0.role) \($0.sha256)") })),
        ])
    }

    /// The whole, for a model.
    package func json(_ loaded: LoadedModel) -> JSONValue {
        .object(JSONObject(request.members + [("model", .string(Self.fingerprint(loaded)))]))
    }

    /// Whether another identity asks for the same, if for another model.
    package func isRequest(of other: JSONValue) -> Bool {
        request.members.allSatisfy { other[$0.key] == $0.value }
    }

    /// The configuration and the beginning of every tensor: enough to tell models apart, without reading gigabytes twice.
    private static func fingerprint(_ loaded: LoadedModel) -> String {
        var hash = SHA256()
        func add(_ values: [Float], _ layout: ParameterLayout) {
            for entry in layout.entries {
                values[entry.offset..<entry.offset + min(entry.count, 4096)].withUnsafeBytes { hash.update($0) }
            }
        }
        Array(loaded.configuration.serialized().utf8).withUnsafeBytes { hash.update($0) }
        add(loaded.trainable, loaded.split.trainable)
        add(loaded.frozen, loaded.split.frozen)
        return hash.digest()
    }
}

extension TrainableParameters {
    fileprivate var code: JSONValue {
        switch self {
        case .all: "all"
        case .matching(let patterns): .array(patterns.map { .string($0) })
        case .lora(let adapter):
            [
                "rank": .integer(adapter.rank), "alpha": .number(adapter.alpha),
                "targets": .array(adapter.targets.map { .string($0) }),
            ]
        }
    }
}
