import Backends
import Data
import Files

/// A file with vectors of a device and a state, which belongs to one run and no other.
struct VectorCheckpoint {
    let path: String
    /// What decides the run besides the file; a resume with another identity is refused.
    let identity: JSONValue
    let backend: any Backend

    /// Writes the file whole or not at all. One vector at a time is held in the host's memory.
    func save(_ vectors: [(name: String, buffer: any Buffer)], state: JSONValue) throws {
        let bytes = vectors.reduce(0) { $0 + $1.buffer.type.byteCount * $1.buffer.count }
        var writer: CheckpointWriter
        writer = try CheckpointWriter(path: path, expectedBytes: bytes)
        for (name, buffer) in vectors {
            let numbers = try backend.read(buffer)
            try writer.write(name, numbers)
        }
        let header: JSONValue = .object(JSONObject([("identity", identity), ("state", state)]))
        try writer.commit(header: header)
    }

    /// Reads the vectors into their buffers and returns the state.
    /// - Throws: `UnlearningError.checkpoint` if the file belongs to another run or version, `.file` if it is damaged.
    func load<State>(
        _ vectors: [(name: String, buffer: any Buffer)], state: (JSONValue) -> State?
    ) throws -> State {
        let file = try CheckpointFile(path: path)
        guard file.header["identity"] == identity else { throw UnlearningError.otherRun(path: path) }
        guard let saved = file.header["state"].flatMap(state) else {
            throw UnlearningError.checkpoint(
                path: path,
                problem: "its state cannot be read, or holds numbers that no such run has; it may come from another version.")
        }
        for (name, buffer) in vectors {
            let numbers = try file.floats(name)
            guard numbers.count == buffer.count else {
                throw UnlearningError.checkpoint(
                    path: path, problem: "its vector \"\(name)\" has \(numbers.count) numbers instead of \(buffer.count).")
            }
            // What a run goes back to is known to be finite; the other vectors may hold what the next step will take back.
            let wrong = name == "good" ? firstNonFinite(in: numbers) : name.hasSuffix("second") ? numbers.firstIndex { $0 < 0 } : nil
            if let wrong {
                throw UnlearningError.checkpoint(path: path, problem: "number \(wrong) of its vector \"\(name)\" is \(numbers[wrong]).")
            }
            try backend.write(numbers, to: buffer)
        }
        return saved
    }
}

extension BatchCursor {
    var json: JSONValue {
        .object(JSONObject([("seed", .string(String(seed))), ("epoch", .integer(epoch)), ("position", .integer(position))]))
    }

    init?(json: JSONValue) {
        guard let seed = json["seed"]?.asString.flatMap({ UInt64($0) }), let epoch = json.int("epoch"),
            let position = json.int("position")
        else { return nil }
        self.init(seed: seed)
        (self.epoch, self.position) = (epoch, position)
    }

    /// Whether this is a place in a set of `count` examples.
    func isWithin(_ count: Int) -> Bool { (0..<max(1, count)).contains(position) }
}

extension JSONValue {
    /// The numbers of an array; nil if there are more than `most` of them, or anything else among them.
    func doubles(_ key: String, most: Int) -> [Double]? {
        guard let list = self[key]?.asArray, list.count <= most else { return nil }
        let numbers = list.compactMap { $0.asDouble }
        return numbers.count == list.count ? numbers : nil
    }
}
