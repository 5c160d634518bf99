import Glibc
import Graph

/// Plain definitions of the scalar functions, in double precision.
enum Plain {
    static func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

    /// x·σ(v(x)) and derivatives, by the product and chain rules, v being given with its first three derivatives.
    static func gated(_ x: Double, _ v: (Double, Double, Double, Double), order: Int) -> Double {
        let s = sigmoid(v.0), t = sigmoid(-v.0), p = s * t
        let d1 = p, d2 = p * (t - s), d3 = p * (1 - 6 * p)
        let s1 = d1 * v.1
        let s2 = d2 * v.1 * v.1 + d1 * v.2
        let s3 = d3 * v.1 * v.1 * v.1 + 3 * d2 * v.1 * v.2 + d1 * v.3
        return [x * s, s + x * s1, 2 * s1 + x * s2, 3 * s2 + x * s3][order]
    }

    /// Written out here where that is a second derivation; the rest are the system's functions, or the definition.
    static func value(_ function: UnaryFunction, _ x: Double) -> Double {
        switch function {
        case .sigmoid: sigmoid(x)
        case .silu0: silu(x, order: 0)
        case .silu1: silu(x, order: 1)
        case .silu2: silu(x, order: 2)
        case .silu3: silu(x, order: 3)
        case .gelu0: gelu(x, order: 0)
        case .gelu1: gelu(x, order: 1)
        case .gelu2: gelu(x, order: 2)
        case .gelu3: gelu(x, order: 3)
        default: function(x)
        }
    }

    static func silu(_ x: Double, order: Int) -> Double { gated(x, (x, 1, 0, 0), order: order) }

    static func gelu(_ x: Double, order: Int) -> Double {
        let a = 2 * (2 / Double.pi).squareRoot(), b = 0.044715
        return gated(x, (a * (x + b * x * x * x), a * (1 + 3 * b * x * x), 6 * a * b * x, 6 * a * b), order: order)
    }
}

private func unary(
    _ name: String, _ low: Float = -5, _ high: Float = 5, tolerance: Double = 1e-6, magnitude: Double = 1e-3,
    reals: [Double] = [], _ function: @escaping @Sendable (Double) -> Double
) -> KernelSpec {
    KernelSpec(name: name) { dice in
        let a = dice.reals(dice.size(1500), low, high)
        return KernelCase(
            [.output(a.count), .real(a)], [a.count], reals: reals, elements: a.count,
            expected: a.map { function(Double($0)) }, inPlace: [1]
        ).with(tolerance: tolerance, magnitude: magnitude)
    }
}

/// A strided view of a shape: strides that permute, pad and broadcast, and data that covers them.
struct View {
    var strides: [Int]
    var data: [Float]

    init(
        _ shape: [Int], _ dice: inout Dice, low: Float = -1, high: Float = 1, plain: Bool = false, broadcasts: Bool = true
    ) {
        var order = Array(shape.indices)
        if !plain && dice.integer(0...2) == 0 { order.shuffle(using: &dice) }
        strides = Array(repeating: 0, count: shape.count)
        var step = !plain && dice.integer(0...9) == 0 ? 2 : 1
        for dimension in order.reversed() {
            if !plain && broadcasts && dice.integer(0...3) == 0 { continue }
            strides[dimension] = step
            step *= shape[dimension] + (!plain && dice.integer(0...7) == 0 ? 1 : 0)
        }
        data = dice.reals(step + 2, low, high)
    }

    func offset(at index: [Int]) -> Int {
        var offset = 0
        for dimension in 0..<index.count { offset += index[dimension] * strides[dimension] }
        return offset
    }

    func value(at index: [Int]) -> Double { Double(data[offset(at: index)]) }
}

extension Dice: RandomNumberGenerator {
    mutating func next() -> UInt64 { bits() }
}

func indices(of shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { partial, size in partial.flatMap { head in (0..<size).map { head + [$0] } } }
}

func padded(_ values: [Int], with filler: Int) -> [Int] {
    Array(repeating: filler, count: 6 - values.count) + values
}

func randomShape(_ dice: inout Dice) -> [Int] {
    let dims = dice.integer(1...6)
    let largest = [1500, 60, 12, 5, 4, 3][dims - 1]
    return (0..<dims).map { _ in dice.size(largest) }
}

private func binary(_ name: String, _ function: @escaping @Sendable (Double, Double) -> Double) -> KernelSpec {
    KernelSpec(name: name) { dice in
        let shape = randomShape(&dice), plain = dice.integer(0...3) == 0
        let low: Float = name == "divide" ? 0.5 : -1
        let a = View(shape, &dice, plain: plain), b = View(shape, &dice, low: low, plain: plain)
        let count = shape.reduce(1, *)
        let integers = [count] + padded(shape, with: 1) + padded(a.strides, with: 0) + padded(b.strides, with: 0)
        return KernelCase(
            [.output(count), .real(a.data), .real(b.data)], integers, elements: count,
            expected: indices(of: shape).map { function(a.value(at: $0), b.value(at: $0)) },
            inPlace: plain ? [1, 2] : []
        ).with(tolerance: 1e-6)
    }
}

private let scalars: [KernelSpec] = [
    KernelSpec(name: "fill") { dice in
        let count = dice.size(2000), value = Double(dice.real())
        return KernelCase(
            [.output(count)], [count], reals: [value], elements: count,
            expected: Array(repeating: value, count: count))
    },
    unary("scale", reals: [-1.5]) { -1.5 * $0 },
    unary("shift", magnitude: 1, reals: [0.25]) { $0 + 0.25 },
    unary("reciprocal", reals: [0.5]) { abs($0) < 0.5 ? 0 : 1 / $0 },
]

/// Every function of one number against its definition, as accurate as its row of the table says.
private let functions: [KernelSpec] = UnaryFunction.allCases.map { function in
    let promise = function.rule.accuracy
    return unary(
        function.rawValue, promise.range.lowerBound, promise.range.upperBound, tolerance: promise.error, magnitude: promise.magnitude
    ) { Plain.value(function, $0) }
}

private let binaries: [KernelSpec] = [
    binary("add", +), binary("subtract", -), binary("multiply", *), binary("divide", /), binary("minimum", min),
    binary("less") { $0 < $1 ? 1 : 0 },
    KernelSpec(name: "copy") { dice in
        let shape = randomShape(&dice), a = View(shape, &dice), count = shape.reduce(1, *)
        return KernelCase(
            [.output(count), .real(a.data)], [count] + padded(shape, with: 1) + padded(a.strides, with: 0),
            elements: count, expected: indices(of: shape).map { a.value(at: $0) }
        ).with(tolerance: 0)
    },
    KernelSpec(name: "place") { dice in
        let shape = randomShape(&dice), y = View(shape, &dice, broadcasts: false), count = shape.reduce(1, *)
        let a = dice.reals(count)
        // What lies between the elements of the view must stay.
        var expected = y.data.map(Double.init)
        for (position, index) in indices(of: shape).enumerated() { expected[y.offset(at: index)] = Double(a[position]) }
        return KernelCase(
            [.real(y.data), .real(a)], [count] + padded(shape, with: 1) + padded(y.strides, with: 0), elements: count,
            expected: expected
        ).with(tolerance: 0)
    },
]

private let vectors: [KernelSpec] = [
    KernelSpec(name: "combine") { dice in
        let count = dice.size(1500), p = dice.real(), q = dice.real()
        let a = dice.reals(count), b = dice.reals(count)
        return KernelCase(
            [.output(count), .real([p]), .real(a), .real([q]), .real(b)], [count], elements: count,
            expected: zip(a, b).map { Double(p) * Double($0) + Double(q) * Double($1) }, inPlace: [2, 4]
        ).with(tolerance: 1e-6)
    },
    KernelSpec(name: "axpy") { dice in
        let count = dice.size(1500), y = dice.reals(count), a = dice.reals(count)
        return KernelCase(
            [.real(y), .real(a)], [count], reals: [0.5], elements: count,
            expected: zip(y, a).map { Double($0) + 0.5 * Double($1) }
        ).with(tolerance: 1e-6)
    },
    KernelSpec(name: "similarity_directions") { dice in
        let count = dice.size(1500), a = dice.reals(count), b = dice.reals(count), c = dice.reals(4)
        let k = c.map(Double.init)
        let first = zip(a, b).map { k[0] * Double($0) + k[1] * Double($1) }
        let second = zip(a, b).map { k[2] * Double($0) + k[3] * Double($1) }
        return KernelCase(
            [.output(2 * count), .real(a), .real(b), .real(c)], [count], elements: count, expected: first + second
        ).with(tolerance: 1e-6)
    },
    KernelSpec(name: "adamw") { dice in
        let count = dice.size(1500)
        let theta = dice.reals(count), m = dice.reals(count), v = dice.reals(count, 0, 1), g = dice.reals(count)
        let reals: [Double] = [0.125, 0.875, 0.96875, 0.0009765625, 0.0625, 0.5, 0.25, -1]
        var expected: [[Double]] = [[], [], []]
        for i in 0..<count {
            let gradient = -Double(g[i])
            let m1 = 0.875 * Double(m[i]) + 0.125 * gradient
            let v1 = 0.96875 * Double(v[i]) + 0.03125 * gradient * gradient
            let step = m1 / 0.5 / ((v1 / 0.25).squareRoot() + 0.0009765625) + 0.0625 * Double(theta[i])
            expected[0].append(Double(theta[i]) - 0.125 * step)
            expected[1].append(m1)
            expected[2].append(v1)
        }
        var test = KernelCase(
            [.real(theta), .real(m), .real(v), .real(g)], [count], reals: reals, elements: count, expected: expected[0])
        test.expected = [0: expected[0], 1: expected[1], 2: expected[2]]
        return test.with(tolerance: 2e-6)
    },
]

let elementwiseSpecs = scalars + functions + binaries + vectors
