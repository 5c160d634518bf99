/// The tangents of `outputs` when the nodes in `tangents` move along the given directions (forward mode).
///
/// The result is built from the same graph: it shares every primal value. Nil where an output does not move.
/// An operation on the way that has no such derivative stops the program.
public func pushforward(_ outputs: [Node], along tangents: [Node: Node]) -> [Node?] {
    var moving: [Int: Node] = [:]
    for (node, tangent) in tangents {
        guard node.type == tangent.type else {
            graphFault(
                "pushforward", inputs: [node.type, tangent.type], part: node.part,
                "a direction must have the shape of the value that moves along it")
        }
        moving[node.id] = tangent
    }
    guard let first = tangents.keys.map(\.id).min() else { return outputs.map { _ in nil } }
    for node in Ancestry(of: outputs, after: first).ascending where moving[node.id] == nil {
        let inputTangents = node.inputs.map { moving[$0.id] }
        guard inputTangents.contains(where: { $0 != nil }) else { continue }
        if let tangent = node.operation.pushforward(node, inputTangents) { moving[node.id] = tangent }
    }
    return outputs.map { moving[$0.id] }
}

/// The nodes that given outputs depend on, themselves included.
struct Ancestry {
    private(set) var ascending: [Node] = []

    /// - Parameter after: nodes with smaller ids are left out, with everything only they depend on.
    init(of outputs: [Node], after: Int = 0) {
        var seen: Set<Int> = []
        var pending = outputs
        while let node = pending.popLast() {
            guard node.id >= after, seen.insert(node.id).inserted else { continue }
            ascending.append(node)
            pending.append(contentsOf: node.inputs)
        }
        ascending.sort { $0.id < $1.id }
    }
}
