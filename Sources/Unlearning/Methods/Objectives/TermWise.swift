import Graph
import Inference

// What objectives of single terms (the tokens of an answer) are built from.

extension RoleScores {
    /// What every term was chosen from.
    var choices: ExampleScores.Choices {
        get throws(UnlearningError) {
            guard let choices = now.choices else { throw .lacking("classes to choose among") }
            return choices
        }
    }

    /// The logits of a frozen model where this one's are, a constant of shape [terms, classes].
    func frozenLogits(_ model: FrozenModel) throws(UnlearningError) -> Node {
        guard let logits = logits(of: model) else { throw .lacking("classes to choose among") }
        return logits
    }

    /// The loss that a model which never saw the examples has of every term, a constant of shape [terms].
    func referenceTerms() throws(UnlearningError) -> Node {
        guard let choices = now.choices else { throw .lacking("classes to choose among") }
        return try frozenLogits(.reference).crossEntropy(labels: choices.labels)
    }

    /// The loss of every term, shape [terms].
    var terms: Node { now.terms }

    /// The mean over examples of the mean over an example's terms, so that a long answer counts as much as a short one.
    /// - Parameter values: shape [terms].
    func mean(_ values: Node) -> Node { now.means(values).mean() }

    /// Of each term, what its example has, shape [terms].
    /// - Parameter values: shape [examples].
    func spread(_ values: Node) -> Node {
        guard let grouping = now.grouping else { return values }
        return values.reshaped(to: [grouping.examples, 1]).gather(grouping.owners).reshaped(to: terms.shape)
    }

    /// Row t has a 1 where a term belongs to the example of term t, shape [terms, terms]; padding belongs to the first example.
    private func companions() -> Node {
        let count = terms.shape[0]
        let examples = now.grouping?.examples ?? count
        let single = terms.graph.constant([examples, examples], identity(examples))
        let members = now.grouping.map { single.gather($0.owners) } ?? single
        return members.matmul(members.transposed())
    }

    /// How many terms of its example come before each term, shape [terms].
    func ranks() -> Node {
        let count = terms.shape[0]
        let before = (0..<count * count).map { $0 % count < $0 / count ? 1.0 : 0 }
        return (companions() * terms.graph.constant([count, count], before)).sum(axes: [1])
    }

    /// The share of its example's terms whose value is larger than each term's own, shape [terms]; zero for padding.
    /// - Parameter values: shape [terms].
    func shareAbove(_ values: Node) -> Node {
        guard let grouping = now.grouping else { return values.scaled(by: 0) }
        let count = terms.shape[0]
        let own = values.reshaped(to: [count, 1]).broadcast(to: [count, count])
        let others = values.reshaped(to: [1, count]).broadcast(to: [count, count])
        // Padding counts as the first example's, and its weight, which is zero, drops it here.
        let counted = companions() * own.less(than: others)
        let weights = grouping.weights.reshaped(to: [1, count]).broadcast(to: [count, count])
        return (counted * weights).sum(axes: [1])
    }
}

extension ForgetScores {
    /// Other answers to the same questions, one to each. Plans that do not look at the forget set are drawn up with whatever shapes are
    /// at hand, and never compute this.
    var alternatives: RoleScores {
        guard let alternative, alternative.losses.shape == plain.losses.shape else { return plain }
        return alternative
    }
}

private func identity(_ size: Int) -> [Double] { (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 } }

/// The distributions of logits [rows, classes]. Everything is made of the logits less their logarithm of the sum of exponentials, so that
/// nothing overflows and no logarithm of zero is taken.
struct Distribution {
    let logits: Node

    init(_ logits: Node) { self.logits = logits }

    /// The logarithm of the sum of exponentials, shape [rows]: cross-entropy without a label.
    var normaliser: Node {
        logits.crossEntropy(labels: logits.graph.indices([logits.shape[0]], [Int32](repeating: -1, count: logits.shape[0])))
    }

    /// Shape [rows, classes].
    var probabilities: Node { logits.softmax() }

    /// Shape [rows, classes].
    var logProbabilities: Node { logits - normaliser.expandedLast(to: logits.shape[1]) }

    /// H, shape [rows].
    var entropy: Node { normaliser - probabilities.rowDot(logits) }

    /// −Σ target·log p, shape [rows].
    /// - Parameter target: rows that sum to one, shape [rows, classes].
    func crossEntropy(to target: Node) -> Node { normaliser - target.rowDot(logits) }

    /// KL(target ‖ this), shape [rows].
    func divergence(from target: Distribution) -> Node { crossEntropy(to: target.probabilities) - target.entropy }

    /// The Jensen–Shannon divergence between this and another, shape [rows], at most ln 2. The logarithm of the mean of p and q is taken
    /// as log q − log σ(log q − log p) − ln 2.
    func jensenShannon(_ other: Distribution) -> Node {
        let (p, q) = (logProbabilities, other.logProbabilities)
        let middle = q - (q - p).logSigmoid()
        let mean = probabilities.rowDot(p - middle) + other.probabilities.rowDot(q - middle)
        return mean.scaled(by: 0.5).shifted(by: Double.ln2)
    }
}

extension Double {
    /// ln 2.
    static let ln2 = 0.693147180559945309417232121458
}

extension Node {
    /// 1 at the label of each row, else 0.
    /// - Parameter labels: indices, shape [rows]; those outside the row give a row of zeros.
    func oneHot(like rows: Node) -> Node {
        let zeros = graph.scalar(0).broadcast(to: rows.shape)
        return graph.node(SubtractOneHot(), [zeros, self]).scaled(by: -1)
    }

    /// 1 at the largest element of each row, else 0, held fixed under differentiation: a softmax so steep that elements a hundred-thousandth
    /// apart are told from each other.
    func rowPeak() -> Node { stopped().scaled(by: 1e6).softmax() }
}
