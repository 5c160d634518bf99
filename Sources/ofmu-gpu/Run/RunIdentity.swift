import Files
import Models
import Reporting

/// What decides a run's result besides its checkpoint: a resume with anything else would not continue the same run.
enum RunIdentity {
    /// - Parameter settings: of the run or the training, in words.
    static func make(
        _ loaded: LoadedModel, settings: String, moving: MovingParameters, data: [RunReport.DataFile]
    ) -> JSONValue {
        [
            "settings": .string(settings), "moving": .string("\(moving)"), "model": .string(fingerprint(loaded)),
            "data": .array(data.map { .string("\($0.role) \($0.sha256)") }),
        ]
    }

    /// The configuration and the beginning of every tensor: enough to tell models apart, without reading gigabytes twice.
    private static func fingerprint(_ loaded: LoadedModel) -> String {
        var hash = SHA256()
        func add(_ values: [Float], _ layout: ParameterLayout) {
            values.withUnsafeBytes { bytes in
                for entry in layout.entries {
                    let start = 4 * entry.offset
                    hash.update(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 4 * min(entry.count, 4096)]))
                }
            }
        }
        Array(loaded.configuration.serialized().utf8).withUnsafeBytes { hash.update($0) }
        add(loaded.moving, loaded.split.moving)
        add(loaded.frozen, loaded.split.frozen)
        return hash.digest()
    }
}
