import Evaluation
import Files
import Inference
import Text

/// What an interrupted evaluation had measured, in a file beside the folder of its results. It is there from the first batch on.
final class EvaluationCheckpoint: EvaluationLedger {
    static let format = "ofmu-gpu evaluation checkpoint 1"

    private let path: String
    private let header: JSONValue
    private var journal: JournalFile?
    private var parts: [String: [Int: JSONValue]] = [:]
    private var earlierSeconds = 0.0
    private let start = SteadyClock.seconds

    /// - Parameter resumes: whether to go on with the file that is there.
    /// - Throws: `RunError.badInput` if that is another evaluation's.
    init(_ path: String, resumes: Bool, identity: JSONValue) throws {
        self.path = path
        header = ["format": .string(Self.format), "identity": identity]
        guard resumes else { return }
        let journal = try JournalFile(continuing: path)
        self.journal = journal
        guard journal.header == header else {
            throw RunError.badInput(
                "\(path): this is the checkpoint of an evaluation with other models, data or options. Ask for the same, or delete it.")
        }
        for entry in journal.earlier {
            guard let part = entry["part"]?.asString, let place = entry["place"]?.asInt, let value = entry["value"] else { continue }
            parts[part, default: [:]][place] = value
            earlierSeconds = entry["seconds"]?.asDouble ?? earlierSeconds
        }
    }

    /// Results that were there from the start.
    var count: Int { parts.values.reduce(0) { $0 + $1.count } }

    /// What measuring has taken, earlier processes' part included.
    var seconds: Double { earlierSeconds + SteadyClock.seconds - start }

    func entries(of part: String) -> [Int: JSONValue] { parts[part] ?? [:] }

    func keep(_ part: String, _ entries: [(place: Int, value: JSONValue)]) throws {
        let journal = try self.journal ?? JournalFile(beginning: path, header: header)
        self.journal = journal
        try journal.append(
            entries.map { ["part": .string(part), "place": .integer($0.place), "value": $0.value, "seconds": .number(seconds)] })
    }
}

extension EvaluationRequest {
    /// What decides what is measured.
    func identity(_ models: EvaluationModels, _ data: EvaluationData, _ encoder: Encoder) throws -> JSONValue {
        [
            // The whole options as they print, so that one that is added later is not forgotten here.
            "options": .string("\(options)"), "robustness": .string("\(robustness)"), "text": .string(encoder.settings),
            "data": .array(data.files.map { .string("\($0.role) \($0.sha256) \($0.rows)") }),
            "models": .array(try models.byRole.map { .string("\($0.role) \(try $0.model.fingerprint())") }),
        ]
    }
}

extension OpenedModel {
    /// A digest of the configuration and the beginning of every tensor: enough to tell models apart.
    fileprivate func fingerprint() throws(FileError) -> String {
        var hash = SHA256()
        Array(configuration.serialized().utf8).withUnsafeBytes { hash.update($0) }
        for name in folder.weights.names {
            Array(name.utf8).withUnsafeBytes { hash.update($0) }
            // Models may carry tables of integers, which nothing here reads.
            guard let values = try? folder.weights.read(name) else { continue }
            values.prefix(4096).withUnsafeBytes { hash.update($0) }
        }
        return hash.digest()
    }
}
