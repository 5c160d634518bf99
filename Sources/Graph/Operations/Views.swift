/// The same elements in the same order under another shape.
public struct Reshape: MultilinearOperation {
    public var shape: [Int]

    public init(shape: [Int]) {
        self.shape = shape
    }

    public var name: String { "reshape" }
    public var isView: Bool { true }

    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard inputs[0].count == shape.reduce(1, *), shape.allSatisfy({ $0 >= 0 }) else {
            throw ShapeProblem("cannot become \(shape): the numbers of elements differ")
        }
        return TensorType(inputs[0].type, shape)
    }

    public func evaluate(_ inputs: [HostTensor]) -> HostTensor { HostTensor(shape, inputs[0].values) }

    public func transpose(_ node: Node, _ cotangent: Node, input: Int) throws(GraphError) -> Node {
        try cotangent.reshaped(to: node.inputs[0].shape)
    }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        let input = lowering.view(node.inputs[0])
        if let strides = Collapse.reshape(input.shape, input.strides, to: shape) {
            lowering.setView(node, input.start, strides)
        } else {
            lowering.setView(node, lowering.contiguous(node.inputs[0]), Strides.contiguous(shape))
        }
    }

    public func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// Axes in another order: axis i of the output is axis `order[i]` of the input.
public struct Permute: MultilinearOperation {
    public var order: [Int]

    public init(order: [Int]) {
        self.order = order
    }

    public var name: String { "permute" }
    public var isView: Bool { true }

    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard order.sorted() == Array(inputs[0].shape.indices) else {
            throw ShapeProblem("\(order) is not an order of the axes")
        }
        return TensorType(inputs[0].type, order.map { inputs[0].shape[$0] })
    }

    public func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let input = inputs[0]
        return HostTensor(order.map { input.shape[$0] }) { index in
            var source = index
            for (axis, from) in order.enumerated() { source[from] = index[axis] }
            return input[source]
        }
    }

    public func transpose(_ node: Node, _ cotangent: Node, input: Int) throws(GraphError) -> Node {
        var inverse = order
        for (axis, from) in order.enumerated() { inverse[from] = axis }
        let rank = order.count
        let isTransposition = rank >= 2 && inverse == Array(0..<(rank - 2)) + [rank - 1, rank - 2]
        if isTransposition, let product = try Self.transposedProduct(cotangent) { return product }
        return try cotangent.permuted(inverse)
    }

    /// The transpose of a product, or of a sum of products, as products of transposes: (a·b)ᵀ = bᵀ·aᵀ. The gradient of a weight
    /// that is used transposed then comes out row-major and can be computed in its place, where a permuted view would be copied.
    private static func transposedProduct(_ node: Node) throws(GraphError) -> Node? {
        switch node.operation {
        case is MatMul: return try node.inputs[1].transposed().matmul(node.inputs[0].transposed())
        case let binary as Binary where binary.function == .add:
            guard let left = try transposedProduct(node.inputs[0]), let right = try transposedProduct(node.inputs[1]) else {
                return nil
            }
            return try left + right
        default: return nil
        }
    }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        let input = lowering.view(node.inputs[0])
        lowering.setView(node, input.start, order.map { input.strides[$0] })
    }

    public func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// The box of size `shape` that begins at `start`.
public struct Slice: MultilinearOperation {
    public var start: [Int]
    public var shape: [Int]

    public init(start: [Int], shape: [Int]) {
        self.start = start
        self.shape = shape
    }

    public var name: String { "slice" }
    public var isView: Bool { true }

    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        let whole = inputs[0].shape
        guard start.count == whole.count, shape.count == whole.count,
            whole.indices.allSatisfy({ start[$0] >= 0 && shape[$0] >= 0 && start[$0] + shape[$0] <= whole[$0] })
        else { throw ShapeProblem("the box at \(start) of size \(shape) is not inside") }
        return TensorType(inputs[0].type, shape)
    }

    public func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(shape) { index in inputs[0][zip(index, start).map(+)] }
    }

    public func transpose(_ node: Node, _ cotangent: Node, input: Int) throws(GraphError) -> Node {
        try node.graph.assemble([(start, cotangent)], shape: node.inputs[0].shape)
    }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        var view = lowering.view(node.inputs[0])
        view.start.offset += zip(start, view.strides).reduce(0) { $0 + $1.0 * $1.1 }
        lowering.setView(node, view.start, view.strides)
    }

    public func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// Repeats axes of size one to the given shape of the same rank.
public struct Broadcast: MultilinearOperation {
    public var shape: [Int]

    public init(shape: [Int]) {
        self.shape = shape
    }

    public var name: String { "broadcast" }
    public var isView: Bool { true }

    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        let from = inputs[0].shape
        guard from.count == shape.count, from.indices.allSatisfy({ from[$0] == 1 || from[$0] == shape[$0] }) else {
            throw ShapeProblem("cannot be broadcast to \(shape)")
        }
        return TensorType(inputs[0].type, shape)
    }

    public func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let from = inputs[0]
        return HostTensor(shape) { index in from[zip(index, from.shape).map { $1 == 1 ? 0 : $0 }] }
    }

    public func transpose(_ node: Node, _ cotangent: Node, input: Int) throws(GraphError) -> Node {
        let from = node.inputs[0].shape
        return try cotangent.sum(axes: from.indices.filter { from[$0] != shape[$0] }).reshaped(to: from)
    }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        let input = lowering.view(node.inputs[0])
        lowering.setView(
            node, input.start, shape.indices.map { input.shape[$0] == shape[$0] ? input.strides[$0] : 0 })
    }

    public func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}
