import Graph
import Inference

/// The scores of one role's batch, beside what is known of the same examples from frozen models: constants, measured before.
struct RoleScores {
    /// As the model stands.
    let now: ExampleScores
    private let role: String

    init(_ now: ExampleScores, role: String) { (self.now, self.role) = (now, role) }

    /// The loss of each example, shape [examples].
    var losses: Node { now.losses }

    /// The mean loss over examples times the role's weight in an objective, a scalar.
    func weightedLoss() -> Node { losses.mean() * losses.graph.input("\(role).weight", .real, []) }

    /// Of each example, the sum over its terms, shape [examples].
    func sums() -> Node { losses * losses.graph.input("\(role).terms", .real, losses.shape) }

    /// The same of the model as it was, a constant.
    func originalSums() -> Node { losses.graph.input("\(role).original", .real, losses.shape) }

    /// The states of the model as it was, a constant of shape [terms, width]; nil where a loss has none.
    func originalStates() -> Node? {
        now.states.map { $0.graph.input("\(role).\(FrozenModel.states.rawValue)", .real, $0.shape) }
    }

    /// A frozen model's logits where this one's are, a constant of shape [terms, classes]; nil where a loss is none of a choice.
    func logits(of model: FrozenModel) -> Node? {
        now.choices.map { $0.logits.graph.input("\(role).\(model.rawValue)", .real, $0.logits.shape) }
    }
}

/// A model that does not move.
package enum FrozenModel: String, Hashable, Sendable, CaseIterable {
    /// The model as it was when the run began.
    case original = "original.logits"
    /// A model that never saw what is forgotten.
    case reference = "reference.logits"
    /// The original with its attention scores divided by a temperature; see `ObjectiveNeeds`.
    case blurred = "blurred.logits"

    /// The original again, of which states are kept instead of logits.
    case states = "original.states"
}

/// What an objective looks at beside the batch of its own role.
struct ObjectiveNeeds: Hashable, Sendable {
    /// The loss sums of the model as it was, of the examples and, where there are any, of their alternatives.
    var originalSums = false
    /// Frozen models whose distributions it compares with.
    var frozen: Set<FrozenModel> = []
    /// Another answer to each forget example's question.
    var alternatives = false
    /// Classes that terms are chosen from, and so a loss that has them.
    var choices = false

    /// States in the midst of the model, and so a loss that has them.
    var states = false

    /// What the attention scores of `FrozenModel.blurred` are divided by.
    var attentionTemperature = 1.0

    /// Whether a loss without classes will not do.
    var needsChoices: Bool { choices || !frozen.subtracting([.states]).isEmpty }
}
