import Files
import Unlearning

extension UnlearningSettings {
    /// Every setting by its name in reports, in the order of the loop.
    var listed: [(key: String, value: JSONValue)] {
        [
            ("method", .string(method.rawValue)), ("rounds", rounds.map { .integer($0) } ?? .string("auto")),
            ("forget_passes", .integer(forgetPasses)), ("inner_steps", .integer(innerSteps)),
            ("outer_steps", .integer(outerSteps)), ("beta", .string(beta.description)), ("rho", .string(rho.description)),
            ("rho_growth", .number(rhoGrowth)), ("rho_limit", .number(rhoLimit)), ("similarity", .string(similarity.rawValue)),
            ("refresh_every", .integer(refreshEvery)), ("inner_form", .string(innerForm.rawValue)),
            ("outer_form", .string(outerForm.rawValue)), ("inner_step", .string(innerStep.description)), ("rise_limit", .number(riseLimit)),
            ("outer_step", .string(outerStep.description)), ("clip", clip.map { .number($0) } ?? .null),
            ("forget_target", .string(forgetTarget.text)),
            ("token_cap", termCap.map { .number($0) } ?? .null), ("forget_batch", .integer(forgetBatch)),
            ("retain_batch", .integer(retainBatch)), ("seed", .string(String(seed))),
            ("hold_rounds", .integer(holdRounds)), ("retain_tolerance", .number(retainTolerance)),
            ("retain_floor", .number(retainFloor)), ("gradient_tolerance", .number(gradientTolerance)),
            ("most_rollbacks", .integer(mostRollbacks)),
        ]
    }
}

extension ForgetTarget {
    fileprivate var text: String {
        switch self {
        case .none: "none"
        case .perExample(let value): "per-example:\(value)"
        case .mean(let value): "mean:\(value)"
        }
    }
}

extension JSONValue {
    /// A value without the quotation marks of JSON, for people.
    var plainText: String { asString ?? serialized() }
}
