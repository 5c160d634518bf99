/// The three inner products (a·a, a·b, b·b) of two flat vectors in one pass: what the cosine of two gradients needs.
package struct SimilarityDots: NonlinearOperation {
    package init() {}
    package var name: String { "similarity_dots" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape(inputs)
        return TensorType(.real, [3])
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let dot = { (a: HostTensor, b: HostTensor) in zip(a.values, b.values).reduce(0) { $0 + $1.0 * $1.1 } }
        let (a, b) = (inputs[0], inputs[1])
        return HostTensor([3], [dot(a, a), dot(a, b), dot(b, b)])
    }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        let (a, b) = (node.inputs[0], node.inputs[1])
        var parts: [([Int], Node)] = []
        var cross: Node?
        if let t = tangents[0] {
            parts.append(([0], a.dot(t).scaled(by: 2).reshaped(to: [1])))
            cross = t.dot(b)
        }
        if let t = tangents[1] {
            let term = a.dot(t)
            cross = cross.map { $0 + term } ?? term
            parts.append(([2], b.dot(t).scaled(by: 2).reshaped(to: [1])))
        }
        guard let cross else { return nil }
        parts.append(([1], cross.reshaped(to: [1])))
        return node.graph.assemble(parts, shape: [3])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        lowering.emitBlockedDots(.similarityDots, node)
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 6 * inputs[0].count }
}

/// Two combinations of two flat vectors in one pass: y[0, ·] = c₀a + c₁b and y[1, ·] = c₂a + c₃b.
///
/// With the coefficients of `Similarity.directions` the rows are u_f = ∂s/∂g_f and u_r = ∂s/∂g_r (arXiv 2509.22483).
package struct SimilarityDirections: Operation {
    package init() {}
    package var name: String { "similarity_directions" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape([inputs[0], inputs[1]])
        guard inputs[0].shape.count == 1, inputs[2].shape == [4] else {
            throw ShapeProblem("takes two flat vectors and four coefficients")
        }
        return TensorType(.real, [2, inputs[0].count])
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let (a, b, c) = (inputs[0].values, inputs[1].values, inputs[2].values)
        return HostTensor(
            [2, a.count], zip(a, b).map { c[0] * $0 + c[1] * $1 } + zip(a, b).map { c[2] * $0 + c[3] * $1 })
    }

    package func isAffine(in input: Int) -> Bool { true }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        let (a, b, c) = (node.inputs[0], node.inputs[1], node.inputs[2])
        var terms: [Node] = []
        if tangents[0] != nil || tangents[1] != nil {
            let still = node.graph.scalar(0).broadcast(to: a.shape)
            terms.append(node.graph.node(self, [tangents[0] ?? still, tangents[1] ?? still, c]))
        }
        if let t = tangents[2] { terms.append(node.graph.node(self, [a, b, t])) }
        guard var sum = terms.first else { return nil }
        for term in terms.dropFirst() { sum = sum + term }
        return sum
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        let (a, b, c) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let row = { (i: Int) in cotangent.slice(at: [i, 0], shape: [1, a.count]).reshaped(to: a.shape) }
        let (first, second) = (row(0), row(1))
        if input < 2 { return combine(c.element(input), first, plus: c.element(input + 2), second) }
        let parts = [first.dot(a), first.dot(b), second.dot(a), second.dot(b)]
        var places: [([Int], Node)] = []
        for (i, part) in parts.enumerated() { places.append(([i], part.reshaped(to: [1]))) }
        return node.graph.assemble(places, shape: [4])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let inputs = node.inputs.map { lowering.contiguous($0) }
        let count = node.inputs[0].count
        let output = lowering.output(node)
        lowering.emit(.similarityDirections(inputs[0], inputs[1], coefficients: inputs[2], to: output, count: count))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 3 * output.count }
}

/// y = p·a + q·b with scalar nodes p, q and two tensors of one shape, in one pass.
package struct Combine: Operation {
    package init() {}
    package var name: String { "combine" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape([inputs[1], inputs[3]])
        guard inputs[0].shape.isEmpty, inputs[2].shape.isEmpty else { throw ShapeProblem("the factors must be scalars") }
        return inputs[1]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let (p, q) = (inputs[0].values[0], inputs[2].values[0])
        return HostTensor(inputs[1].shape, zip(inputs[1].values, inputs[3].values).map { p * $0 + q * $1 })
    }

    package func isAffine(in input: Int) -> Bool { true }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        let (p, a, q, b) = (node.inputs[0], node.inputs[1], node.inputs[2], node.inputs[3])
        var terms: [Node] = []
        switch (tangents[1], tangents[3]) {
        case (let ta?, let tb?): terms.append(combine(p, ta, plus: q, tb))
        case (let ta?, nil): terms.append(p.broadcast(to: a.shape) * ta)
        case (nil, let tb?): terms.append(q.broadcast(to: b.shape) * tb)
        case (nil, nil): break
        }
        switch (tangents[0], tangents[2]) {
        case (let tp?, let tq?): terms.append(combine(tp, a, plus: tq, b))
        case (let tp?, nil): terms.append(tp.broadcast(to: a.shape) * a)
        case (nil, let tq?): terms.append(tq.broadcast(to: b.shape) * b)
        case (nil, nil): break
        }
        guard var sum = terms.first else { return nil }
        for term in terms.dropFirst() { sum = sum + term }
        return sum
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        switch input {
        case 0: cotangent.dot(node.inputs[1])
        case 1: node.inputs[0].broadcast(to: cotangent.shape) * cotangent
        case 2: cotangent.dot(node.inputs[3])
        default: node.inputs[2].broadcast(to: cotangent.shape) * cotangent
        }
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let inputs = node.inputs.map { lowering.contiguous($0) }
        let output = lowering.output(node)
        lowering.emit(.combine(inputs[0], inputs[1], plus: inputs[2], inputs[3], to: output, count: node.count))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 3 * output.count }
}

/// p·a + q·b for scalar nodes p and q.
package func combine(_ p: Node, _ a: Node, plus q: Node, _ b: Node) -> Node {
    a.graph.node(Combine(), [p, a, q, b])
}
