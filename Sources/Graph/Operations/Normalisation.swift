/// The two normalisations, both over the last axis and without weights (weights multiply afterwards).
public enum NormKind: String, Hashable, Sendable {
    /// x / sqrt(mean x² + ε)
    case rms
    /// (x − mean x) / sqrt(variance x + ε)
    case layer

    /// (centred row, 1 / scale)
    fileprivate func parts(_ row: [Double], _ epsilon: Double) -> (centred: [Double], inverse: Double) {
        let count = Double(row.count)
        let mean = self == .layer ? row.reduce(0, +) / count : 0
        let centred = row.map { $0 - mean }
        return (centred, 1 / (centred.reduce(0) { $0 + $1 * $1 } / count + epsilon).squareRoot())
    }
}

/// The normalised rows.
package struct Normalise: NonlinearOperation {
    package var kind: NormKind
    package var epsilon: Double

    package init(kind: NormKind, epsilon: Double) {
        self.kind = kind
        self.epsilon = epsilon
    }

    package var name: String { "\(kind.rawValue)_norm" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        guard !inputs[0].shape.isEmpty else { throw ShapeProblem("needs at least one axis") }
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        inputs[0].mapRows { row in
            let (centred, inverse) = kind.parts(row, epsilon)
            return centred.map { $0 * inverse }
        }
    }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        let scale = node.graph.node(NormScale(kind: kind, epsilon: epsilon), [node.inputs[0]])
        return node.graph.node(NormTangent(kind: kind), [node, scale, tangent])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let input = lowering.contiguous(node.inputs[0])
        let output = lowering.output(node)
        let (rows, columns) = lowering.rows(node)
        lowering.emit(.norm(kind, input, epsilon: epsilon, to: output, rows: rows, columns: columns))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 4 * output.count }
}

/// The factor n[r] that each row is multiplied with; shape: the input's without its last axis.
package struct NormScale: NonlinearOperation {
    package var kind: NormKind
    package var epsilon: Double

    package init(kind: NormKind, epsilon: Double) {
        self.kind = kind
        self.epsilon = epsilon
    }

    package var name: String { "\(kind.rawValue)_scale" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        guard !inputs[0].shape.isEmpty else { throw ShapeProblem("needs at least one axis") }
        return TensorType(.real, inputs[0].shape.dropLast())
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape.dropLast(), inputs[0].rows.map { kind.parts($0, epsilon).inverse })
    }

    /// dn = −n²·mean(y∘dx), y being the normalised row.
    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        let normal = node.graph.node(Normalise(kind: kind, epsilon: epsilon), [node.inputs[0]])
        let columns = Double(tangent.shape[tangent.shape.count - 1])
        return normal.rowDot(tangent, factor: -1 / columns) * (node * node)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let input = lowering.contiguous(node.inputs[0])
        let output = lowering.output(node)
        let columns = node.inputs[0].shape.last ?? 1
        lowering.emit(.normScale(kind, input, epsilon: epsilon, to: output, rows: node.count, columns: columns))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 3 * inputs[0].count }
}

/// The Jacobian of a normalisation at its output y and factor n, applied to v:
/// n·(v − y·mean(y∘v)), for layer norm n·(v − mean v − y·mean(y∘v)). Symmetric, so it serves pushforward and pullback.
package struct NormTangent: Operation {
    package var kind: NormKind

    package init(kind: NormKind) {
        self.kind = kind
    }

    package var name: String { "\(kind.rawValue)_tangent" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape([inputs[0], inputs[2]])
        guard inputs[1].shape == inputs[0].shape.dropLast() else { throw ShapeProblem("needs one factor for each row") }
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        var factors = inputs[1].values.makeIterator()
        return inputs[0].mapRows(with: inputs[2]) { y, v in
            let factor = factors.next() ?? 0, count = Double(y.count)
            let mean = kind == .layer ? v.reduce(0, +) / count : 0
            let inner = zip(y, v).reduce(0) { $0 + $1.0 * $1.1 } / count
            return zip(y, v).map { factor * ($1 - mean - $0 * inner) }
        }
    }

    package func isAffine(in input: Int) -> Bool { input != 0 }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        let (y, n, v) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let columns = y.shape[y.shape.count - 1]
        var terms: [Node] = []
        if let t = tangents[2] { terms.append(node.graph.node(self, [y, n, t])) }
        if let t = tangents[0] {
            let moved =
                t * v.rowDot(y, factor: 1 / Double(columns)).expandedLast(to: columns)
                + y * t.rowDot(v, factor: 1 / Double(columns)).expandedLast(to: columns)
            terms.append(moved * n.scaled(by: -1).expandedLast(to: columns))
        }
        if let t = tangents[1] { terms.append(projected(node) * t.expandedLast(to: columns)) }
        guard var sum = terms.first else { return nil }
        for term in terms.dropFirst() { sum = sum + term }
        return sum
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        input == 2
            ? node.graph.node(self, [node.inputs[0], node.inputs[1], cotangent])
            : projected(node).rowDot(cotangent)
    }

    /// The bracket, before the factor.
    private func projected(_ node: Node) -> Node {
        let ones = node.graph.scalar(1).broadcast(to: node.inputs[1].shape)
        return node.graph.node(self, [node.inputs[0], ones, node.inputs[2]])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let inputs = node.inputs.map { lowering.contiguous($0) }
        let output = lowering.output(node)
        let (rows, columns) = lowering.rows(node)
        lowering.emit(.normTangent(kind, inputs[0], inputs[1], along: inputs[2], to: output, rows: rows, columns: columns))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 6 * output.count }
}
