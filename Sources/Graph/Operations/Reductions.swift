/// The sum over `count` neighbouring axes beginning at `axis`; those axes disappear.
package struct Sum: MultilinearOperation {
    package var axis: Int
    package var axisCount: Int

    package init(axis: Int, axisCount: Int) {
        self.axis = axis
        self.axisCount = axisCount
    }

    package var name: String { "sum" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        guard axis >= 0, axisCount >= 1, axis + axisCount <= inputs[0].shape.count else {
            throw ShapeProblem("has no axes \(axis)..<\(axis + axisCount)")
        }
        return TensorType(.real, inputs[0].shape.enumerated().filter { !summed.contains($0.offset) }.map(\.element))
    }

    private var summed: Range<Int> { axis..<(axis + axisCount) }

    private func sizes(_ shape: [Int]) -> (outer: Int, middle: Int, inner: Int) {
        (
            shape[..<summed.lowerBound].reduce(1, *), shape[summed].reduce(1, *),
            shape[summed.upperBound...].reduce(1, *)
        )
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let (outer, middle, inner) = sizes(inputs[0].shape)
        var values = [Double](repeating: 0, count: outer * inner)
        for o in 0..<outer {
            for m in 0..<middle {
                for i in 0..<inner { values[o * inner + i] += inputs[0].values[(o * middle + m) * inner + i] }
            }
        }
        return HostTensor(inputs[0].shape.enumerated().filter { !summed.contains($0.offset) }.map(\.element), values)
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        let from = node.inputs[0].shape
        let kept = from.enumerated().map { summed.contains($0.offset) ? 1 : $0.element }
        return cotangent.reshaped(to: kept).broadcast(to: from)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let (outer, middle, inner) = sizes(node.inputs[0].shape)
        let input = lowering.contiguous(node.inputs[0])
        let output = lowering.output(node)
        lowering.emit(.sum(input, to: output, outer: outer, middle: middle, inner: inner))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { inputs[0].count }
}

/// y[r] = factor · Σ a[r, ·] b[r, ·] over the last axis.
package struct RowDot: MultilinearOperation {
    package var factor: Double

    package init(factor: Double) {
        self.factor = factor
    }

    package var name: String { "row_dot" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape(inputs)
        guard !inputs[0].shape.isEmpty else { throw ShapeProblem("needs at least one axis") }
        return TensorType(.real, inputs[0].shape.dropLast())
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let columns = inputs[0].shape.last ?? 1
        let shape = Array(inputs[0].shape.dropLast())
        return HostTensor(
            shape,
            (0..<shape.reduce(1, *)).map { row in
                factor * (0..<columns).reduce(0) { $0 + inputs[0].values[row * columns + $1] * inputs[1].values[row * columns + $1] }
            })
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        let other = node.inputs[1 - input]
        return (cotangent.expandedLast(to: other.shape[other.shape.count - 1]) * other).scaled(by: factor)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let a = lowering.contiguous(node.inputs[0]), b = lowering.contiguous(node.inputs[1])
        let output = lowering.output(node)
        let columns = node.inputs[0].shape.last ?? 1
        lowering.emit(.rowDot(a, b, factor: factor, to: output, rows: node.count, columns: columns))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 2 * inputs[0].count }
}

/// The inner product of two tensors of one shape, a scalar.
package struct Dot: MultilinearOperation {
    package init() {}
    package var name: String { "dot" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape(inputs)
        return TensorType(.real, [])
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor([], [zip(inputs[0].values, inputs[1].values).reduce(0) { $0 + $1.0 * $1.1 }])
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        let other = node.inputs[1 - input]
        return cotangent.broadcast(to: other.shape) * other
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        lowering.emitBlockedDots(.dotBlocks, node)
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 2 * inputs[0].count }
}
