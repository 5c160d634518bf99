import Backends
import Files
import Models

extension Unlearner {
    /// Saves everything the next step depends on to one file, which appears whole or not at all.
    /// - Parameter identity: what else decides the run (settings, data, model); a resume with another identity is refused.
    public func save(to path: String, identity: JSONValue) throws(UnlearningError) {
        let persistent = persistent
        let bytes = persistent.reduce(0) { $0 + 4 * $1.buffer.count }
        var values: [(String, [Float])] = []
        for (name, buffer) in persistent {
            values.append((name, try UnlearningError.backends { () throws(BackendError) in try vectors.backend.read(buffer) }))
        }
        let header: JSONValue = .object(JSONObject([("identity", identity), ("state", state.json)]))
        try UnlearningError.files { () throws(FileError) in
            var writer = try CheckpointWriter(path: path, expectedBytes: bytes)
            for (name, numbers) in values { try writer.write(name, numbers) }
            try writer.commit(header: header)
        }
    }

    /// Continues from a saved run: its next step gives the same bytes as if it had never been interrupted.
    /// - Throws: `UnlearningError.checkpoint` if the file belongs to another run, `.file` if it is damaged.
    public func resume(from path: String, identity: JSONValue) throws(UnlearningError) {
        let file = try UnlearningError.files { () throws(FileError) in try CheckpointFile(path: path) }
        guard file.header["identity"] == identity else {
            throw .checkpoint(
                path: path, problem: "it belongs to a run with other settings, data or model. Resume with the same arguments, or start a new run in another folder.")
        }
        guard let saved = file.header["state"].flatMap(RunState.init(json:)) else {
            throw .checkpoint(path: path, problem: "its state cannot be read; it may come from another version.")
        }
        for (name, buffer) in persistent {
            let numbers = try UnlearningError.files { () throws(FileError) in try file.floats(name) }
            guard numbers.count == buffer.count else {
                throw .checkpoint(path: path, problem: "its vector \"\(name)\" has \(numbers.count) numbers instead of \(buffer.count).")
            }
            try UnlearningError.backends { () throws(BackendError) in try vectors.backend.write(numbers, to: buffer) }
        }
        restoreState(saved)
    }
}

extension RunState {
    /// The state as JSON; every number survives the round trip.
    public var json: JSONValue {
        let optional = { (value: Double?) -> JSONValue in if let value { .number(value) } else { .null } }
        let cursor = { (c: BatchCursor) -> JSONValue in
            .object(JSONObject([("seed", .string(String(c.seed))), ("epoch", .integer(c.epoch)), ("position", .integer(c.position))]))
        }
        return .object(
            JSONObject([
                ("phase", phaseJSON), ("round", .integer(round)), ("rho", .number(rho)), ("damping", .number(damping)),
                ("rollbacks", .integer(rollbacks)), ("forgetCursor", cursor(forgetCursor)), ("retainCursor", cursor(retainCursor)),
                ("innerSteps", .integer(innerSteps)), ("outerSteps", .integer(outerSteps)), ("innerRate", optional(innerRate)),
                ("outerRate", optional(outerRate)), ("gradientEquivalents", .number(gradientEquivalents)),
                ("seconds", .number(seconds)), ("initialRetainLoss", optional(initialRetainLoss)),
                ("heldRounds", .integer(heldRounds)), ("isReleased", .bool(isReleased)), ("beta", .number(beta)),
                ("tally", tally.json),
            ]))
    }

    /// Reads `json`; nil if anything is missing.
    public init?(json: JSONValue) {
        let cursor = { (value: JSONValue?) -> BatchCursor? in
            guard let seed = value?["seed"]?.asString.flatMap({ UInt64($0) }), let epoch = value?["epoch"]?.asInt,
                let position = value?["position"]?.asInt
            else { return nil }
            var cursor = BatchCursor(seed: seed)
            (cursor.epoch, cursor.position) = (epoch, position)
            return cursor
        }
        guard let phase = json["phase"].flatMap(Self.phase), let round = json["round"]?.asInt, let rho = json["rho"]?.asDouble,
            let damping = json["damping"]?.asDouble, let rollbacks = json["rollbacks"]?.asInt,
            let forget = cursor(json["forgetCursor"]), let retain = cursor(json["retainCursor"]),
            let innerSteps = json["innerSteps"]?.asInt, let outerSteps = json["outerSteps"]?.asInt,
            let equivalents = json["gradientEquivalents"]?.asDouble, let seconds = json["seconds"]?.asDouble,
            let heldRounds = json["heldRounds"]?.asInt, let isReleased = json["isReleased"]?.asBool,
            let beta = json["beta"]?.asDouble, let tally = json["tally"].flatMap(RoundTally.init(json:))
        else { return nil }
        self.init(
            phase: phase, round: round, rho: rho, damping: damping, rollbacks: rollbacks, forgetCursor: forget, retainCursor: retain,
            innerSteps: innerSteps, outerSteps: outerSteps, innerRate: json["innerRate"]?.asDouble,
            outerRate: json["outerRate"]?.asDouble, gradientEquivalents: equivalents, seconds: seconds,
            initialRetainLoss: json["initialRetainLoss"]?.asDouble, heldRounds: heldRounds, isReleased: isReleased, beta: beta,
            tally: tally)
    }

    private var phaseJSON: JSONValue {
        switch phase {
        case .forget(let step): .array([.string("forget"), .integer(step)])
        case .restore(let step): .array([.string("restore"), .integer(step)])
        case .finished(let reason): .array([.string("finished"), .string(reason.rawValue)])
        }
    }

    private static func phase(_ json: JSONValue) -> Phase? {
        guard let parts = json.asArray, parts.count == 2 else { return nil }
        switch parts[0].asString {
        case "forget": return parts[1].asInt.map { .forget($0) }
        case "restore": return parts[1].asInt.map { .restore($0) }
        case "finished": return parts[1].asString.flatMap(StopReason.init(rawValue:)).map { .finished($0) }
        default: return nil
        }
    }
}

extension RoundTally {
    private static var scalars: [(String, WritableKeyPath<RoundTally, Double>)] {
        [
            ("similarity", \.similarity), ("forgetNorm", \.forgetNorm), ("retainNorm", \.retainNorm), ("penaltyNorm", \.penaltyNorm),
            ("outerNorm", \.outerNorm), ("curvature", \.curvature), ("innerFactor", \.innerFactor), ("outerFactor", \.outerFactor),
            ("gradientEquivalents", \.gradientEquivalents), ("seconds", \.seconds),
        ]
    }

    var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = Self.scalars.map { ($0.0, .number(self[keyPath: $0.1])) }
        members.append(("forgetLosses", .array(forgetLosses.map { .number($0) })))
        members.append(("retainLosses", .array(retainLosses.map { .number($0) })))
        members.append(("saturated", .integer(saturated)))
        members.append(("seen", .integer(seen)))
        return .object(JSONObject(members))
    }

    init?(json: JSONValue) {
        self.init()
        for (name, path) in Self.scalars {
            guard let value = json[name]?.asDouble else { return nil }
            self[keyPath: path] = value
        }
        guard let forget = json["forgetLosses"]?.asArray, let retain = json["retainLosses"]?.asArray,
            let saturated = json["saturated"]?.asInt, let seen = json["seen"]?.asInt
        else { return nil }
        forgetLosses = forget.compactMap(\.asDouble)
        retainLosses = retain.compactMap(\.asDouble)
        (self.saturated, self.seen) = (saturated, seen)
    }
}
