import Files

extension RoundRecord {
    /// Names in JSON; the order is that of reports.
    private static var scalars: [(String, WritableKeyPath<RoundRecord, Double>)] {
        [
            ("saturated_share", \.saturatedShare), ("rho", \.rho), ("beta", \.beta), ("inner_step", \.innerStep),
            ("outer_step", \.outerStep), ("gradient_equivalents", \.gradientEquivalents), ("seconds", \.seconds),
        ]
    }

    /// What a round may not measure.
    private static var measured: [(String, WritableKeyPath<RoundRecord, Double?>)] {
        [
            ("forget_loss", \.forgetLoss), ("retain_loss", \.retainLoss), ("similarity", \.similarity),
            ("forget_gradient_norm", \.forgetGradientNorm), ("retain_gradient_norm", \.retainGradientNorm),
            ("penalty_gradient_norm", \.penaltyGradientNorm), ("outer_gradient_norm", \.outerGradientNorm),
            ("curvature", \.curvature), ("multiplier", \.multiplier),
        ]
    }

    /// The round for programs: a member of `rounds` in report.json, a line of events, a part of checkpoints. What was not measured is
    /// null.
    public var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [("round", .integer(round))]
        members += Self.measured.map { ($0.0, .optional(self[keyPath: $0.1])) }
        members += Self.scalars.map { ($0.0, .number(self[keyPath: $0.1])) }
        members += [("bytes", .integer(bytes)), ("released", .bool(isReleased))]
        return .object(JSONObject(members))
    }

    /// Reads `json`; nil if anything is missing or beyond what it can be.
    init?(json: JSONValue) {
        guard let round = json.int("round"), let bytes = json.int("bytes", .from(0, to: .max)), let isReleased = json["released"]?.asBool
        else {
            return nil
        }
        self.init(
            round: round, forgetLoss: nil, retainLoss: nil, saturatedShare: 0, similarity: nil, forgetGradientNorm: nil,
            retainGradientNorm: nil, penaltyGradientNorm: nil, outerGradientNorm: nil, curvature: nil, rho: 0, beta: 0, innerStep: 0,
            outerStep: 0, gradientEquivalents: 0, seconds: 0, bytes: bytes, isReleased: isReleased)
        for (name, path) in Self.measured { self[keyPath: path] = json[name]?.asDouble }
        for (name, path) in Self.scalars {
            guard let value = json[name]?.asDouble else { return nil }
            self[keyPath: path] = value
        }
    }
}
