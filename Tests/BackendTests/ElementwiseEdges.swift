import Graph

private func unary(
    _ kernel: String, _ reals: [Double] = [], tolerance: Double = 1e-6, magnitude: Double = 1e-30,
    _ function: @escaping @Sendable (Double) -> Double
) -> EdgeCase {
    EdgeCase(kernel, reals.isEmpty ? "ends of the range" : "ends of the range, \(reals[0])") {
        KernelCase(
            [.output(edgeValues.count), .real(edgeValues)], [edgeValues.count], reals: reals, elements: edgeValues.count,
            expected: edgeValues.map { function(Double($0)) }.asFloats, inPlace: [1]
        ).with(tolerance: tolerance, magnitude: magnitude)
    }
}

/// Every pair of edge values, with both inputs contiguous or one of them spread over rows or columns.
private func binary(_ function: BinaryFunction) -> [EdgeCase] {
    let n = edgeValues.count
    let expected = edgeValues.flatMap { a in edgeValues.map { function(Double(a), Double($0)) } }.asFloats
    let spread = edgeValues.flatMap { Array(repeating: $0, count: n) }
    let repeated = (0..<n).flatMap { _ in edgeValues }
    let layout = [n * n, 1, 1, 1, 1, n, n, 0, 0, 0, 0]
    let views: [(label: String, a: [Float], b: [Float], strides: ([Int], [Int]))] = [
        ("every pair", spread, repeated, ([n, 1], [n, 1])), ("every pair, a spread", edgeValues, repeated, ([1, 0], [n, 1])),
        ("every pair, b spread", spread, edgeValues, ([n, 1], [0, 1])),
        ("every pair, both spread", edgeValues, edgeValues, ([1, 0], [0, 1])),
    ]
    return views.map { view in
        EdgeCase(function.rawValue, view.label) {
            KernelCase(
                [.output(n * n), .real(view.a), .real(view.b)], layout + view.strides.0 + [0, 0, 0, 0] + view.strides.1,
                elements: n * n, expected: expected, inPlace: view.label == "every pair" ? [1, 2] : []
            ).with(tolerance: 1e-6, magnitude: 1e-30).countingZeroSigns()
        }
    }
}

private let functions: [EdgeCase] =
    [
        unary("reciprocal", [0]) { 1 / $0 }, unary("reciprocal", [1e-12]) { abs($0) < 1e-12 ? 0 : 1 / $0 },
        unary("scale", [-1.5]) { -1.5 * $0 }, unary("scale", [0]) { 0 * $0 }, unary("shift", [0.25]) { $0 + 0.25 },
    ]
    + UnaryFunction.allCases.map { function in
        let promise = function.rule.accuracy
        return unary(function.rawValue, tolerance: promise.error, magnitude: promise.magnitude) { function($0) }
    }

private let moves: [EdgeCase] =
    edgeValues.prefix(5).map { value in
        EdgeCase("fill", "\(value)") {
            KernelCase([.output(3)], [3], reals: [Double(value)], elements: 3, expected: Array(repeating: Double(value), count: 3))
                .with(tolerance: 0).countingZeroSigns()
        }
    }
    + ["copy", "place"].map { kernel in
        EdgeCase(kernel, "transposed") {
            let rows = 4, columns = edgeValues.count / 4
            let moved = (0..<rows * columns).map { kernel == "copy" ? edgeValues[$0 % columns * rows + $0 / columns] : edgeValues[$0] }
            let placed = (0..<rows * columns).map { edgeValues[$0 % rows * columns + $0 / rows] }
            return KernelCase(
                [.output(rows * columns), .real(edgeValues)], [rows * columns, 1, 1, 1, 1, rows, columns, 0, 0, 0, 0, 1, rows],
                elements: rows * columns, expected: (kernel == "copy" ? moved : placed).map(Double.init)
            ).with(tolerance: 0).countingZeroSigns()
        }
    }

private let updates: [EdgeCase] =
    [(1.0, -1.0), (0, 1), (1, 0)].flatMap { p, q in
        [
            EdgeCase("combine", "\(p) and \(q)") {
                let b = Array(edgeValues.reversed())
                return KernelCase(
                    [.output(b.count), .real([Float(p)]), .real(edgeValues), .real([Float(q)]), .real(b)], [b.count], elements: b.count,
                    expected: zip(edgeValues, b).map { p * Double($0) + q * Double($1) }.asFloats, inPlace: [2, 4]
                ).with(tolerance: 1e-6)
            },
            EdgeCase("similarity_directions", "\(p) and \(q)") {
                let b = Array(edgeValues.reversed())
                let pairs = zip(edgeValues, b).map { (Double($0), Double($1)) }
                return KernelCase(
                    [.output(2 * b.count), .real(edgeValues), .real(b), .real([Float(p), Float(q), Float(q), Float(p)])], [b.count],
                    elements: b.count, expected: (pairs.map { p * $0 + q * $1 } + pairs.map { q * $0 + p * $1 }).asFloats
                ).with(tolerance: 1e-6)
            },
        ]
    }
    + [0.0, 0.5].map { factor in
        EdgeCase("axpy", "times \(factor)") {
            let y = Array(edgeValues.reversed())
            return KernelCase(
                [.real(y), .real(edgeValues)], [y.count], reals: [factor], elements: y.count,
                expected: zip(y, edgeValues).map { Double($0) + factor * Double($1) }.asFloats
            ).with(tolerance: 1e-6)
        }
    }
    + [0.0, 0.0009765625].map { epsilon in
        EdgeCase("adamw", "ε \(epsilon)") {
            // A zero gradient with zero moments, and one whose square alone is beyond the range.
            let g: [Float] = [0, -0.0, .nan, .infinity, -.infinity, 3e19, -3e19, 1e-30, 1, 0]
            let v: [Float] = [0, 0, 0, 0, 0, 0, 0, 0, .infinity, -1]
            let theta = [Float](repeating: 1, count: g.count), m = [Float](repeating: 0, count: g.count)
            let reals: [Double] = [0.125, 0.875, 0.96875, epsilon, 0.0625, 0.5, 0.25, 1]
            let first = g.map { 0.125 * Double($0) }
            let second = zip(v, g).map { 0.96875 * Double($0) + 0.03125 * Double($1) * Double($1) }.asFloats
            let moved = zip(first, second).map { m, v in
                1 - 0.125 * (m / 0.5 / ((v / 0.25).squareRoot() + epsilon) + 0.0625)
            }
            var test = KernelCase(
                [.real(theta), .real(m), .real(v), .real(g)], [g.count], reals: reals, elements: g.count, expected: moved.asFloats)
            test.expected[1] = first.asFloats
            test.expected[2] = second
            return test.with(tolerance: 2e-6)
        }
    }

let elementwiseEdges = functions + [BinaryFunction.add, .subtract, .multiply, .divide, .minimum, .less].flatMap(binary) + moves + updates
