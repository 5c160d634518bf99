import Graph

/// A model's weights in a graph, as slices of the flat vectors: zero-copy views in a plan.
///
/// This is the one place that knows about low-rank adapters and about which parameters move.
package struct WeightNodes {
    /// The names of the flat vectors among a graph's inputs.
    package static let trainableName = "theta", frozenName = "frozen"

    private let trainable: Node
    private let frozen: Node?
    private let split: ParameterSplit

    /// - Parameter trainable: the flat trainable parameters, shape [split.trainable.count]. The frozen ones become the input "frozen".
    package init(_ split: ParameterSplit, trainable: Node) {
        self.split = split
        self.trainable = trainable
        frozen =
            split.frozen.count == 0
            ? nil : trainable.graph.input(Self.frozenName, .real, [split.frozen.count])
    }

    package var graph: ComputationGraph { trainable.graph }

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
        if let entry = split.trainable[name] { return slice(trainable, entry) }
        if let entry = split.frozen[name], let frozen { return slice(frozen, entry) }
        return nil
    }

    private func slice(_ vector: Node, _ entry: ParameterLayout.Entry) -> Node {
        vector.slice(at: [entry.offset], shape: [entry.count]).reshaped(to: entry.shape)
    }
}
