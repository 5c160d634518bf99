import Graph

/// A model's weights in a graph, as slices of the flat vectors: zero-copy views in a plan.
///
/// This is the one place that knows about low-rank adapters and about which parameters move.
package struct WeightNodes {
    /// The names of the flat vectors among a graph's inputs.
    package static let movingName = "theta", frozenName = "frozen"

    private let moving: Node
    private let frozen: Node?
    private let split: ParameterSplit

    /// - Parameter moving: the flat moving parameters, shape [split.moving.count]. The frozen ones become the input "frozen".
    package init(_ split: ParameterSplit, moving: Node) {
        self.split = split
        self.moving = moving
        frozen =
            split.frozen.count == 0
            ? nil : moving.graph.input(Self.frozenName, .real, [split.frozen.count])
    }

    package var graph: ComputationGraph { moving.graph }

    /// A tensor of the model by its name.
    package func weight(_ name: String) -> Node {
        guard let node = find(name) else { graphFault("plan", "the model has no parameter \"\(name)\"") }
        return node
    }

    /// The linear map `prefix` of rows: x·Wᵀ, plus the bias and the adapter if there are any.
    /// - Parameter x: [rows, in].
    /// - Returns: [rows, out].
    package func linear(_ x: Node, _ prefix: String) -> Node {
        let name = "\(prefix).weight"
        guard let entry = split.moving[name] ?? split.frozen[name] else {
            graphFault("plan", "the model has no parameter \"\(name)\"")
        }
        let weight = weight(name)
        var result = x.matmul(entry.specification.role == .projection(.inputsFirst) ? weight : weight.transposed())
        let factors = LowRankAdapter.names(prefix)
        if let adapter = split.adapter, let a = find(factors.a), let b = find(factors.b) {
            result = result + x.matmul(a.transposed()).scaled(by: adapter.scale).matmul(b.transposed())
        }
        if let bias = find("\(prefix).bias") { result = result + bias }
        return result
    }

    private func find(_ name: String) -> Node? {
        if let entry = split.moving[name] { return slice(moving, entry) }
        if let entry = split.frozen[name], let frozen { return slice(frozen, entry) }
        return nil
    }

    private func slice(_ vector: Node, _ entry: ParameterLayout.Entry) -> Node {
        vector.slice(at: [entry.offset], shape: [entry.count]).reshaped(to: entry.shape)
    }
}
