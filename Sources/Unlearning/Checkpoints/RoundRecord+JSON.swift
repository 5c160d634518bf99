import Files

extension RoundRecord {
    /// Names in JSON; the order is that of reports.
    private static var scalars: [(String, WritableKeyPath<RoundRecord, Double>)] {
        [
            ("saturated_share", \.saturatedShare), ("similarity", \.similarity), ("forget_gradient_norm", \.forgetGradientNorm),
            ("retain_gradient_norm", \.retainGradientNorm), ("penalty_gradient_norm", \.penaltyGradientNorm),
            ("outer_gradient_norm", \.outerGradientNorm), ("curvature", \.curvature), ("rho", \.rho), ("beta", \.beta),
            ("inner_step", \.innerStep), ("outer_step", \.outerStep), ("gradient_equivalents", \.gradientEquivalents),
            ("seconds", \.seconds),
        ]
    }

    /// The round for programs: a member of `rounds` in report.json, a line of events, a part of checkpoints. What was not measured is
    /// null.
    public var json: JSONValue {
        let optional = { (value: Double?) -> JSONValue in if let value { .number(value) } else { .null } }
        var members: [(key: String, value: JSONValue)] = [
            ("round", .integer(round)), ("forget_loss", optional(forgetLoss)), ("retain_loss", optional(retainLoss)),
        ]
        members += Self.scalars.map { ($0.0, .number(self[keyPath: $0.1])) }
        members += [("bytes", .integer(bytes)), ("released", .bool(isReleased))]
        return .object(JSONObject(members))
    }

    /// Reads `json`; nil if anything is missing or beyond what it can be.
    init?(json: JSONValue) {
        guard let round = json.int("round"), let bytes = json.int("bytes", .from(0, to: .max)), let isReleased = json["released"]?.asBool else {
            return nil
        }
        self.init(
            round: round, forgetLoss: json["forget_loss"]?.asDouble, retainLoss: json["retain_loss"]?.asDouble, saturatedShare: 0,
            similarity: 0, forgetGradientNorm: 0, retainGradientNorm: 0, penaltyGradientNorm: 0, outerGradientNorm: 0, curvature: 0, rho: 0, beta: 0, innerStep: 0, outerStep: 0,
            gradientEquivalents: 0, seconds: 0, bytes: bytes, isReleased: isReleased)
        for (name, path) in Self.scalars {
            guard let value = json[name]?.asDouble else { return nil }
            self[keyPath: path] = value
        }
    }
}
