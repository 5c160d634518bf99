/// Places parts at disjoint boxes of an otherwise zero tensor: the transpose of slicing.
///
/// A flat gradient is one of these: every parameter's gradient is a part, and the planner lets the kernel that computes a part
/// write straight into its place.
package struct Assemble: Operation {
    package var shape: [Int]
    package var starts: [[Int]]

    package init(shape: [Int], starts: [[Int]]) {
        self.shape = shape
        self.starts = starts
    }

    package var name: String { "assemble" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        guard inputs.count == starts.count else { throw ShapeProblem("needs one start for each part") }
        for (start, part) in zip(starts, inputs) {
            guard start.count == shape.count, part.shape.count == shape.count,
                shape.indices.allSatisfy({ start[$0] >= 0 && start[$0] + part.shape[$0] <= shape[$0] })
            else { throw ShapeProblem("the part at \(start) of size \(part.shape) is not inside \(shape)") }
        }
        return TensorType(.real, shape)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        var result = HostTensor(shape, [Double](repeating: 0, count: shape.reduce(1, *)))
        let strides = Strides.contiguous(shape)
        for (start, part) in zip(starts, inputs) {
            for (index, value) in zip(MultiIndex.all(of: part.shape), part.values) {
                var position = 0
                for axis in shape.indices { position += (index[axis] + start[axis]) * strides[axis] }
                result.values[position] += value
            }
        }
        return result
    }

    package func isAffine(in input: Int) -> Bool { true }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        let moving = zip(starts, tangents).compactMap { start, tangent in tangent.map { (start, $0) } }
        return moving.isEmpty ? nil : node.graph.assemble(moving, shape: shape)
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        cotangent.slice(at: starts[input], shape: node.inputs[input].shape)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let output = lowering.output(node)
        // The gaps of a flat vector are filled one by one, so that parts may be computed in place before this point.
        let isFlat = shape.count == 1
        for gap in isFlat
            ? flatGaps(node.inputs.map(\.count)) : node.inputs.reduce(0, { $0 + $1.count }) < node.count ? [0..<node.count] : []
        {
            var place = output
            place.offset += gap.lowerBound
            lowering.emit(.fill(place, with: 0, count: gap.count))
        }
        let strides = Strides.contiguous(shape)
        for (start, part) in zip(starts, node.inputs) where part.count > 0 {
            var place = output
            place.offset += zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }
            let source = lowering.contiguous(part)
            let (layout, collapsed) = Collapse.layout(shape: part.shape, strides: [strides])
            let isOneRun = collapsed[0].last == 1 && layout.dropLast().allSatisfy { $0 == 1 }
            lowering.emit(.place(source, at: place, shape: part.shape, strides: strides), movesWhole: isFlat && isOneRun)
        }
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }

    private func flatGaps(_ counts: [Int]) -> [Range<Int>] {
        var end = 0
        var gaps: [Range<Int>] = []
        for (start, count) in zip(starts.map { $0[0] }, counts).sorted(by: { $0.0 < $1.0 }) {
            if start > end { gaps.append(end..<start) }
            end = max(end, start + count)
        }
        if end < shape[0] { gaps.append(end..<shape[0]) }
        return gaps
    }
}
