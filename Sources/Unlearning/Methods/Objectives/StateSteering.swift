import Data
import Graph

/// RMU (Li et al., arXiv 2403.03218): descent on the mean square of h_t − κ·u/‖u‖ over terms and elements, with h the states in the model's
/// midst where the answer's terms are predicted, and u a fixed direction with elements drawn from 0 to 1. What comes out of later layers is
/// then noise.
///
/// κ is 2 for TOFU in the field's code and 20 in the authors'; tuned for 1B models (arXiv 2605.24614): 10, after the sixth of 16 layers,
/// rate 2e-5, 10 epochs; those are the values here. The authors move only the layers up to that one.
struct StateSteering: ForgetObjective {
    let code = "rmu"
    let usesTargets = false
    let needs = ObjectiveNeeds(states: true)
    var length = 10.0
    static let parameters: [ObjectiveParameter<StateSteering>] = [
        ObjectiveParameter("kappa", \.length, within: .from(0, to: 1e6), "The length of what states are steered to.")
    ]

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let states = try scores.plain.states
        let goal = states.graph.constant([1, states.shape[1]], Self.direction(states.shape[1]).map { length * $0 })
        return scores.plain.mean(states.meanSquare(from: goal.broadcast(to: states.shape))).scaled(by: -1)
    }

    /// Of length one, its elements from 0 to 1 before; the same in every run.
    static func direction(_ width: Int) -> [Double] {
        var random = SeededRandom(seed: 0)
        let drawn = (0..<width).map { _ in random.uniform() }
        let size = drawn.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return drawn.map { $0 / size }
    }
}

/// RMU's retain objective: the mean square of what the same states moved from those of the original, at the retain answers' terms.
struct StateKeeping: RetainObjective {
    let code = "states"
    let needs = ObjectiveNeeds(frozen: [.states], states: true)

    func value(_ scores: RetainScores) throws(UnlearningError) -> Node {
        let states = try scores.plain.states
        return scores.plain.mean(states.meanSquare(from: scores.plain.originalStates() ?? states))
    }
}

extension RoleScores {
    /// What the model holds in its midst.
    fileprivate var states: Node {
        get throws(UnlearningError) {
            guard let states = now.states else { throw .lacking("states") }
            return states
        }
    }
}

extension Node {
    /// Of each row, the mean of the squares of its distance to another.
    fileprivate func meanSquare(from other: Node) -> Node {
        let distance = self - other
        return distance.rowDot(distance, factor: 1 / Double(shape[1]))
    }
}
