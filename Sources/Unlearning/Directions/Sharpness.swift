import Backends
import Inference

/// SAM (Foret et al., arXiv 2010.01412; for unlearning Fan et al., arXiv 2502.05374): a gradient is taken where its own loss is worst
/// within a radius ρ, to first order at θ + ρ·g/‖g‖ for a loss that is minimised. A flat loss is harder to climb out of by later
/// fine-tuning.
///
/// What is minimised to forget is −L_f, so that its worst place is θ − ρ·g_f/‖g_f‖, where a first step of learning the forget set again
/// would lead. Radii are `--forget-sam` and `--retain-sam`. NPO's
/// authors use 0.01 on MUSE and 0.1 on WMDP at rate 1e-5, on the forget side alone; SAUL's 1e-3 to 1e-2 on both.
struct Sharpness: Hashable {
    var forget: Weight
    /// Up to which loss examples count, in nats; nil: without limit, or up to a reference's.
    var target: Double?
    var retain: Double

    static let none = Sharpness(UnlearningSettings())

    init(_ settings: UnlearningSettings) {
        (forget, retain) = (settings.forgetSharpness, settings.retainSharpness)
        target = settings.hasReferenceTargets ? nil : settings.saturation
    }

    /// ρ of the forget gradient. A relative one is as far as the loss, or the target if that is less, falls by this share to first
    /// order: a length that is found at every step and suits any model.
    func forgetRadius(_ here: Measured) -> Double {
        switch forget {
        case .absolute(let distance): return distance
        case .relative(let share):
            let norm = here.norm(.forgetSquare)
            let targets = here.forgetTargets.map(Double.init)
            let target = target ?? (targets.isEmpty ? .infinity : targets.reduce(0, +) / Double(targets.count))
            return norm > 1e-12 ? share * min(target, max(0, here[.forgetLoss])) / norm : 0
        }
    }

    var isOff: Bool { forget.value == 0 && retain == 0 }
    /// The gradients that are asked for a second time.
    var forgetWork: [PlanUse] { forget.value > 0 ? [PlanUse(.forgetGradient)] : [] }
    var retainWork: [PlanUse] { retain > 0 ? [PlanUse(.retainGradient)] : [] }
    /// Where θ was.
    var scratch: ScratchNeed { ScratchNeed(vectors: isOff ? 0 : 1) }
}

/// Two gradients' inner products, and what was measured where the step begins.
struct MeasuredGradients {
    var measured: Measured
    var forgetSquare: Double
    var cross: Double
    var retainSquare: Double
}

extension BatchPair {
    /// g_f into the direction and g_r into `retain`, each where its loss is worst within its radius.
    func gradients(retain: any Buffer, _ sharpness: Sharpness) throws -> MeasuredGradients {
        let measured = try evaluate(.gradients, ["forgetGradient": direction, "retainGradient": retain])
        var found = MeasuredGradients(
            measured: measured, forgetSquare: measured[.forgetSquare], cross: measured[.cross], retainSquare: measured[.retainSquare])
        guard measured.isFinite else { return found }
        notes.similarity = measured[.similarity]
        guard !sharpness.isOff else { return found }
        found.measured =
            try sharpen(
                .forgetGradient, "forgetGradient", in: direction, square: found.forgetSquare,
                by: -sharpness.forgetRadius(measured)) ?? measured
        guard found.measured.isFinite else { return found }
        found.measured =
            try sharpen(.retainGradient, "retainGradient", in: retain, square: found.retainSquare, by: sharpness.retain) ?? measured
        guard found.measured.isFinite else { return found }
        (found.forgetSquare, found.retainSquare) = (try vectors.dot(direction, direction), try vectors.dot(retain, retain))
        (found.cross, found.measured) = (try vectors.dot(direction, retain), measured)
        return found
    }

    /// Asks for a gradient anew where it leads over a distance; nil if that is nowhere.
    func sharpen(_ plan: ObjectivePlan, _ output: String, in gradient: any Buffer, square: Double, by distance: Double) throws -> Measured?
    {
        guard distance != 0, square > 1e-24 else { return nil }
        var found: Measured?
        try moved {
            try vectors.add(distance / square.squareRoot(), gradient, to: parameters)
            found = try evaluate(plan, [output: gradient])
        }
        return found
    }
}
