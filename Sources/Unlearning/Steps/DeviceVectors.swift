import Backends
import Graph

/// The passes over flat vectors that lie between plans.
struct DeviceVectors {
    let backend: any Backend
    private let scratch: Buffer
    private let result: Buffer
    private static let block = 16_384

    init(_ backend: any Backend, count: Int) throws(UnlearningError) {
        self.backend = backend
        (scratch, result) = try UnlearningError.backends { () throws(BackendError) in
            (
                try backend.makeBuffer(.real, count: max(1, (count + Self.block - 1) / Self.block)),
                try backend.makeBuffer(.real, count: 1)
            )
        }
    }

    private func run(
        _ kernel: String, _ buffers: [Buffer], _ offsets: [Int] = [], integers: [Int], reals: [Double] = [], work: Work
    ) throws(UnlearningError) {
        let operands = buffers.indices.map {
            Operand(storage: .external($0), offset: $0 < offsets.count ? offsets[$0] : 0)
        }
        let call = KernelCall(kernel: kernel, operands: operands, integers: integers, reals: reals, work: work)
        try UnlearningError.backends { () throws(BackendError) in try backend.dispatch(call, on: buffers) }
    }

    func make(_ count: Int) throws(UnlearningError) -> Buffer {
        try UnlearningError.backends { () throws(BackendError) in try backend.makeBuffer(.real, count: count) }
    }

    /// target ← source, from element `offset` of the source on.
    func copy(_ source: Buffer, from offset: Int = 0, to target: Buffer) throws(UnlearningError) {
        try run(
            "place", [target, source], [0, offset], integers: [target.count, 1, 1, 1, 1, 1, target.count, 0, 0, 0, 0, 0, 1],
            work: .elements(target.count))
    }

    /// target ← target + factor·source, from element `offset` of the source on.
    func add(_ factor: Double, _ source: Buffer, from offset: Int = 0, to target: Buffer) throws(UnlearningError) {
        try run("axpy", [target, source], [0, offset], integers: [target.count], reals: [factor], work: .elements(target.count))
    }

    /// target ← factor·target
    func scale(_ factor: Double, _ target: Buffer) throws(UnlearningError) {
        try run("scale", [target, target], integers: [target.count], reals: [factor], work: .elements(target.count))
    }

    /// The inner product of `count` elements.
    func dot(_ a: Buffer, _ b: Buffer, count: Int? = nil, fromA: Int = 0, fromB: Int = 0) throws(UnlearningError) -> Double {
        let count = count ?? a.count
        let blocks = max(1, (count + Self.block - 1) / Self.block)
        try run("dot_blocks", [scratch, a, b], [0, fromA, fromB], integers: [count, Self.block], work: .rows(blocks))
        try run("sum", [result, scratch], integers: [1, blocks, 1], work: .elements(1))
        var value: [Float] = [0]
        try UnlearningError.backends { () throws(BackendError) in
            try value.withUnsafeMutableBufferPointer { (v) throws(BackendError) in try backend.read(result, at: 0, into: v) }
        }
        return Double(value[0])
    }

    /// ‖a‖; not a number where a is not finite.
    func norm(_ a: Buffer) throws(UnlearningError) -> Double {
        let square = try dot(a, a)
        return square.isFinite ? max(0, square).squareRoot() : square
    }

    func adamW(_ parameters: Buffer, _ moments: Moments, _ gradient: Buffer, _ rule: AdamW, rate: Double, sign: Double, step: Int)
        throws(UnlearningError)
    {
        try run(
            "adamw", [parameters, moments.first, moments.second, gradient], integers: [parameters.count],
            reals: [
                rate, rule.beta1, rule.beta2, rule.epsilon, rule.decay, 1 - Self.power(rule.beta1, step),
                1 - Self.power(rule.beta2, step), sign,
            ], work: .elements(parameters.count))
    }

    /// By repeated squaring: a run may have taken billions of steps.
    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        var square = base
        var rest = max(0, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}

/// Adam's running means of a gradient and of its square, on the device.
struct Moments {
    let first: Buffer
    let second: Buffer
}

/// AdamW (Loshchilov & Hutter, arXiv 1711.05101).
public struct AdamW: Hashable, Sendable {
    public var beta1: Double
    public var beta2: Double
    public var epsilon: Double
    /// Decoupled weight decay per unit of rate.
    public var decay: Double

    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
    }
}
