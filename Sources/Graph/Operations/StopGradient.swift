/// The same value, held fixed under differentiation: a coefficient computed from gradients that is not itself part of the objective.
public struct StopGradient: NonlinearOperation {
    public init() {}
    public var name: String { "stop_gradient" }
    public var isView: Bool { true }
    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType { inputs[0] }
    public func evaluate(_ inputs: [HostTensor]) -> HostTensor { inputs[0] }
    public func pushforward(_ node: Node, _ tangents: [Node?]) throws(GraphError) -> Node? { nil }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        let view = lowering.view(node.inputs[0])
        lowering.setView(node, view.start, view.strides)
    }

    public func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

extension Node {
    /// The same value, held fixed under differentiation.
    public func stopped() throws(GraphError) -> Node { try graph.node(StopGradient(), [self]) }
}
