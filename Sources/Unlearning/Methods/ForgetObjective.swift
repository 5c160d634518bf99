import Graph

/// L_f as it is climbed: how the scores of a forget batch become one number. Its derivatives of any order follow.
protocol ForgetObjective: Sendable {
    /// What names it in settings and in the keys of plans.
    var code: String { get }
    /// Whether losses saturate at targets and terms count up to a cap, where settings ask for it.
    var usesTargets: Bool { get }
    /// Whether it compares with the loss sums of the model as it was, which are then computed once per example.
    var comparesWithOriginal: Bool { get }
    /// A scalar that grows as more is forgotten.
    func value(_ scores: ForgetScores) -> Node
}

extension ForgetObjective {
    var usesTargets: Bool { true }
    var comparesWithOriginal: Bool { false }
}

/// What a forget objective can look at. Losses are in nats.
struct ForgetScores {
    /// Of each example as it counts (terms up to the cap, where there is one): the mean over its terms, shape [examples].
    let counted: Node
    /// Of each example, without any cap.
    let plain: Node
    /// αᵢ, shape [examples]; nil where losses do not saturate.
    let targets: Node?
    private let role: String

    init(counted: Node, plain: Node, targets: Node?, role: String) {
        (self.counted, self.plain, self.targets, self.role) = (counted, plain, targets, role)
    }

    /// Of each example, the sum over its terms.
    func sums() -> Node { plain * plain.graph.input("\(role).terms", .real, plain.shape) }

    /// The same of the model as it was, a constant.
    func originalSums() -> Node { plain.graph.input("\(role).original", .real, plain.shape) }
}

extension Node {
    /// The mean of all elements, a scalar.
    func mean() -> Node { sum().scaled(by: 1 / Double(max(1, count))) }
}
