/// 1/x, and 0 where |x| is below the threshold.
package struct Reciprocal: NonlinearOperation {
    package var threshold: Double

    package init(threshold: Double) {
        self.threshold = threshold
    }

    package var name: String { "reciprocal" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, inputs[0].values.map { abs($0) < threshold ? 0 : 1 / $0 })
    }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        return (node * node).scaled(by: -1) * tangent
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        lowering.emitUnary(node) { .reciprocal($0, threshold: threshold, to: $1, count: node.count) }
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 10 * output.count }
}

extension Node {
    /// 1/x, and 0 where |x| is below the threshold.
    public func reciprocal(threshold: Double = 0) -> Node {
        graph.node(Reciprocal(threshold: threshold), [self])
    }
}
