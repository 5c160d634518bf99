/// A way to forget: what is climbed on the forget set, what is descended on the retain set, and how the two meet.
///
/// The loop, the cost forecast, reports and the command ask the method; none of them knows one by name.
public struct UnlearningMethod: Sendable {
    /// What commands, reports and checkpoints call it.
    public let name: String
    /// In half a line.
    public let summary: String
    /// Where it comes from.
    public let source: String
    let forget: any ForgetObjective
    /// Nil where steps look at no data to keep.
    let retain: (any RetainObjective)?
    let combination: any Combination

    /// Whether steps look at data to keep.
    public var usesRetain: Bool { retain != nil }
}

extension UnlearningMethod: RawRepresentable, CaseIterable, Hashable {
    /// Every method: a new one is a line here and a file with what is new in it.
    public static let allCases = [ofmu, gradientAscent, gradientDifference, npo]

    /// OFMU, the method of this engine.
    public static let ofmu = UnlearningMethod(
        name: "ofmu", summary: "bi-level: ascent that decorrelates the two gradients, then descent on the retain loss",
        source: "arXiv 2509.22483", forget: CrossEntropyAscent(), retain: CrossEntropyDescent(), combination: BiLevel())

    /// Gradient ascent, which needs no retain set.
    public static let gradientAscent = UnlearningMethod(
        name: "grad-ascent", summary: "ascent on the forget loss alone", source: "arXiv 2401.06121", forget: CrossEntropyAscent(),
        retain: nil, combination: AscentAlone())

    /// Gradient difference, the plainest baseline that keeps something.
    public static let gradientDifference = UnlearningMethod(
        name: "grad-diff", summary: "ascent on forget minus retain loss", source: "arXiv 2401.06121", forget: CrossEntropyAscent(),
        retain: CrossEntropyDescent(), combination: WeightedDifference())

    /// NPO with the retain loss.
    public static let npo = UnlearningMethod(
        name: "npo", summary: "negative preference optimisation against the original model, minus the retain loss",
        source: "arXiv 2404.05868", forget: NegativePreference(), retain: CrossEntropyDescent(), combination: WeightedDifference())

    public var rawValue: String { name }

    public init?(rawValue: String) {
        guard let known = Self.allCases.first(where: { $0.name == rawValue }) else { return nil }
        self = known
    }

    public static func == (a: UnlearningMethod, b: UnlearningMethod) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
