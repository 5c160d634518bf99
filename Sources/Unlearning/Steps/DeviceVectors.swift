import Backends
import Graph

/// The passes over flat vectors that lie between plans.
struct DeviceVectors {
    let backend: any Backend
    private let scratch: any Buffer
    private let result: any Buffer

    init(_ backend: any Backend, count: Int) throws {
        self.backend = backend
        (scratch, result) = (
            try backend.makeBuffer(.real, count: max(1, (count + Kernel.dotBlock - 1) / Kernel.dotBlock)),
            try backend.makeBuffer(.real, count: 1)
        )
    }

    /// A buffer as an operand, from an element on.
    private struct Place: Hashable {
        var buffer: Int
        var offset = 0
    }

    /// Runs a call whose places number `buffers`.
    private func run(_ buffers: [any Buffer], _ call: Invocation<Place>) throws {
        let call = call.map { Operand(storage: .external($0.buffer), offset: $0.offset) }
        try backend.dispatch(call, on: buffers)
    }

    func make(_ count: Int) throws -> any Buffer {
        try backend.makeBuffer(.real, count: count)
    }

    /// target ← source, from element `offset` of the source on.
    func copy(_ source: any Buffer, from offset: Int = 0, to target: any Buffer) throws {
        try run([target, source], .place(Place(buffer: 1, offset: offset), at: Place(buffer: 0), count: target.count))
    }

    /// target ← target + factor·source, from element `offset` of the source on.
    func add(_ factor: Double, _ source: any Buffer, from offset: Int = 0, to target: any Buffer) throws {
        try run([target, source], .axpy(factor, Place(buffer: 1, offset: offset), to: Place(buffer: 0), count: target.count))
    }

    /// target ← p·target + q·source, both in one range of elements.
    func mix(_ p: Double, _ target: any Buffer, plus q: Double, _ source: any Buffer, in range: Range<Int>) throws {
        let (ours, theirs) = (Place(buffer: 0, offset: range.lowerBound), Place(buffer: 1, offset: range.lowerBound))
        try run([target], .scale(ours, by: p, to: ours, count: range.count))
        try run([target, source], .axpy(q, theirs, to: ours, count: range.count))
    }

    /// target ← factor·target
    func scale(_ factor: Double, _ target: any Buffer) throws {
        try run([target], .scale(Place(buffer: 0), by: factor, to: Place(buffer: 0), count: target.count))
    }

    /// The inner product of `count` elements.
    func dot(_ a: any Buffer, _ b: any Buffer, count: Int? = nil, fromA: Int = 0, fromB: Int = 0) throws -> Double {
        let count = count ?? a.count
        guard count > 0 else { return 0 }
        let blocks = (count + Kernel.dotBlock - 1) / Kernel.dotBlock
        try run(
            [scratch, a, b],
            .blocked(.dotBlocks, Place(buffer: 1, offset: fromA), Place(buffer: 2, offset: fromB), to: Place(buffer: 0), count: count))
        try run([result, scratch], .sum(Place(buffer: 1), to: Place(buffer: 0), outer: 1, middle: blocks, inner: 1))
        var value: [Float] = [0]
        var span = value.mutableSpan
        try backend.read(result, at: 0, into: &span)
        return Double(value[0])
    }

    /// ‖a‖; not a number where a is not finite.
    func norm(_ a: any Buffer) throws -> Double {
        let square = try dot(a, a)
        return square.isFinite ? max(0, square).squareRoot() : square
    }

    func adamW(_ parameters: any Buffer, _ moments: Moments, _ gradient: any Buffer, rule: AdamW, rate: Double, sign: Double, step: Int)
        throws
    {
        let numbers = Invocation<Place>.AdamStep(
            rate: rate, beta1: rule.beta1, beta2: rule.beta2, epsilon: rule.epsilon, decay: rule.decay,
            correction1: 1 - Self.power(rule.beta1, step), correction2: 1 - Self.power(rule.beta2, step), sign: sign)
        try run(
            [parameters, moments.first, moments.second, gradient],
            .adamw(
                Place(buffer: 0), first: Place(buffer: 1), second: Place(buffer: 2), gradient: Place(buffer: 3), numbers,
                count: parameters.count))
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
    let first: any Buffer
    let second: any Buffer
}

/// AdamW (Loshchilov & Hutter, arXiv 1711.05101).
public struct AdamW: Hashable, Sendable {
    /// How much of the first moment stays at each step.
    public var beta1: Double
    /// How much of the second moment stays.
    public var beta2: Double
    /// Added to the root of the second moment.
    public var epsilon: Double
    /// Decoupled weight decay per unit of rate.
    public var decay: Double

    /// The authors' constants, without decay.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
    }
}
