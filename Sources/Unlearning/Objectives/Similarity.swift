import Graph

/// How the similarity of the two gradients enters Φ = L_f − β·h(s), s = cos(g_f, g_r).
public enum Similarity: String, Sendable, Hashable, CaseIterable {
    /// h(s) = s, the paper's; it rewards gradients that point apart.
    case cosine
    /// h(s) = s², least where the gradients are orthogonal.
    case squaredCosine = "squared-cosine"
    /// h(s) = max(0, s), which leaves gradients alone that already point apart.
    case positiveCosine = "positive-cosine"

    /// Norms below this count as zero: the similarity and its derivatives are then zero by definition.
    package static let smallestNorm = 1e-12

    /// s and the coefficients of the directions u_f = ∂h/∂g_f and u_r = ∂h/∂g_r over (g_f, g_r):
    /// ∂s/∂g_f = (ĝ_r − s·ĝ_f)/‖g_f‖ and ∂s/∂g_r = (ĝ_f − s·ĝ_r)/‖g_r‖, with ĝ = g/‖g‖.
    /// - Parameter dots: (g_f·g_f, g_f·g_r, g_r·g_r), shape [3].
    /// - Returns: s (a scalar) and the coefficients for `SimilarityDirections`, shape [4].
    func directions(_ dots: Node) -> (similarity: Node, coefficients: Node) {
        let inverse = { (index: Int) in
            dots.element(index).mapped(.squareRoot).reciprocal(threshold: Self.smallestNorm)
        }
        let (forget, retain) = (inverse(0), inverse(2))
        let cross = forget * retain
        let similarity = dots.element(1) * cross
        let slope = slope(similarity)
        let coefficients = [
            (similarity * forget * forget).scaled(by: -1), cross, cross, (similarity * retain * retain).scaled(by: -1),
        ]
        var parts: [([Int], Node)] = []
        for (index, value) in coefficients.enumerated() {
            parts.append(([index], (slope.map { $0 * value } ?? value).reshaped(to: [1])))
        }
        return (similarity, dots.graph.assemble(parts, shape: [4]))
    }

    /// h′(s); nil where it is one.
    private func slope(_ s: Node) -> Node? {
        switch self {
        case .cosine: nil
        case .squaredCosine: s.scaled(by: 2)
        case .positiveCosine: s.graph.scalar(0).less(than: s)
        }
    }

    /// h(s), as a node.
    func penalty(_ s: Node) -> Node {
        switch self {
        case .cosine: s
        case .squaredCosine: s * s
        case .positiveCosine: s.scaled(by: -1).minimum(s.graph.scalar(0)).scaled(by: -1)
        }
    }
}

/// A weight that is absolute, or relative to the ratio of the norms it balances.
public enum Weight: Sendable, Hashable, CustomStringConvertible {
    case absolute(Double)
    case relative(Double)

    /// Reads "0.3" as absolute and "0.3rel" as relative; nil for anything else or a negative number.
    public init?(_ text: String) {
        let isRelative = text.hasSuffix("rel")
        guard let value = Double(isRelative ? String(text.dropLast(3)) : text), value.isFinite, value >= 0 else { return nil }
        self = isRelative ? .relative(value) : .absolute(value)
    }

    /// The number, whatever it is relative to.
    public var value: Double {
        switch self {
        case .absolute(let value), .relative(let value): value
        }
    }

    public var description: String {
        switch self {
        case .absolute(let value): "\(value)"
        case .relative(let value): "\(value)rel"
        }
    }

    /// The weight as a node: the input `name`, or the input times ‖numerator‖ / ‖denominator‖, held fixed under differentiation.
    /// - Parameters: the squares of the two norms; the weight is zero where the second vanishes.
    func node(
        _ name: String, _ numerator: @autoclosure () -> Node,
        over denominator: @autoclosure () -> Node, _ graph: ComputationGraph
    ) -> Node {
        let factor = graph.input(name, .real, [])
        guard case .relative = self else { return factor }
        let inverse = denominator().stopped().mapped(.squareRoot).reciprocal(threshold: 1e-20)
        return factor * numerator().stopped().mapped(.squareRoot) * inverse
    }
}
