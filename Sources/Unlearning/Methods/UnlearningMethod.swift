/// A way to forget: what is climbed on the forget set, what is descended on the retain set, and how the two meet.
///
/// The loop, the cost forecast, reports and the command ask the method; none of them knows one by name.
package struct UnlearningMethod: Sendable {
    /// What commands, reports and checkpoints call it.
    package let name: String
    /// In half a line.
    package let summary: String
    /// Where it comes from.
    package let source: String
    let forget: any ForgetObjective
    /// Nil where steps look at no data to keep.
    let retain: (any RetainObjective)?
    let combination: any Combination

    /// Whether steps look at data to keep.
    package var usesRetain: Bool { retain != nil }
}

extension UnlearningMethod: RawRepresentable, CaseIterable, Hashable {
    /// Every method: a new one is a line here and a file with what is new in it.
    package static let allCases = [ofmu, gradientAscent, gradientDifference, npo]

    package static let ofmu = UnlearningMethod(
        name: "ofmu", summary: "bi-level: ascent that decorrelates the two gradients, then descent on the retain loss",
        source: "arXiv 2509.22483", forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: BiLevel())

    package static let gradientAscent = UnlearningMethod(
        name: "grad-ascent", summary: "ascent on the forget loss alone", source: "arXiv 2401.06121", forget: CrossEntropyAscent(),
        retain: nil, combination: AscentAlone())

    package static let gradientDifference = UnlearningMethod(
        name: "grad-diff", summary: "ascent on forget minus retain loss", source: "arXiv 2401.06121", forget: CrossEntropyAscent(),
        retain: CrossEntropyDescent(), combination: WeightedDifference())

    package static let npo = UnlearningMethod(
        name: "npo", summary: "negative preference optimisation against the original model, minus the retain loss",
        source: "arXiv 2404.05868", forget: NegativePreference(), retain: CrossEntropyDescent(), combination: WeightedDifference())

    package var rawValue: String { name }

    package init?(rawValue: String) {
        guard let known = Self.allCases.first(where: { $0.name == rawValue }) else { return nil }
        self = known
    }

    package static func == (a: UnlearningMethod, b: UnlearningMethod) -> Bool { a.name == b.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
