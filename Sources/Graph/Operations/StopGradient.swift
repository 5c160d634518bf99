/// The same value, held fixed under differentiation: a coefficient computed from gradients that is not itself part of the objective.
package struct StopGradient: NonlinearOperation {
    package init() {}
    package var name: String { "stop_gradient" }
    package var isView: Bool { true }
    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType { inputs[0] }
    package func evaluate(_ inputs: [HostTensor]) -> HostTensor { inputs[0] }
    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? { nil }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let view = lowering.view(node.inputs[0])
        lowering.setView(node, view.start, view.strides)
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

extension Node {
    /// The same value, held fixed under differentiation.
    public func stopped() -> Node { graph.node(StopGradient(), [self]) }
}
