import Glibc

/// A function of one real number, applied to every element.
public enum UnaryFunction: Hashable, Sendable {
    case exponential, logarithm, squareRoot, inverseSquareRoot, sigmoid, tanh
    /// 1/x, and 0 where |x| is below the threshold.
    case reciprocal(threshold: Double)
    /// The derivative of order 0…3 of x·σ(x).
    case silu(order: Int)
    /// The derivative of order 0…3 of ½x(1 + tanh(√(2/π)(x + 0.044715x³))), the tanh form of GELU.
    case gelu(order: Int)

    /// The kernel's name.
    public var kernel: String {
        switch self {
        case .exponential: "exp"
        case .logarithm: "log"
        case .squareRoot: "sqrt"
        case .inverseSquareRoot: "rsqrt"
        case .sigmoid: "sigmoid"
        case .tanh: "tanh"
        case .reciprocal: "reciprocal"
        case .silu(let order): "silu_\(order)"
        case .gelu(let order): "gelu_\(order)"
        }
    }

    /// The function in float64.
    public func callAsFunction(_ x: Double) -> Double {
        switch self {
        case .exponential: exp(x)
        case .logarithm: log(x)
        case .squareRoot: x.squareRoot()
        case .inverseSquareRoot: 1 / x.squareRoot()
        case .sigmoid: Self.logistic(x)
        case .tanh: Glibc.tanh(x)
        case .reciprocal(let threshold): abs(x) < threshold ? 0 : 1 / x
        // At the infinities both are their limits.
        case .silu(let order): x.isInfinite ? Self.limit(x, order) : Self.silu(x)[order]
        case .gelu(let order): x.isInfinite ? Self.limit(x, order) : Self.gelu(x)[order]
        }
    }

    /// The derivative at x, as a node; `y` is the function's own value.
    func derivative(_ x: Node, _ y: Node) throws(GraphError) -> Node {
        switch self {
        case .exponential: return y
        case .logarithm: return try x.mapped(.reciprocal(threshold: 0))
        // At zero the slope is taken as zero, so that the norm of a zero gradient has a zero derivative.
        case .squareRoot: return try y.mapped(.reciprocal(threshold: 1e-30)).scaled(by: 0.5)
        case .inverseSquareRoot: return try (y * (y * y)).scaled(by: -0.5)
        case .sigmoid: return try y - y * y
        case .tanh: return try (y * y).scaled(by: -1).shifted(by: 1)
        case .reciprocal: return try (y * y).scaled(by: -1)
        case .silu(let order):
            return order < 3 ? try x.mapped(.silu(order: order + 1)) : try composedDerivative(x, order: 4)
        case .gelu(let order):
            return order < 3 ? try x.mapped(.gelu(order: order + 1)) : try composedDerivative(x, order: 4)
        }
    }

    /// SiLU and GELU written with the other functions: their meaning, and the source of derivatives beyond the third.
    public func composition(_ x: Node) throws(GraphError) -> Node? {
        switch self {
        case .silu(let order): return try Self.derivative(order, of: x * x.mapped(.sigmoid), at: x)
        case .gelu(let order):
            let cubic = try (x * (x * x)).scaled(by: 0.044715)
            let inner = try (x + cubic).scaled(by: (2 / Double.pi).squareRoot())
            return try Self.derivative(order, of: (x * inner.mapped(.tanh).shifted(by: 1)).scaled(by: 0.5), at: x)
        default: return nil
        }
    }

    private func composedDerivative(_ x: Node, order: Int) throws(GraphError) -> Node {
        let base: UnaryFunction = if case .silu = self { .silu(order: 0) } else { .gelu(order: 0) }
        guard let value = try base.composition(x) else { return x }
        return try Self.derivative(order, of: value, at: x)
    }

    private static func derivative(_ order: Int, of value: Node, at x: Node) throws(GraphError) -> Node {
        let ones = try x.graph.scalar(1).broadcast(to: x.shape)
        var result = value
        for _ in 0..<order {
            guard let slope = try pushforward([result], along: [x: ones])[0] else {
                return try x.graph.scalar(0).broadcast(to: x.shape)
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
public struct Unary: NonlinearOperation {
    public var function: UnaryFunction

    public init(function: UnaryFunction) {
        self.function = function
    }

    public var name: String { function.kernel }

    public func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        return inputs[0]
    }

    public func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        HostTensor(inputs[0].shape, inputs[0].values.map { function($0) })
    }

    public func pushforward(_ node: Node, _ tangents: [Node?]) throws(GraphError) -> Node? {
        guard let tangent = tangents[0] else { return nil }
        return try function.derivative(node.inputs[0], node) * tangent
    }

    public func lower(_ node: Node, _ lowering: inout Lowering) throws(GraphError) {
        if case .reciprocal(let threshold) = function {
            try lowering.emitUnary(name, node, reals: [threshold])
        } else {
            try lowering.emitUnary(name, node)
        }
    }

    public func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 10 * output.count }
}
