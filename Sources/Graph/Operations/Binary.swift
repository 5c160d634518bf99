/// Element-wise operations on two tensors of one shape; the builders broadcast, and kernels read broadcast views by stride.
package enum BinaryFunction: String, Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide
    /// min(a, b), NaN if one of them is; where they are equal the value and the derivative are those of b.
    case minimum
    /// 1 where a < b, else 0; its derivative is zero.
    case less

    /// For the table of kernels.
    var meaning: String {
        switch self {
        case .add, .subtract, .multiply, .divide: ""
        case .minimum: "b where they are equal"
        case .less: "1 where a < b, else 0"
        }
    }

    package func callAsFunction(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .minimum: a < b || a.isNaN ? a : b
        case .less: a < b ? 1 : 0
        }
    }
}

/// Applies a `BinaryFunction` element by element.
package struct Binary: Operation {
    package var function: BinaryFunction

    package init(function: BinaryFunction) {
        self.function = function
    }

    package var name: String { function.rawValue }
    package var isCheap: Bool { function == .multiply }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        try requireSameShape(inputs)
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, zip(inputs[0].values, inputs[1].values).map { function($0, $1) })
    }

    package func isAffine(in input: Int) -> Bool {
        switch function {
        case .add, .subtract, .multiply: true
        case .divide: input == 0
        case .minimum, .less: false
        }
    }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        let (a, b) = (node.inputs[0], node.inputs[1])
        switch function {
        case .add:
            return sum(tangents[0], tangents[1])
        case .subtract:
            guard let tangent = tangents[1] else { return tangents[0] }
            if let first = tangents[0] { return first - tangent }
            return tangent.scaled(by: -1)
        case .multiply:
            let left = tangents[0].map { $0 * b }
            let right = tangents[1].map { a * $0 }
            return sum(left, right)
        case .divide:
            let inverse = b.reciprocal()
            let left = tangents[0].map { $0 * inverse }
            let right = tangents[1].map { (node * inverse * $0).scaled(by: -1) }
            return sum(left, right)
        case .minimum:
            let first = a.less(than: b)
            let left = tangents[0].map { first * $0 }
            let right = tangents[1].map { first.scaled(by: -1).shifted(by: 1) * $0 }
            return sum(left, right)
        case .less:
            return nil
        }
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        switch function {
        case .add: return cotangent
        case .subtract: return input == 0 ? cotangent : cotangent.scaled(by: -1)
        case .multiply: return cotangent * node.inputs[1 - input]
        case .divide: return cotangent * node.inputs[1].reciprocal()
        case .minimum, .less:
            node.derivativeFault("input \(input) is not affine, so it has no transpose")
        }
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let a = lowering.view(node.inputs[0]), b = lowering.view(node.inputs[1])
        let output = lowering.output(node)
        lowering.emit(.binary(function, a.start, b.start, to: output, shape: node.shape, strides: (a.strides, b.strides)))
    }

    private func sum(_ a: Node?, _ b: Node?) -> Node? {
        guard let a else { return b }
        guard let b else { return a }
        return a + b
    }
}
