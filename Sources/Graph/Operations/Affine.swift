/// y = factor · x.
package struct Scale: MultilinearOperation {
    package var factor: Double

    package init(factor: Double) {
        self.factor = factor
    }

    package var name: String { "scale" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, inputs[0].values.map { factor * $0 })
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        cotangent.scaled(by: factor)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        lowering.emitUnary(node) { .scale($0, by: factor, to: $1, count: node.count) }
    }
}

/// y = x + offset.
package struct Shift: Operation {
    package var offset: Double

    package init(offset: Double) {
        self.offset = offset
    }

    package var name: String { "shift" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, inputs[0].values.map { $0 + offset })
    }

    package func isAffine(in input: Int) -> Bool { true }
    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? { tangents[0] }
    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node { cotangent }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        lowering.emitUnary(node) { .shift($0, by: offset, to: $1, count: node.count) }
    }
}
