import Glibc
import Graph

extension ContractCase {
    static func elementwiseCases() -> [ContractCase] {
        unaryCases() + stridedCases() + [1, 1000].map(fillCase)
    }

    private static func fillCase(_ count: Int) -> ContractCase {
        var builder = CaseBuilder(seed: count)
        builder.real(count)
        return builder.build(
            "fill", "\(count) elements", integers: [count], reals: [-2.5], work: .elements(count),
            expected: [0: Array(repeating: -2.5, count: count)])
    }

    // MARK: One input

    private struct Unary: Sendable {
        var kernel: String
        var reals: [Double] = []
        /// Whether arguments must be positive.
        var positive = false
        var function: @Sendable (Double) -> Double
    }

    private static let unary: [Unary] = [
        Unary(kernel: "scale", reals: [-1.75]) { -1.75 * $0 },
        Unary(kernel: "shift", reals: [0.5]) { $0 + 0.5 },
        Unary(kernel: "exp") { exp($0) },
        Unary(kernel: "log", positive: true) { log($0) },
        Unary(kernel: "sqrt", positive: true) { $0.squareRoot() },
        Unary(kernel: "rsqrt", positive: true) { 1 / $0.squareRoot() },
        Unary(kernel: "sigmoid") { 1 / (1 + exp(-$0)) },
        Unary(kernel: "tanh") { tanh($0) },
        Unary(kernel: "reciprocal", reals: [0.5]) { abs($0) < 0.5 ? 0 : 1 / $0 },
    ] + (0...3).flatMap { order in
        [
            Unary(kernel: "silu_\(order)") { Series.gate($0, weights: (1, 0)).derivative(order) },
            Unary(kernel: "gelu_\(order)") {
                Series.gate($0, weights: (2 * (2 / Double.pi).squareRoot(), 0.044715)).derivative(order)
            },
        ]
    }

    private static func unaryCases() -> [ContractCase] {
        unary.flatMap { unary in
            [1, 15, 16, 257, 1000].map { count in
                var builder = CaseBuilder(seed: count)
                let values = builder.values(count, scale: 2).map { unary.positive ? abs($0) + 0.01 : $0 }
                let a = values.map(Double.init)
                // Odd sizes run in place.
                builder.real(values)
                if count % 2 == 1 { builder.alias(0) } else { builder.real(values) }
                return builder.build(
                    unary.kernel, "\(count) elements", integers: [count], reals: unary.reals, work: .elements(count),
                    expected: [0: a.map(unary.function)])
            }
        } + unary.filter { $0.kernel.contains("lu_") || $0.kernel == "sigmoid" || $0.kernel == "tanh" }.map { unary in
            let extremes: [Float] = [-1e30, -1e4, -200, -90, -30, -12, -1e-20, 0, 1e-20, 12, 30, 90, 200, 1e4, 1e30]
            var builder = CaseBuilder(seed: 1)
            builder.real(extremes.count)
            builder.real(extremes)
            return builder.build(
                unary.kernel, "extremes", integers: [extremes.count], work: .elements(extremes.count),
                expected: [0: extremes.map { unary.function(Double($0)) }], magnitude: 0.01)
        }
    }

    // MARK: Layouts

    private struct Binary: Sendable {
        var kernel: String
        var function: @Sendable (Double, Double) -> Double
    }

    private static let binary: [Binary] = [
        Binary(kernel: "add") { $0 + $1 },
        Binary(kernel: "subtract") { $0 - $1 },
        Binary(kernel: "multiply") { $0 * $1 },
        Binary(kernel: "divide") { $0 / $1 },
        Binary(kernel: "minimum") { Swift.min($0, $1) },
        Binary(kernel: "less") { $0 < $1 ? 1 : 0 },
    ]

    private static let shapes: [[Int]] = [
        [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 5000], [1, 1, 1, 1, 33, 17], [1, 1, 1, 3, 1, 40], [1, 1, 2, 3, 5, 7],
        [2, 3, 2, 3, 2, 5], [1, 1, 1, 1, 700, 1], [1, 1, 1, 4, 9, 64],
    ]

    private static func stridedCases() -> [ContractCase] {
        var cases: [ContractCase] = []
        for (number, shape) in shapes.enumerated() {
            for kind in StrideKind.allCases {
                var builder = CaseBuilder(seed: 31 * number + kind.rawValue)
                let count = shape.reduce(1, *)
                builder.real(count)
                let (strides, a) = builder.strided(shape, kind)
                let label = "\(shape) \(kind)"
                cases.append(
                    builder.build(
                        "copy", label, integers: [count] + shape + strides, work: .elements(count),
                        expected: [0: gather(a, shape, strides)]))
                // place is the way back, to distinct places.
                if kind.coversAll || shape.dropLast().allSatisfy({ $0 == 1 }) && kind == .row {
                    cases.append(placeCase(shape, kind, seed: number))
                }
                let second = StrideKind.allCases[(kind.rawValue + number) % StrideKind.allCases.count]
                for binary in binary {
                    cases.append(binaryCase(binary, shape, kind, second, seed: number))
                }
            }
        }
        return cases + binary.map(inPlaceCase)
    }

    private static func binaryCase(
        _ binary: Binary, _ shape: [Int], _ first: StrideKind, _ second: StrideKind, seed: Int
    ) -> ContractCase {
        var builder = CaseBuilder(seed: seed)
        let count = shape.reduce(1, *)
        builder.real(count)
        let (stridesA, a) = builder.strided(shape, first)
        let (stridesB, b) = builder.strided(shape, second)
        let expected = zip(gather(a, shape, stridesA), gather(b, shape, stridesB)).map(binary.function)
        return builder.build(
            binary.kernel, "\(shape) \(first) and \(second)", integers: [count] + shape + stridesA + stridesB,
            work: .elements(count), expected: [0: expected])
    }

    private static func placeCase(_ shape: [Int], _ kind: StrideKind, seed: Int) -> ContractCase {
        var builder = CaseBuilder(seed: seed)
        let count = shape.reduce(1, *)
        var (strides, y) = builder.strided(shape, kind)
        let a = builder.real(count)
        for (value, place) in zip(a, places(shape, strides)) { y[place] = value }
        return builder.build(
            "place", "\(shape) \(kind)", integers: [count] + shape + strides, work: .elements(count), expected: [0: y])
    }

    private static func inPlaceCase(_ binary: Binary) -> ContractCase {
        var builder = CaseBuilder(seed: 3)
        let shape = [1, 1, 1, 1, 30, 50]
        let a = builder.real(builder.values(1500))
        builder.alias(0)
        let (strides, b) = builder.strided(shape, .row)
        return builder.build(
            binary.kernel, "in place", integers: [1500] + shape + [0, 0, 0, 0, 50, 1] + strides,
            work: .elements(1500), expected: [0: zip(a, gather(b, shape, strides)).map(binary.function)])
    }

    private static func gather(_ values: [Double], _ shape: [Int], _ strides: [Int]) -> [Double] {
        places(shape, strides).map { values[$0] }
    }

    private static func places(_ shape: [Int], _ strides: [Int]) -> [Int] {
        (0..<shape.reduce(1, *)).map { index in
            var rest = index
            var place = 0
            for axis in shape.indices.reversed() {
                place += rest % shape[axis] * strides[axis]
                rest /= shape[axis]
            }
            return place
        }
    }
}

/// How a strided operand lies in memory.
private enum StrideKind: Int, CaseIterable {
    case contiguous, transposed, gapped, row, column, single

    /// Whether every element has a place of its own.
    var coversAll: Bool { rawValue <= StrideKind.gapped.rawValue }
}

extension CaseBuilder {
    /// Adds an operand with strides of that kind and returns both. Values are multiples of 1/4 away from 0, so that
    /// comparisons meet equal values and divisions stay tame.
    fileprivate mutating func strided(_ shape: [Int], _ kind: StrideKind) -> ([Int], [Double]) {
        var strides = [Int](repeating: 0, count: 6)
        var step = kind == .gapped ? 3 : 1
        let order: [Int] =
            switch kind {
            case .contiguous, .gapped: [5, 4, 3, 2, 1, 0]
            case .transposed: [0, 4, 1, 5, 2, 3]
            case .row: [5]
            case .column: [4, 3]
            case .single: []
            }
        for axis in order {
            strides[axis] = step
            step *= shape[axis]
        }
        let count = zip(shape, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
        let values = values(count, scale: 8).map { ($0.rounded() + ($0 < 0 ? -1 : 1)) / 4 }
        return (strides, real(values))
    }
}

/// The first four coefficients of a power series around a point.
private struct Series {
    var c: [Double]

    func derivative(_ order: Int) -> Double {
        c[order] * [1, 1, 2, 6][order]
    }

    static func * (a: Series, b: Series) -> Series {
        Series(c: (0..<4).map { n in (0...n).reduce(0) { $0 + a.c[$1] * b.c[n - $1] } })
    }

    /// z·σ(w) with w = k·(z + q z³).
    static func gate(_ z: Double, weights: (k: Double, q: Double)) -> Series {
        let (k, q) = weights
        let w = Series(c: [k * (z + q * z * z * z), k * (1 + 3 * q * z * z), 3 * k * q * z, k * q])
        return Series(c: [z, 1, 0, 0]) * w.logistic
    }

    /// From σ' = σ(1 − σ)·w', coefficient by coefficient.
    private var logistic: Series {
        var s = Series(c: [1 / (1 + exp(-c[0])), 0, 0, 0])
        for n in 0..<3 {
            let rest = Series(c: [1 / (1 + exp(c[0]))] + s.c[1...].map { -$0 })
            let slope = s * rest
            s.c[n + 1] = (0...n).reduce(0) { $0 + Double($1 + 1) * c[$1 + 1] * slope.c[n - $1] } / Double(n + 1)
        }
        return s
    }
}
