/// What is known of one function of one real number: a row of the table in `UnaryFunction`.
package struct UnaryRule {
    /// The function in float64.
    package var value: (Double) -> Double
    /// The derivative at x, as a node; y is the function's own value there.
    var derivative: (_ x: Node, _ y: Node) -> Node
    /// The function written with others, if that is its meaning.
    package var composition: ((_ x: Node) -> Node)?
    /// Arguments at which the function and its derivatives are finite and of order one: tests draw from them.
    package var domain: ClosedRange<Double> = -3...3
    package var accuracy = Accuracy()
    /// What one element costs.
    var cost: Kernel.Price = 0.4
    /// For the table of kernels.
    var meaning = ""

    /// What the kernels keep on every device: `error` relative to the value, or to `magnitude` where the value is smaller. Tests look
    /// at `range`.
    package struct Accuracy: Sendable {
        package var error = 1e-6
        package var magnitude = 1e-30
        package var range: ClosedRange<Float> = -5...5
    }

    init(
        _ value: @escaping (Double) -> Double, domain: ClosedRange<Double> = -3...3, accuracy: Accuracy, cost: Kernel.Price = 0.4,
        meaning: String = "", derivative: @escaping (_ x: Node, _ y: Node) -> Node
    ) {
        (self.value, self.derivative, self.domain, self.accuracy) = (value, derivative, domain, accuracy)
        (self.cost, self.meaning) = (cost, meaning)
    }
}

/// x·F(x) for an F that rises from 0 to 1, with its first three derivatives: functions with kernels of their own, because composed
/// ones would be long. Derivatives beyond them are those of the composition.
package struct Gate: Sendable, CustomStringConvertible {
    /// By order, from 0 on.
    package let functions: [UnaryFunction]
    package let description: String
    let accuracy: UnaryRule.Accuracy
    /// The values at a finite number, by order.
    let values: @Sendable (Double) -> [Double]
    let composition: @Sendable (Node) -> Node

    func rule(_ function: UnaryFunction) -> UnaryRule {
        let order = functions.firstIndex(of: function) ?? 0
        let limits = { (x: Double) in x < 0 ? 0 : [x, 1, 0, 0][order] }
        var rule = UnaryRule(
            { x in x.isInfinite ? limits(x) : values(x)[order] }, accuracy: accuracy, cost: 0.5,
            meaning: "\(description) and its first three derivatives"
        ) { x, _ in
            order < 3 ? x.mapped(functions[order + 1]) : Self.derivative(4, of: composition(x), at: x)
        }
        rule.composition = { Self.derivative(order, of: composition($0), at: $0) }
        return rule
    }

    private static func derivative(_ order: Int, of value: Node, at x: Node) -> Node {
        let ones = x.graph.scalar(1).broadcast(to: x.shape)
        return (0..<order).reduce(value) { result, _ in
            pushforward([result], along: [x: ones])[0] ?? x.graph.scalar(0).broadcast(to: x.shape)
        }
    }
}

/// Applies a `UnaryFunction` to every element.
package struct Unary: NonlinearOperation {
    package var function: UnaryFunction

    package init(function: UnaryFunction) {
        self.function = function
    }

    package var name: String { function.rawValue }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, inputs[0].values.map(function.rule.value))
    }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        tangents[0].map { function.rule.derivative(node.inputs[0], node) * $0 }
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        lowering.emitUnary(node) { .unary(function, $0, to: $1, count: node.count) }
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 10 * output.count }
}
