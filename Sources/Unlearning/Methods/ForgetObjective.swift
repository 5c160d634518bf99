import Graph

/// L_f as it is climbed: how the scores of a forget batch become one number. Its derivatives of any order follow.
protocol ForgetObjective: Sendable {
    /// What names it in settings and in the keys of plans.
    var code: String { get }
    /// Whether losses saturate at targets and terms count up to a cap, where settings ask for it.
    var usesTargets: Bool { get }
    /// Whether it looks at the forget set at all.
    var looksAtForgetSet: Bool { get }
    /// What it looks at beside the forget batch.
    var needs: ObjectiveNeeds { get }
    /// The numbers in its formula that a run may choose.
    static var parameters: [ObjectiveParameter<Self>] { get }
    /// A scalar that grows as more is forgotten.
    /// - Throws: `UnlearningError.setting` for a loss that has not what it looks at.
    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node
}

extension ForgetObjective {
    var usesTargets: Bool { true }
    var looksAtForgetSet: Bool { true }
    static var parameters: [ObjectiveParameter<Self>] { [] }
    var needs: ObjectiveNeeds { ObjectiveNeeds() }
}

/// What a forget objective can look at. Losses are in nats.
struct ForgetScores {
    /// Of each example as it counts (terms up to the cap, where there is one): the mean over its terms, shape [examples].
    let counted: Node
    /// Where losses saturate; nil where they do not.
    let targets: ForgetTargets?
    /// Every term, without any cap.
    let plain: RoleScores
    /// The same of other answers to the same questions; nil unless the objective asks for them.
    let alternative: RoleScores?

    init(_ plain: RoleScores, counted: Node, targets: ForgetTargets?, alternative: RoleScores?) {
        (self.plain, self.counted, self.targets, self.alternative) = (plain, counted, targets, alternative)
    }
}

/// Up to which losses forget examples count, in nats.
struct ForgetTargets {
    /// αᵢ, shape [examples].
    let examples: Node
    /// Of every term, shape [terms]: its example's, or what a model that never saw the example has there.
    let terms: Node

    /// - Parameters:
    ///   - values: in nats, or where there is a reference as shares of its losses; shape [examples].
    ///   - reference: that model's loss of every term, shape [terms].
    init(_ values: Node, of scores: RoleScores, reference: Node?) {
        let spread = scores.spread(values)
        terms = reference.map { $0 * spread } ?? spread
        examples = reference.map { values * scores.now.means($0) } ?? values
    }
}

extension Node {
    /// The mean of all elements, a scalar.
    func mean() -> Node { sum().scaled(by: 1 / Double(max(1, count))) }
}
