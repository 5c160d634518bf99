import Glibc

/// The softmax of the last axis.
package struct Softmax: NonlinearOperation {
    package init() {}
    package var name: String { "softmax" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        guard !inputs[0].shape.isEmpty else { throw ShapeProblem("needs at least one axis") }
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor { inputs[0].mapRows { softmax($0) } }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        return node.graph.node(SoftmaxTangent(), [node, tangent])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let input = lowering.contiguous(node.inputs[0])
        let output = lowering.output(node)
        let (rows, columns) = lowering.rows(node)
        lowering.emit(.softmax(input, to: output, rows: rows, columns: columns))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 12 * output.count }
}

/// The softmax of attention scores [batch, …, queries, keys] over the keys j < limits[batch, query]; the others get zero.
///
/// Causal attention has limits[b, t] = t + 1; a cached decoding step has the length of the cache.
package struct MaskedSoftmax: NonlinearOperation {
    package init() {}
    package var name: String { "softmax_masked" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        let scores = inputs[0].shape
        guard inputs[0].type == .real, inputs[1].type == .index, scores.count >= 3,
            inputs[1].shape == [scores[0], scores[scores.count - 2]]
        else { throw ShapeProblem("takes scores [batch, …, queries, keys] and limits [batch, queries]") }
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let shape = inputs[0].shape
        let queries = shape[shape.count - 2]
        let rowsPerBatch = shape[1..<(shape.count - 1)].reduce(1, *)
        var row = -1
        return inputs[0].mapRows { scores in
            row += 1
            let limit = min(max(0, Int(inputs[1].values[row / rowsPerBatch * queries + row % queries])), scores.count)
            return softmax(Array(scores[..<limit])) + [Double](repeating: 0, count: scores.count - limit)
        }
    }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        return node.graph.node(SoftmaxTangent(), [node, tangent])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let shape = node.shape
        let scores = lowering.contiguous(node.inputs[0]), limits = lowering.contiguous(node.inputs[1])
        let output = lowering.output(node)
        let columns = shape[shape.count - 1], queries = shape[shape.count - 2]
        let rows = shape.dropLast().reduce(1, *)
        lowering.emit(
            .softmaxMasked(
                scores, limits: limits, to: output, rows: rows, columns: columns, queries: queries,
                rowsPerBatch: shape[1..<(shape.count - 1)].reduce(1, *)))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 12 * output.count }
}

/// s∘(v − ⟨s, v⟩) over the last axis: the softmax's Jacobian at its output s, applied to v. It is symmetric, so the same kernel
/// serves pushforward and pullback; it is also the Hessian of cross-entropy.
package struct SoftmaxTangent: Operation {
    package init() {}
    package var name: String { "softmax_tangent" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape(inputs)
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        inputs[0].mapRows(with: inputs[1]) { s, v in
            let inner = zip(s, v).reduce(0) { $0 + $1.0 * $1.1 }
            return zip(s, v).map { $0 * ($1 - inner) }
        }
    }

    package func isAffine(in input: Int) -> Bool { input == 1 }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        let (s, v) = (node.inputs[0], node.inputs[1])
        let columns = s.shape[s.shape.count - 1]
        var result: Node?
        if let t = tangents[1] { result = node.graph.node(SoftmaxTangent(), [s, t]) }
        if let t = tangents[0] {
            let centred = v - s.rowDot(v).expandedLast(to: columns)
            let moved = t * centred - s * t.rowDot(v).expandedLast(to: columns)
            result = result.map { $0 + moved } ?? moved
        }
        return result
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.graph.node(SoftmaxTangent(), [node.inputs[0], cotangent])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let s = lowering.contiguous(node.inputs[0]), v = lowering.contiguous(node.inputs[1])
        let output = lowering.output(node)
        let (rows, columns) = lowering.rows(node)
        lowering.emit(.softmaxTangent(s, v, to: output, rows: rows, columns: columns))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 4 * output.count }
}

private func softmax(_ row: [Double]) -> [Double] {
    let top = row.max() ?? 0
    let powers = row.map { exp($0 - top) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
}
