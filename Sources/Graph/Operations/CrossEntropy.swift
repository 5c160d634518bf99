import Glibc

/// logsumexp(x[r, ·]) − x[r, label r] for logits [rows, vocabulary] and labels [rows]. A label outside the
/// vocabulary subtracts nothing: padding rows have −1 and are meant to be weighted with zero afterwards.
package struct CrossEntropy: NonlinearOperation {
    package init() {}
    package var name: String { "cross_entropy" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard inputs[0].type == .real, inputs[1].type == .index, inputs[0].shape.count == 2,
            inputs[1].shape == [inputs[0].shape[0]]
        else { throw ShapeProblem("takes logits [rows, vocabulary] and labels [rows]") }
        return TensorType(.real, inputs[1].shape)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let columns = inputs[0].shape[1]
        return HostTensor(
            inputs[1].shape,
            inputs[1].values.enumerated().map { row, label in
                let logits = inputs[0].values[row * columns..<(row + 1) * columns]
                let top = logits.max() ?? 0
                let rest = log(logits.reduce(0) { $0 + exp($1 - top) })
                return rest + ((0..<columns).contains(Int(label)) ? top - logits[logits.startIndex + Int(label)] : top)
            })
    }

    package func idLimit(_ inputs: [TensorType], input: Int) -> Int? { input == 1 ? inputs[0].shape[1] : nil }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        let probabilities = node.inputs[0].softmax()
        return node.graph.node(SubtractOneHot(), [probabilities, node.inputs[1]]).rowDot(tangent)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let logits = lowering.contiguous(node.inputs[0]), labels = lowering.contiguous(node.inputs[1])
        let output = lowering.output(node)
        let shape = node.inputs[0].shape
        lowering.emit(.crossEntropy(logits, labels: labels, to: output, rows: shape[0], columns: shape[1]))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 10 * inputs[0].count }
}

/// p minus one at [r, label r]; labels outside the row change nothing. Of a softmax it is the gradient of cross-entropy.
package struct SubtractOneHot: Operation {
    package init() {}
    package var name: String { "subtract_one_hot" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard inputs[0].type == .real, inputs[1].type == .index, inputs[0].shape.count == 2,
            inputs[1].shape == [inputs[0].shape[0]]
        else { throw ShapeProblem("takes rows [rows, columns] and labels [rows]") }
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        var result = inputs[0]
        for (row, label) in inputs[1].values.enumerated() where (0..<result.shape[1]).contains(Int(label)) {
            result.values[row * result.shape[1] + Int(label)] -= 1
        }
        return result
    }

    package func idLimit(_ inputs: [TensorType], input: Int) -> Int? { input == 1 ? inputs[0].shape[1] : nil }

    package func isAffine(in input: Int) -> Bool { true }
    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? { tangents[0] }
    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node { cotangent }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let rows = lowering.contiguous(node.inputs[0]), labels = lowering.contiguous(node.inputs[1])
        let output = lowering.output(node)
        lowering.emit(.subtractOneHot(rows, labels: labels, to: output, rows: node.shape[0], columns: node.shape[1]))
    }
}
