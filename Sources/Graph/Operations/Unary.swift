import Glibc

/// A function of one real number, applied to every element. A case's name here is its kernel's name everywhere.
package enum UnaryFunction: String, Hashable, Sendable, CaseIterable {
    case exponential = "exp"
    case logarithm = "log"
    case squareRoot = "sqrt"
    case inverseSquareRoot = "rsqrt"
    case sigmoid, tanh
    /// The derivatives of order 0…3 of x·σ(x).
    case silu0 = "silu_0", silu1 = "silu_1", silu2 = "silu_2", silu3 = "silu_3"
    /// The derivatives of order 0…3 of ½x(1 + tanh(√(2/π)(x + 0.044715x³))), the tanh form of GELU.
    case gelu0 = "gelu_0", gelu1 = "gelu_1", gelu2 = "gelu_2", gelu3 = "gelu_3"

    /// - Parameter order: of the derivative, 0…3.
    package static func silu(order: Int) -> UnaryFunction { [.silu0, .silu1, .silu2, .silu3][order] }
    package static func gelu(order: Int) -> UnaryFunction { [.gelu0, .gelu1, .gelu2, .gelu3][order] }

    package var kernel: Kernel { .unary(self) }

    /// For the table of kernels.
    var meaning: String {
        switch self {
        case .exponential, .logarithm, .squareRoot, .inverseSquareRoot, .sigmoid, .tanh: ""
        case .silu0, .silu1, .silu2, .silu3: "SiLU and its first three derivatives"
        case .gelu0, .gelu1, .gelu2, .gelu3: "GELU (tanh form) and its first three derivatives"
        }
    }

    /// What one element costs.
    var cost: Kernel.Price {
        switch self {
        case .squareRoot, .inverseSquareRoot: Kernel.pass
        case .exponential, .logarithm, .sigmoid, .tanh: 0.4
        case .silu0, .silu1, .silu2, .silu3, .gelu0, .gelu1, .gelu2, .gelu3: 0.5
        }
    }

    /// Arguments at which the function and its derivatives are finite and of order one: tests draw from them.
    package var domain: ClosedRange<Double> {
        switch self {
        case .logarithm, .squareRoot, .inverseSquareRoot: 0.3...3
        default: -3...3
        }
    }

    /// The function in float64.
    package func callAsFunction(_ x: Double) -> Double {
        switch self {
        case .exponential: exp(x)
        case .logarithm: log(x)
        case .squareRoot: x.squareRoot()
        case .inverseSquareRoot: 1 / x.squareRoot()
        case .sigmoid: Self.logistic(x)
        case .tanh: Glibc.tanh(x)
        // At the infinities both are their limits.
        case .silu0, .silu1, .silu2, .silu3: x.isInfinite ? Self.limit(x, order) : Self.silu(x)[order]
        case .gelu0, .gelu1, .gelu2, .gelu3: x.isInfinite ? Self.limit(x, order) : Self.gelu(x)[order]
        }
    }

    /// The derivative at x, as a node; `y` is the function's own value.
    func derivative(_ x: Node, _ y: Node) -> Node {
        switch self {
        case .exponential: return y
        case .logarithm: return x.reciprocal()
        // At zero the slope is taken as zero, so that the norm of a zero gradient has a zero derivative.
        case .squareRoot: return y.reciprocal(threshold: 1e-30).scaled(by: 0.5)
        case .inverseSquareRoot: return (y * (y * y)).scaled(by: -0.5)
        case .sigmoid: return y - y * y
        case .tanh: return (y * y).scaled(by: -1).shifted(by: 1)
        case .silu0, .silu1, .silu2: return x.mapped(.silu(order: order + 1))
        case .gelu0, .gelu1, .gelu2: return x.mapped(.gelu(order: order + 1))
        case .silu3, .gelu3: return composedDerivative(x, order: 4)
        }
    }

    /// SiLU and GELU written with the other functions: their meaning, and the source of derivatives beyond the third.
    package func composition(_ x: Node) -> Node? {
        switch self {
        case .silu0, .silu1, .silu2, .silu3: return Self.derivative(order, of: x * x.mapped(.sigmoid), at: x)
        case .gelu0, .gelu1, .gelu2, .gelu3:
            let cubic = (x * (x * x)).scaled(by: 0.044715)
            let inner = (x + cubic).scaled(by: (2 / Double.pi).squareRoot())
            return Self.derivative(order, of: (x * inner.mapped(.tanh).shifted(by: 1)).scaled(by: 0.5), at: x)
        default: return nil
        }
    }

    /// Which derivative of its base function this is.
    private var order: Int {
        switch self {
        case .silu1, .gelu1: 1
        case .silu2, .gelu2: 2
        case .silu3, .gelu3: 3
        default: 0
        }
    }

    private func composedDerivative(_ x: Node, order: Int) -> Node {
        let base: UnaryFunction = self == .silu3 ? .silu0 : .gelu0
        guard let value = base.composition(x) else { return x }
        return Self.derivative(order, of: value, at: x)
    }

    private static func derivative(_ order: Int, of value: Node, at x: Node) -> Node {
        let ones = x.graph.scalar(1).broadcast(to: x.shape)
        var result = value
        for _ in 0..<order {
            guard let slope = pushforward([result], along: [x: ones])[0] else {
                return x.graph.scalar(0).broadcast(to: x.shape)
            }
            result = slope
        }
        return result
    }

    private static func limit(_ x: Double, _ order: Int) -> Double { x < 0 ? 0 : [x, 1, 0, 0][order] }

    private static func logistic(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

    private static func silu(_ x: Double) -> [Double] {
        let s = logistic(x)
        let s1 = s * (1 - s)
        let s2 = s1 * (1 - 2 * s)
        let s3 = s2 * (1 - 2 * s) - 2 * s1 * s1
        return [x * s, x * s1 + s, x * s2 + 2 * s1, x * s3 + 3 * s2]
    }

    private static func gelu(_ x: Double) -> [Double] {
        let a = (2 / Double.pi).squareRoot(), b = 0.044715
        let u1 = a * (1 + 3 * b * x * x), u2 = 6 * a * b * x, u3 = 6 * a * b
        let t = Glibc.tanh(a * (x + b * x * x * x))
        let slope = 1 - t * t
        let t1 = slope * u1
        let t2 = slope * u2 - 2 * t * t1 * u1
        let t3 = slope * u3 - 4 * t * t1 * u2 - 2 * u1 * (t1 * t1 + t * t2)
        return [
            0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * t1, t1 + 0.5 * x * t2, 1.5 * t2 + 0.5 * x * t3,
        ]
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
        HostTensor(inputs[0].shape, inputs[0].values.map { function($0) })
    }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        return function.derivative(node.inputs[0], node) * tangent
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        lowering.emitUnary(node) { .unary(function, $0, to: $1, count: node.count) }
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 10 * output.count }
}
