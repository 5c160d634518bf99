import Glibc

/// A function of one real number, applied to every element. A case's name here is its kernel's name everywhere.
///
/// A function is a case, its row in `rule`, and a kernel's text in `Sources/CKernels/unary.h` and in `Kernels/elementwise.cl`.
public enum UnaryFunction: String, Hashable, Sendable, CaseIterable {
    case exponential = "exp"
    case logarithm = "log"
    case squareRoot = "sqrt"
    case inverseSquareRoot = "rsqrt"
    case sigmoid, tanh, erf
    case relu, positive
    case silu0 = "silu_0", silu1 = "silu_1", silu2 = "silu_2", silu3 = "silu_3"
    case gelu0 = "gelu_0", gelu1 = "gelu_1", gelu2 = "gelu_2", gelu3 = "gelu_3"
    case exactGelu0 = "gelu_erf_0", exactGelu1 = "gelu_erf_1", exactGelu2 = "gelu_erf_2", exactGelu3 = "gelu_erf_3"

    /// The table: what each function is.
    package var rule: UnaryRule {
        switch self {
        case .exponential: UnaryRule(exp, accuracy: .init(error: 5e-7, magnitude: 1e-36, range: -80...80)) { _, y in y }
        case .logarithm:
            UnaryRule(log, domain: 0.3...3, accuracy: .init(error: 5e-7, range: 1e-6...50)) { x, _ in x.reciprocal() }
        // At zero the slope is taken as zero, so that the norm of a zero gradient has a zero derivative.
        case .squareRoot:
            UnaryRule({ $0.squareRoot() }, domain: 0.3...3, accuracy: .init(range: 0...50), cost: Kernel.pass) { _, y in
                y.reciprocal(threshold: 1e-30).scaled(by: 0.5)
            }
        case .inverseSquareRoot:
            UnaryRule({ 1 / $0.squareRoot() }, domain: 0.3...3, accuracy: .init(range: 1e-3...50), cost: Kernel.pass) { _, y in
                (y * (y * y)).scaled(by: -0.5)
            }
        case .sigmoid: UnaryRule(Self.logistic, accuracy: .init(range: -30...30)) { _, y in y - y * y }
        case .tanh:
            UnaryRule(Glibc.tanh, accuracy: .init(error: 5e-7, range: -4...4)) { _, y in (y * y).scaled(by: -1).shifted(by: 1) }
        case .erf:
            UnaryRule(Glibc.erf, accuracy: .init(error: 5e-7, range: -4...4)) { x, _ in
                (x * x).scaled(by: -1).mapped(.exponential).scaled(by: 2 / Double.pi.squareRoot())
            }
        // At zero the slope is zero, as in PyTorch; slopes of the slope are zero everywhere.
        case .relu:
            UnaryRule({ $0 < 0 ? 0 : $0 }, domain: 0.1...3, accuracy: .init(), cost: Kernel.pass, meaning: "max(x, 0)") { x, _ in
                x.mapped(.positive)
            }
        case .positive:
            UnaryRule({ $0 > 0 ? 1 : 0 }, domain: 0.1...3, accuracy: .init(), cost: Kernel.pass, meaning: "1 above 0, else 0") { x, _ in
                x.graph.scalar(0).broadcast(to: x.shape)
            }
        case .silu0, .silu1, .silu2, .silu3: Self.silu.rule(self)
        case .gelu0, .gelu1, .gelu2, .gelu3: Self.gelu.rule(self)
        case .exactGelu0, .exactGelu1, .exactGelu2, .exactGelu3: Self.exactGelu.rule(self)
        }
    }

    /// Functions that come with their derivatives.
    package static let gates = [silu, gelu, exactGelu]

    /// - Parameter order: of the derivative, 0…3.
    package static func silu(order: Int) -> UnaryFunction { silu.functions[order] }
    package static func gelu(order: Int) -> UnaryFunction { gelu.functions[order] }
    package static func exactGelu(order: Int) -> UnaryFunction { exactGelu.functions[order] }

    /// The function in float64.
    package func callAsFunction(_ x: Double) -> Double { rule.value(x) }

    /// x·σ(x)
    private static let silu = Gate(
        functions: [.silu0, .silu1, .silu2, .silu3], description: "SiLU", accuracy: .init(error: 2e-6, magnitude: 0.1, range: -20...20),
        values: { x in
            let s = logistic(x)
            let s1 = s * (1 - s)
            let s2 = s1 * (1 - 2 * s)
            let s3 = s2 * (1 - 2 * s) - 2 * s1 * s1
            return [x * s, x * s1 + s, x * s2 + 2 * s1, x * s3 + 3 * s2]
        },
        composition: { x in x * x.mapped(.sigmoid) })

    /// ½x(1 + tanh(√(2/π)(x + 0.044715x³)))
    private static let gelu = Gate(
        functions: [.gelu0, .gelu1, .gelu2, .gelu3], description: "GELU (tanh form)",
        accuracy: .init(error: 5e-6, magnitude: 0.5, range: -8...8),
        values: { x in
            let a = (2 / Double.pi).squareRoot(), b = 0.044715
            let u1 = a * (1 + 3 * b * x * x), u2 = 6 * a * b * x, u3 = 6 * a * b
            let t = Glibc.tanh(a * (x + b * x * x * x))
            let slope = 1 - t * t
            let t1 = slope * u1
            let t2 = slope * u2 - 2 * t * t1 * u1
            let t3 = slope * u3 - 4 * t * t1 * u2 - 2 * u1 * (t1 * t1 + t * t2)
            return [0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * t1, t1 + 0.5 * x * t2, 1.5 * t2 + 0.5 * x * t3]
        },
        composition: { x in
            let inner = (x + (x * (x * x)).scaled(by: 0.044715)).scaled(by: (2 / Double.pi).squareRoot())
            return (x * inner.mapped(.tanh).shifted(by: 1)).scaled(by: 0.5)
        })

    /// x·Φ(x), with Φ(x) = ½(1 + erf(x/√2)) and its density φ, whose derivative is −x·φ.
    private static let exactGelu = Gate(
        functions: [.exactGelu0, .exactGelu1, .exactGelu2, .exactGelu3], description: "GELU (x·Φ(x))",
        accuracy: .init(error: 2e-6, magnitude: 0.5, range: -8...8),
        values: { x in
            let below = 0.5 * erfc(-x / 2.0.squareRoot()), density = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
            return [x * below, below + x * density, (2 - x * x) * density, (x * x - 4) * x * density]
        },
        composition: { x in (x * x.scaled(by: 0.5.squareRoot()).mapped(.erf).shifted(by: 1)).scaled(by: 0.5) })

    private static func logistic(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }
}
