import Backends
import Data
import Files
import Inference

extension Unlearner {
    /// Saves everything the next step depends on to one file, which appears whole or not at all.
    /// - Parameter identity: what else decides the run (settings, data, model); a resume with another identity is refused.
    public func save(to path: String, identity: JSONValue) throws {
        try VectorCheckpoint(path: path, identity: identity, backend: vectors.backend).save(memory.persistent, state: state.json)
    }

    /// Continues from a saved run: its next step gives the same bytes as if it had never been interrupted.
    /// - Throws: `UnlearningError.checkpoint` if the file belongs to another run, `.file` if it is damaged.
    public func resume(from path: String, identity: JSONValue) throws {
        let checkpoint = VectorCheckpoint(path: path, identity: identity, backend: vectors.backend)
        let saved = try checkpoint.load(memory.persistent) { json in
            RunState(json: json).flatMap { $0.fits(settings, forget: forget.count, retain: retain.count) ? $0 : nil }
        }
        restoreState(saved)
    }
}

extension RunState {
    /// The state as JSON; every number survives the round trip.
    package var json: JSONValue {
        return .object(
            JSONObject([
                ("phase", phaseJSON), ("round", .integer(round)), ("rho", .number(rho)), ("damping", .number(damping)),
                ("rollbacks", .integer(rollbacks)), ("forgetCursor", forgetCursor.json), ("retainCursor", retainCursor.json),
                ("innerSteps", .integer(innerSteps)), ("outerSteps", .integer(outerSteps)), ("innerMoments", .integer(innerMoments)),
                ("outerMoments", .integer(outerMoments)), ("innerRate", .optional(innerRate)),
                ("outerRate", .optional(outerRate)), ("gradientEquivalents", .number(gradientEquivalents)),
                ("seconds", .number(seconds)), ("workspace", .integer(workspace)), ("initialRetainLoss", .optional(initialRetainLoss)),
                ("retainAverage", .optional(retainAverage)), ("lastForgetLosses", .array(lastForgetLosses.map(JSONValue.optional))),
                ("referenceLosses", .array(referenceLosses.map(JSONValue.optional))),
                ("originalSums", originalSums.map { .array($0.map { .number($0) }) } ?? .null),
                ("alternativeSums", alternativeSums.map { .array($0.map { .number($0) }) } ?? .null),
                ("heldRounds", .integer(heldRounds)), ("isReleased", .bool(isReleased)), ("beta", .number(beta)),
                ("multiplier", .optional(multiplier)),
                ("history", .array(history.map(\.json))), ("tally", tally.json),
            ]))
    }

    /// Reads `json`; nil if anything is missing or beyond what it can be.
    package init?(json: JSONValue) {
        guard let phase = json["phase"].flatMap(Self.phase), let round = json.int("round"), let rho = json.double("rho", .notNegative),
            let damping = json.double("damping", .above(0, to: 1)), let rollbacks = json.int("rollbacks"),
            let forget = json["forgetCursor"].flatMap(BatchCursor.init(json:)),
            let retain = json["retainCursor"].flatMap(BatchCursor.init(json:)),
            let innerSteps = json.int("innerSteps"), let outerSteps = json.int("outerSteps"),
            let equivalents = json.double("gradientEquivalents", .notNegative), let seconds = json.double("seconds", .notNegative),
            let workspace = json.int("workspace", .from(0, to: .max)), let heldRounds = json.int("heldRounds"),
            let isReleased = json["isReleased"]?.asBool,
            let beta = json.double("beta", .notNegative), let tally = json["tally"].flatMap(RoundTally.init(json:)),
            let innerMoments = json.int("innerMoments"), let outerMoments = json.int("outerMoments"),
            let rounds = json["history"]?.asArray, json.isLength("innerRate"), json.isLength("outerRate"),
            json["initialRetainLoss"].map({ $0.isNull || $0.asDouble != nil }) ?? true
        else { return nil }
        guard let losses = json["lastForgetLosses"]?.asArray, let references = json["referenceLosses"]?.asArray,
            references.count == losses.count, let average = json["retainAverage"],
            let multiplier = json["multiplier"],
            (losses + references + [average, multiplier]).allSatisfy({ $0.isNull || $0.asDouble != nil }),
            let sums = json["originalSums"],
            sums.isNull || json.doubles("originalSums", most: losses.count)?.count == losses.count,
            let alternatives = json["alternativeSums"],
            alternatives.isNull || json.doubles("alternativeSums", most: 1 << 30)?.count == alternatives.asArray?.count
        else { return nil }
        let history = rounds.compactMap(RoundRecord.init(json:))
        guard history.count == rounds.count else { return nil }
        self.init(
            phase: phase, round: round, rho: rho, damping: damping, rollbacks: rollbacks, forgetCursor: forget, retainCursor: retain,
            innerSteps: innerSteps, outerSteps: outerSteps, innerMoments: innerMoments, outerMoments: outerMoments,
            innerRate: json["innerRate"]?.asDouble,
            outerRate: json["outerRate"]?.asDouble, gradientEquivalents: equivalents, seconds: seconds,
            workspace: workspace, initialRetainLoss: json["initialRetainLoss"]?.asDouble,
            retainAverage: average.asDouble, lastForgetLosses: losses.map(\.asDouble), referenceLosses: references.map(\.asDouble),
            originalSums: json.doubles("originalSums", most: losses.count),
            alternativeSums: json.doubles("alternativeSums", most: 1 << 30), heldRounds: heldRounds, isReleased: isReleased, beta: beta,
            multiplier: multiplier.asDouble, history: history, tally: tally)
    }

    /// Whether a run with these settings on sets of these sizes can stand here.
    func fits(_ settings: UnlearningSettings, forget: Int, retain: Int) -> Bool {
        let step =
            switch phase {
            case .inner(let step): step <= settings.innerSteps
            case .outer(let step): step <= settings.outerSteps
            case .finished: true
            }
        return step && round <= settings.roundCount(forgetExamples: forget) && history.count == round
            && history.indices.allSatisfy { history[$0].round == $0 }
            && forgetCursor.isWithin(forget) && retainCursor.isWithin(retain) && rollbacks <= settings.mostRollbacks + 1
            && lastForgetLosses.count == forget && innerMoments <= innerSteps && outerMoments <= outerSteps && heldRounds <= round
    }

    private var phaseJSON: JSONValue {
        switch phase {
        case .inner(let step): .array([.string("inner"), .integer(step)])
        case .outer(let step): .array([.string("outer"), .integer(step)])
        case .finished(let reason): .array([.string("finished"), .string(reason.rawValue)])
        }
    }

    private static func phase(_ json: JSONValue) -> Phase? {
        guard let parts = json.asArray, parts.count == 2 else { return nil }
        let step = parts[1].asInt.flatMap { Limits.count.contains($0) ? $0 : nil }
        switch parts[0].asString {
        case "inner": return step.map { .inner($0) }
        case "outer": return step.map { .outer($0) }
        case "finished": return parts[1].asString.flatMap(StopReason.init(rawValue:)).map { .finished($0) }
        default: return nil
        }
    }
}

extension RoundTally {
    private static var scalars: [(String, WritableKeyPath<RoundTally, Double>)] {
        [
            ("innerFactor", \.innerFactor), ("outerFactor", \.outerFactor), ("gradientEquivalents", \.gradientEquivalents),
            ("seconds", \.seconds),
        ]
    }

    private static var measured: [(String, WritableKeyPath<RoundTally, Double?>)] {
        [
            ("similarity", \.similarity), ("forgetNorm", \.forgetNorm), ("retainNorm", \.retainNorm),
            ("penaltyNorm", \.penaltyNorm), ("outerNorm", \.outerNorm), ("curvature", \.curvature),
        ]
    }

    var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = Self.scalars.map { ($0.0, .number(self[keyPath: $0.1])) }
        members += Self.measured.map { ($0.0, .optional(self[keyPath: $0.1])) }
        members.append(("forgetLosses", .array(forgetLosses.map { .number($0) })))
        members.append(("retainLosses", .array(retainLosses.map { .number($0) })))
        return .object(JSONObject(members))
    }

    init?(json: JSONValue) {
        self.init()
        for (name, path) in Self.scalars {
            guard let value = json[name]?.asDouble else { return nil }
            self[keyPath: path] = value
        }
        for (name, path) in Self.measured {
            guard let value = json[name], value.isNull || value.asDouble != nil else { return nil }
            self[keyPath: path] = value.asDouble
        }
        guard let forget = json.doubles("forgetLosses", most: .max), let retain = json.doubles("retainLosses", most: .max)
        else { return nil }
        (forgetLosses, retainLosses) = (forget, retain)
    }
}

extension JSONValue {
    /// A number, or null.
    static func optional(_ value: Double?) -> JSONValue { if let value { .number(value) } else { .null } }

    /// Whether a member is a rate or a radius, or not there.
    fileprivate func isLength(_ key: String) -> Bool {
        guard let value = self[key], !value.isNull else { return true }
        return value.asDouble.map(Limits.notNegative.contains) ?? false
    }
}
