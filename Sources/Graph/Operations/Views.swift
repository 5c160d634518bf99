/// The same elements in the same order under another shape.
package struct Reshape: MultilinearOperation {
    package var shape: [Int]

    package init(shape: [Int]) {
        self.shape = shape
    }

    package var name: String { "reshape" }
    package var isView: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard inputs[0].count == shape.reduce(1, *), shape.allSatisfy({ $0 >= 0 }) else {
            throw ShapeProblem("cannot become \(shape): the numbers of elements differ")
        }
        return TensorType(inputs[0].type, shape)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor { HostTensor(shape, inputs[0].values) }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        cotangent.reshaped(to: node.inputs[0].shape)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let input = lowering.view(node.inputs[0])
        if let strides = Collapse.reshape(input.shape, input.strides, to: shape) {
            lowering.setView(node, input.start, strides)
        } else {
            lowering.setView(node, lowering.contiguous(node.inputs[0]), Strides.contiguous(shape))
        }
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// Axes in another order: axis i of the output is axis `order[i]` of the input.
package struct Permute: MultilinearOperation {
    package var order: [Int]

    package init(order: [Int]) {
        self.order = order
    }

    package var name: String { "permute" }
    package var isView: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard order.sorted() == Array(inputs[0].shape.indices) else {
            throw ShapeProblem("\(order) is not an order of the axes")
        }
        return TensorType(inputs[0].type, order.map { inputs[0].shape[$0] })
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let input = inputs[0]
        return HostTensor(order.map { input.shape[$0] }) { index in
            var source = index
            for (axis, from) in order.enumerated() { source[from] = index[axis] }
            return input[source]
        }
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        var inverse = order
        for (axis, from) in order.enumerated() { inverse[from] = axis }
        let rank = order.count
        let isTransposition = rank >= 2 && inverse == Array(0..<(rank - 2)) + [rank - 1, rank - 2]
        if isTransposition, let product = Self.transposedProduct(cotangent) { return product }
        return cotangent.permuted(inverse)
    }

    /// The transpose of a product, or of a sum of products, as products of transposes: (a·b)ᵀ = bᵀ·aᵀ. The gradient of a weight
    /// that is used transposed then comes out row-major and can be computed in its place, where a permuted view would be copied.
    private static func transposedProduct(_ node: Node) -> Node? {
        switch node.operation {
        case is MatMul: return node.inputs[1].transposed().matmul(node.inputs[0].transposed())
        case let binary as Binary where binary.function == .add:
            guard let left = transposedProduct(node.inputs[0]), let right = transposedProduct(node.inputs[1]) else {
                return nil
            }
            return left + right
        default: return nil
        }
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let input = lowering.view(node.inputs[0])
        lowering.setView(node, input.start, order.map { input.strides[$0] })
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// The box of size `shape` that begins at `start`.
package struct Slice: MultilinearOperation {
    package var start: [Int]
    package var shape: [Int]

    package init(start: [Int], shape: [Int]) {
        self.start = start
        self.shape = shape
    }

    package var name: String { "slice" }
    package var isView: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        let whole = inputs[0].shape
        guard start.count == whole.count, shape.count == whole.count,
            whole.indices.allSatisfy({ start[$0] >= 0 && shape[$0] >= 0 && start[$0] + shape[$0] <= whole[$0] })
        else { throw ShapeProblem("the box at \(start) of size \(shape) is not inside") }
        return TensorType(inputs[0].type, shape)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(shape) { index in inputs[0][zip(index, start).map(+)] }
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.graph.assemble([(start, cotangent)], shape: node.inputs[0].shape)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        var view = lowering.view(node.inputs[0])
        view.start.offset += zip(start, view.strides).reduce(0) { $0 + $1.0 * $1.1 }
        lowering.setView(node, view.start, view.strides)
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// Repeats axes of size one to the given shape of the same rank.
package struct Broadcast: MultilinearOperation {
    package var shape: [Int]

    package init(shape: [Int]) {
        self.shape = shape
    }

    package var name: String { "broadcast" }
    package var isView: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        let from = inputs[0].shape
        guard from.count == shape.count, from.indices.allSatisfy({ from[$0] == 1 || from[$0] == shape[$0] }) else {
            throw ShapeProblem("cannot be broadcast to \(shape)")
        }
        return TensorType(inputs[0].type, shape)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let from = inputs[0]
        return HostTensor(shape) { index in from[zip(index, from.shape).map { $1 == 1 ? 0 : $0 }] }
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        let from = node.inputs[0].shape
        return cotangent.sum(axes: from.indices.filter { from[$0] != shape[$0] }).reshaped(to: from)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let input = lowering.view(node.inputs[0])
        lowering.setView(
            node, input.start, shape.indices.map { input.shape[$0] == shape[$0] ? input.strides[$0] : 0 })
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}
