// The vocabulary graphs are written in: each method adds one operation, broadcasting and simplifying where that is exact.

extension Node {
    /// The sum. Two assemblies of like parts are added part by part, so that kernels can add into the parts' places.
    package static func + (a: Node, b: Node) -> Node {
        if let left = a.operation as? Assemble, left == b.operation as? Assemble, a.inputs.map(\.type) == b.inputs.map(\.type) {
            var parts: [([Int], Node)] = []
            for ((x, y), start) in zip(zip(a.inputs, b.inputs), left.starts) { parts.append((start, x + y)) }
            return a.graph.assemble(parts, shape: left.shape)
        }
        return binary(.add, a, b)
    }
    package static func - (a: Node, b: Node) -> Node { binary(.subtract, a, b) }
    package static func / (a: Node, b: Node) -> Node { binary(.divide, a, b) }

    package static func * (a: Node, b: Node) -> Node {
        if let factor = a.uniformValue { return b.scaled(by: factor).broadcastUp(to: a) }
        if let factor = b.uniformValue { return a.scaled(by: factor).broadcastUp(to: b) }
        return binary(.multiply, a, b)
    }

    /// The smaller of the two, element by element; at equality the derivative follows `other`.
    public func minimum(_ other: Node) -> Node { Self.binary(.minimum, self, other) }
    /// 1 where this is smaller than `other`, else 0.
    public func less(than other: Node) -> Node { Self.binary(.less, self, other) }

    /// `factor` times this.
    public func scaled(by factor: Double) -> Node {
        if factor == 1 { return self }
        if let inner = operation as? Scale { return inputs[0].scaled(by: inner.factor * factor) }
        if let value = uniformValue { return graph.scalar(value * factor).broadcast(to: shape) }
        return graph.node(Scale(factor: factor), [self])
    }

    /// This plus a number.
    public func shifted(by offset: Double) -> Node {
        offset == 0 ? self : graph.node(Shift(offset: offset), [self])
    }

    /// A function of every element, of the same shape.
    public func mapped(_ function: UnaryFunction) -> Node {
        graph.node(Unary(function: function), [self])
    }

    private static func binary(_ function: BinaryFunction, _ a: Node, _ b: Node) -> Node {
        a.graph.node(Binary(function: function), [a.broadcastUp(to: b), b.broadcastUp(to: a)])
    }

    /// Broadcast against another node by NumPy's rule, if the shapes allow it; otherwise unchanged, and the operation objects.
    private func broadcastUp(to other: Node) -> Node {
        if shape == other.shape || shape.count > other.shape.count { return self }
        let padded = [Int](repeating: 1, count: other.shape.count - shape.count) + shape
        let joint = zip(padded, other.shape).map { $0 == 1 ? $1 : $0 }
        guard zip(joint, other.shape).allSatisfy({ $0 == $1 || $1 == 1 }) else { return self }
        return broadcast(to: joint)
    }

    /// The value of a constant that is the same everywhere, seen through reshapes and broadcasts.
    private var uniformValue: Double? {
        switch operation {
        case let constant as Constant:
            if case .real(let values) = constant.data, values.count == 1 { values[0] } else { nil }
        case is Reshape, is Broadcast: inputs[0].uniformValue
        default: nil
        }
    }
}

extension Node {
    /// The same elements in another shape of as many.
    public func reshaped(to shape: [Int]) -> Node {
        if shape == self.shape { return self }
        if operation is Reshape { return inputs[0].reshaped(to: shape) }
        return graph.node(Reshape(shape: shape), [self])
    }

    /// The axes in another order: axis i of the result is axis `order[i]` of this.
    public func permuted(_ order: [Int]) -> Node {
        if order == Array(shape.indices) { return self }
        if let inner = operation as? Permute, order.count == inner.order.count {
            return inputs[0].permuted(order.map { inner.order[$0] })
        }
        return graph.node(Permute(order: order), [self])
    }

    /// The last two axes exchanged.
    public func transposed() -> Node {
        let rank = shape.count
        return permuted(Array(0..<max(0, rank - 2)) + [rank - 1, rank - 2])
    }

    /// The box of this shape that begins at `start`.
    public func slice(at start: [Int], shape: [Int]) -> Node {
        if shape == self.shape { return self }
        if let whole = operation as? Assemble,
            let part = whole.starts.indices.first(where: { whole.starts[$0] == start && inputs[$0].shape == shape })
        {
            return inputs[part]
        }
        return graph.node(Slice(start: start, shape: shape), [self])
    }

    /// One element of a flat tensor, as a scalar.
    public func element(_ index: Int) -> Node { slice(at: [index], shape: [1]).reshaped(to: []) }

    /// Repeated to `shape`: missing leading axes are added, axes of size one are repeated.
    public func broadcast(to shape: [Int]) -> Node {
        if shape == self.shape { return self }
        let padded = [Int](repeating: 1, count: max(0, shape.count - self.shape.count)) + self.shape
        let source = reshaped(to: padded)
        return padded == shape ? source : graph.node(Broadcast(shape: shape), [source])
    }

    /// A new last axis of `size` equal values.
    package func expandedLast(to size: Int) -> Node {
        reshaped(to: shape + [1]).broadcast(to: shape + [size])
    }

    /// The sum over axes, which disappear.
    public func sum(axes: [Int]) -> Node {
        var result = self
        var remaining = axes.sorted()
        while let last = remaining.popLast() {
            var first = last
            while remaining.last == first - 1 { first = remaining.removeLast() }
            result = graph.node(Sum(axis: first, axisCount: last - first + 1), [result])
        }
        return result
    }

    /// The sum of all elements, a scalar.
    public func sum() -> Node { sum(axes: Array(shape.indices)) }

    /// factor · Σ over the last axis of the product with `other`.
    public func rowDot(_ other: Node, factor: Double = 1) -> Node {
        graph.node(RowDot(factor: factor), [self, other])
    }

    /// The inner product of all elements, a scalar.
    public func dot(_ other: Node) -> Node { graph.node(Dot(), [self, other]) }

    /// The matrix product over the last two axes; a lone matrix is shared by all batches of the other input.
    public func matmul(_ other: Node) -> Node {
        let rank = max(shape.count, other.shape.count)
        guard shape.count >= 2, other.shape.count >= 2 else { return graph.node(MatMul(), [self, other]) }
        let lead = { (s: [Int]) in [Int](repeating: 1, count: rank - s.count) + s.dropLast(2) }
        let batch = zip(lead(shape), lead(other.shape)).map { $0 == 1 ? $1 : $0 }
        let expand = { (n: Node) -> Node in
            let own = lead(n.shape)
            return zip(own, batch).allSatisfy { $0 == $1 || $0 == 1 } ? n.broadcast(to: batch + n.shape.suffix(2)) : n
        }
        return graph.node(MatMul(), [expand(self), expand(other)])
    }

    /// The softmax over the last axis.
    public func softmax() -> Node { graph.node(Softmax(), [self]) }

    /// The softmax of attention scores over the keys below each query's limit.
    public func softmax(limits: Node) -> Node { graph.node(MaskedSoftmax(), [self, limits]) }

    /// One loss for each row of logits.
    public func crossEntropy(labels: Node) -> Node { graph.node(CrossEntropy(), [self, labels]) }

    /// The normalised last axis, without weights.
    public func normalised(_ kind: NormKind, epsilon: Double) -> Node {
        graph.node(Normalise(kind: kind, epsilon: epsilon), [self])
    }

    package func rotated(cosines: Node, sines: Node, positions: Node) -> Node {
        graph.node(RotaryEmbedding(sign: 1), [self, cosines, sines, positions])
    }

    /// The rows at `ids` of a table [rows, columns]: shape [ids…, columns]. Ids outside the table stand for rows of zeros.
    public func gather(_ ids: Node) -> Node { graph.node(GatherRows(), [self, ids]) }

    /// Rows added at `ids` of a zero tensor with `rows` rows.
    public func scatter(_ ids: Node, rows: Int) -> Node {
        graph.node(ScatterRows(rows: rows), [self, ids])
    }

    /// The convolution of images [N, C, H, W] with filters [O, C/groups, kh, kw]: [N, O, OH, OW].
    /// - Parameters:
    ///   - padding: zeros on each side.
    ///   - groups: into so many parts channels and filters are cut, each filter looking at its own part.
    public func convolved(with filters: Node, stride: Int = 1, padding: Int = 0, groups: Int = 1) -> Node {
        let window = Window(
            image: shape, kernel: Array(filters.shape.suffix(2)), stride: [stride, stride], padding: [padding, padding])
        let convolution = ConvolutionShape(window: window, filters: filters.shape.first ?? 0, groups: groups)
        return graph.node(Convolution(shape: convolution, result: .output), [self, filters])
    }

    /// The largest number under each place of a square window over images [N, C, H, W]: [N, C, OH, OW]. Padding is never largest; where
    /// several are equal, the derivative is the first one's.
    public func maxPooled(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Node {
        graph.node(WindowPeaks(window: square(size, stride, padding), direction: .pick), [self, self])
    }

    /// The mean under each place of a square window over images [N, C, H, W]: [N, C, OH, OW]. Zeros of the padding count.
    public func meanPooled(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Node {
        let share = graph.scalar(1 / Double(size * size)).broadcast(to: [shape.count > 1 ? shape[1] : 1, 1, size, size])
        return convolved(with: share, stride: stride ?? size, padding: padding, groups: share.shape[0])
    }

    /// The mean of every plane of images [N, C, H, W]: [N, C].
    public func meanOfPlanes() -> Node {
        sum(axes: [2, 3]).scaled(by: 1 / Double(max(1, shape.suffix(2).reduce(1, *))))
    }

    private func square(_ size: Int, _ stride: Int?, _ padding: Int) -> Window {
        Window(image: shape, kernel: [size, size], stride: [stride ?? size, stride ?? size], padding: [padding, padding])
    }
}

extension ComputationGraph {
    /// Parts at disjoint boxes of a zero tensor, in the order of their starts.
    package func assemble(_ parts: [([Int], Node)], shape: [Int]) -> Node {
        let sorted = parts.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        if sorted.count == 1, sorted[0].1.shape == shape { return sorted[0].1 }
        return node(Assemble(shape: shape, starts: sorted.map(\.0)), sorted.map(\.1))
    }
}
