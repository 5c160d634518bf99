/// y = factor · x.
public struct Scale: MultilinearOperation {
    public var factor: Double

    public init(factor: Double) {
        self.factor = factor
    }

    public var name: String { "scale" }
    public var isCheap: Bool { true }

    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        return inputs[0]
    }

    public func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, inputs[0].values.map { factor * $0 })
    }

    public func transpose(_ node: Node, _ cotangent: Node, input: Int) throws(GraphError) -> Node {
        try cotangent.scaled(by: factor)
    }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        lowering.emitUnary(node) { .scale($0, by: factor, to: $1, count: node.count) }
    }
}

/// y = x + offset.
public struct Shift: Operation {
    public var offset: Double

    public init(offset: Double) {
        self.offset = offset
    }

    public var name: String { "shift" }
    public var isCheap: Bool { true }

    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        return inputs[0]
    }

    public func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, inputs[0].values.map { $0 + offset })
    }

    public func isAffine(in input: Int) -> Bool { true }
    public func pushforward(_ node: Node, _ tangents: [Node?]) throws(GraphError) -> Node? { tangents[0] }
    public func transpose(_ node: Node, _ cotangent: Node, input: Int) throws(GraphError) -> Node { cotangent }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        lowering.emitUnary(node) { .shift($0, by: offset, to: $1, count: node.count) }
    }
}
