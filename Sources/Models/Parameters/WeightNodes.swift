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

    /// A parameter of the model.
    subscript(_ specification: ParameterSpecification) -> Node {
        if let node = find(specification.name) { return node }
        graphFault("plan", "the model has no parameter \"\(specification.name)\"")
    }

    /// The factors of the low-rank adapter of a linear map, A [rank, in] and B [out, rank], and what B·A is multiplied with; nil if it
    /// has none.
    /// - Parameter prefix: the map's name, without `.weight`.
    func adapter(_ prefix: String) -> (a: Node, b: Node, scale: Double)? {
        let names = LowRankAdapter.names(prefix)
        guard let adapter = split.adapter, let a = find(names.a), let b = find(names.b) else { return nil }
        return (a, b, adapter.scale)
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
