/// What the cotangent of `output` sends back to each of `inputs` (reverse mode). An input that `output` does not depend on gets nil.
///
/// Only transposes of affine inputs are written by hand; for the others the operation's pushforward is transposed here, the
/// scheme of JAX's linearise-then-transpose.
/// An operation on the way that has no such derivative stops the program.
public func pullback(_ output: Node, cotangent: Node, to inputs: [Node]) -> [Node?] {
    var sweep = ReverseSweep()
    sweep.add(cotangent, to: output)
    let targets = Set(inputs.map(\.id))
    // Ids rise from inputs to outputs: nothing older than the oldest target can lead to one.
    guard let first = targets.min() else { return [] }
    let path = Ancestry(of: [output], after: first).ascending
    var active: Set<Int> = targets
    for node in path where node.inputs.contains(where: { active.contains($0.id) }) { active.insert(node.id) }

    // Backwards, a node comes after all that use it, so its cotangent is complete. A target passes nothing on: it is held fixed.
    for node in path.reversed() where active.contains(node.id) && !targets.contains(node.id) {
        guard let cotangent = sweep.finish(node) else { continue }
        sweep.visit(node, cotangent, active)
    }
    var results: [Node?] = []
    for input in inputs { results.append(sweep.finish(input)) }
    return results
}

/// The gradient of a scalar with respect to each input.
/// An `output` that is not a scalar or does not depend on an input stops the program.
public func gradient(of output: Node, _ inputs: [Node]) -> [Node] {
    guard output.shape.isEmpty else {
        output.derivativeFault("only a scalar has a gradient")
    }
    let results = pullback(output, cotangent: output.graph.scalar(1), to: inputs)
    var gradients: [Node] = []
    for (input, result) in zip(inputs, results) {
        guard let result else {
            output.derivativeFault("does not depend on \(input)")
        }
        gradients.append(result)
    }
    return gradients
}

/// The gradient of a scalar with respect to one flat vector.
public func gradient(of output: Node, _ input: Node) -> Node { gradient(of: output, [input])[0] }

/// The derivative of `gradient` along `direction` as `parameters` move: a Hessian-vector product by forward-over-reverse
/// (Pearlmutter 1994), sharing the gradient's own pass.
public func hessianVectorProduct(_ gradient: Node, _ parameters: Node, _ direction: Node) -> Node {
    guard let product = pushforward([gradient], along: [parameters: direction])[0] else {
        return gradient.graph.scalar(0).broadcast(to: parameters.shape)
    }
    return product
}

/// Cotangents gathered on the way back.
private struct ReverseSweep {
    private var contributions: [Int: [Node]] = [:]

    mutating func add(_ cotangent: Node, to node: Node) { contributions[node.id, default: []].append(cotangent) }

    /// The sum of what has arrived at a node. Slices of one vector that do not overlap come together as one assembly, not a sum of
    /// mostly-zero vectors.
    func finish(_ node: Node) -> Node? {
        guard let all = contributions[node.id] else { return nil }
        var plain: Node?
        var boxes: [(start: [Int], value: Node)] = []
        for contribution in all {
            guard let assembly = contribution.operation as? Assemble else {
                plain = plain.map { $0 + contribution } ?? contribution
                continue
            }
            for (start, value) in zip(assembly.starts, contribution.inputs) {
                // Parameters lie side by side in one flat vector: kept apart, their gradients are computed where they will lie.
                if let same = boxes.firstIndex(where: { $0.start == start && $0.value.shape == value.shape }) {
                    boxes[same].value = boxes[same].value + value
                } else if boxes.contains(where: { Self.overlap($0, (start, value)) }) {
                    let lone = node.graph.assemble([(start, value)], shape: node.shape)
                    plain = plain.map { $0 + lone } ?? lone
                } else {
                    boxes.append((start, value))
                }
            }
        }
        guard !boxes.isEmpty else { return plain }
        let assembled = node.graph.assemble(boxes.map { ($0.start, $0.value) }, shape: node.shape)
        return plain.map { $0 + assembled } ?? assembled
    }

    private static func overlap(_ a: (start: [Int], value: Node), _ b: (start: [Int], value: Node)) -> Bool {
        a.start.indices.allSatisfy {
            a.start[$0] < b.start[$0] + b.value.shape[$0] && b.start[$0] < a.start[$0] + a.value.shape[$0]
        }
    }

    /// Sends a node's cotangent to its active inputs.
    mutating func visit(_ node: Node, _ cotangent: Node, _ active: Set<Int>) {
        // All curved inputs at once: their tangents share most of one expression.
        var curved: [Int] = []
        for (position, input) in node.inputs.enumerated() where active.contains(input.id) && input.type.type == .real {
            if node.operation.isAffine(in: position) {
                add(node.operation.transpose(node, cotangent, input: position), to: input)
            } else {
                curved.append(position)
            }
        }
        guard !curved.isEmpty else { return }
        for (position, result) in zip(curved, transposedPushforward(node, cotangent, curved)) {
            if let result { add(result, to: node.inputs[position]) }
        }
    }

    /// Pushes placeholders through the node's pushforward rule and transposes the linear expression that results.
    private func transposedPushforward(_ node: Node, _ cotangent: Node, _ positions: [Int]) -> [Node?] {
        var tangents = [Node?](repeating: nil, count: node.inputs.count)
        for position in positions {
            tangents[position] = node.graph.node(
                Placeholder(slot: node.graph.count, declared: node.inputs[position].type), [])
        }
        guard let tangent = node.operation.pushforward(node, tangents) else { return positions.map { _ in nil } }
        let placeholders = positions.compactMap { tangents[$0] }
        if let only = placeholders.first(where: { $0 == tangent }) { return placeholders.map { $0 == only ? cotangent : nil } }

        // The pushforward is linear in the placeholders and only in them, whatever else it is made of: transposes suffice from here on.
        var inner = ReverseSweep()
        inner.add(cotangent, to: tangent)
        let path = Ancestry(of: [tangent], after: placeholders.map(\.id).min() ?? 0).ascending
        var linear = Set(placeholders.map(\.id))
        for part in path where part.inputs.contains(where: { linear.contains($0.id) }) { linear.insert(part.id) }
        for part in path.reversed() where linear.contains(part.id) && !(part.operation is Placeholder) {
            guard let arrived = inner.finish(part) else { continue }
            for (position, input) in part.inputs.enumerated() where linear.contains(input.id) {
                inner.add(part.operation.transpose(part, arrived, input: position), to: input)
            }
        }
        var results: [Node?] = []
        for placeholder in placeholders { results.append(inner.finish(placeholder)) }
        return results
    }
}
