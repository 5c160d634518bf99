import Graph

/// Rows of `columns` numbers around 1 with something special at a few places: within the vectors that kernels run on, in the
/// tail behind them, and at the beginning.
private func rows(_ columns: Int) -> [[Float]] {
    var dice = Dice(columns)
    let plain = { () in dice.reals(columns, -1, 1) }
    let with = { (values: [(Int, Float)]) -> [Float] in
        var row = plain()
        for (place, value) in values { row[place] = value }
        return row
    }
    let last = columns - 1
    return [
        plain(), with([(0, .nan)]), with([(3, .nan)]), with([(last, .nan)]), with([(5, .infinity)]), with([(last, .infinity)]),
        with([(2, .infinity), (7, -.infinity)]), with([(4, -.infinity)]), Array(repeating: 0, count: columns),
        Array(repeating: -0.0, count: columns), Array(repeating: 1e-30, count: columns), Array(repeating: -3, count: columns),
    ]
}

/// Scores, for which nothing but −∞, and numbers that no exponential can hold, mean something.
private func scores(_ columns: Int) -> [[Float]] {
    var masked = [Float](repeating: -.infinity, count: columns)
    masked[columns - 1] = 2
    var mixed = [Float](repeating: -.infinity, count: columns)
    mixed[1] = .nan
    var far = [Float](repeating: -3e38, count: columns)
    far[6] = 3e37
    return rows(columns) + [
        Array(repeating: -.infinity, count: columns), masked, mixed, far, Array(repeating: 3e38, count: columns),
        Array(repeating: -3e38, count: columns), Array(repeating: .infinity, count: columns),
        (0..<columns).map { -50 * Float($0 % 7) },
    ]
}

private func evaluate(_ operation: some Graph.Operation, _ inputs: [HostTensor]) -> [Double] {
    operation.evaluate(inputs).values.asFloats
}

private func host(_ rows: [[Float]]) -> HostTensor {
    HostTensor([rows.count, rows.first?.count ?? 0], rows.flatMap { $0 }.map(Double.init))
}

/// The wide rows are longer than the blocks in which the CPU sums.
private let widths = [20, 1100]

private let softmaxes: [EdgeCase] = widths.flatMap { columns in
    [
        EdgeCase("softmax", "rows of \(columns)") {
            let a = scores(columns), flat = a.flatMap { $0 }
            return KernelCase(
                [.output(flat.count), .real(flat)], [a.count, columns], rows: a.count, expected: evaluate(Softmax(), [host(a)]),
                inPlace: [1]
            ).with(tolerance: 3e-6, magnitude: 1e-30)
        },
        EdgeCase("softmax_masked", "rows of \(columns), limits beyond both ends") {
            // Every row with every limit: what lies at the limit or beyond it must not be seen, NaN included.
            let limits: [Int32] = [.min, -1, 0, 1, 3, 8, Int32(columns), Int32(columns) + 1, .max]
            let a = scores(columns)
            let all = a.flatMap { row in limits.map { _ in row } }, ids = a.flatMap { _ in limits }
            let scores = HostTensor([a.count, 1, limits.count, columns], all.flatMap { $0 }.map(Double.init))
            return KernelCase(
                [.output(all.count * columns), .real(all.flatMap { $0 }), .index(ids)],
                [all.count, columns, limits.count, limits.count], rows: all.count,
                expected: evaluate(MaskedSoftmax(), [scores, HostTensor([a.count, limits.count], ids.map(Double.init))]), inPlace: [1]
            ).with(tolerance: 3e-6, magnitude: 1e-30)
        },
        EdgeCase("softmax_tangent", "rows of \(columns)") {
            let v = rows(columns)
            // Among them a distribution that is sure, so that it has zeros.
            let s = v.indices.map { row in
                (0..<columns).map { row % 2 == 0 ? 1 / Float(columns) : $0 == 5 ? Float(1) : 0 }
            }
            return KernelCase(
                [.output(v.count * columns), .real(s.flatMap { $0 }), .real(v.flatMap { $0 })], [v.count, columns], rows: v.count,
                expected: evaluate(SoftmaxTangent(), [host(s), host(v)]), inPlace: [1, 2]
            ).with(tolerance: 1e-5)
        },
    ]
}

private let labelled: [EdgeCase] = widths.flatMap { columns in
    let labels: [Int32] = [.min, -100, -1, 0, 4, Int32(columns) - 1, Int32(columns), Int32(columns) + 3, .max]
    return ["cross_entropy", "subtract_one_hot"].map { kernel in
        EdgeCase(kernel, "rows of \(columns), labels beyond both ends") {
            let a = scores(columns)
            let all = a.flatMap { row in labels.map { _ in row } }, ids = a.flatMap { _ in labels }
            let inputs = [host(all), HostTensor([ids.count], ids.map(Double.init))]
            let flat = all.flatMap { $0 }
            if kernel == "cross_entropy" {
                return KernelCase(
                    [.output(ids.count), .real(flat), .index(ids)], [ids.count, columns], rows: ids.count,
                    expected: evaluate(CrossEntropy(), inputs)
                ).with(tolerance: 3e-6)
            }
            return KernelCase(
                [.output(flat.count), .real(flat), .index(ids)], [ids.count, columns], elements: flat.count,
                expected: evaluate(SubtractOneHot(), inputs), inPlace: [1]
            ).with(tolerance: 1e-6)
        }
    }
}

private let norms: [EdgeCase] = [NormKind.rms, .layer].flatMap { kind in
    widths.flatMap { columns in
        [0.0009765625, 0].flatMap { epsilon in
            [
                EdgeCase("\(kind.rawValue)_norm", "rows of \(columns), ε \(epsilon)") {
                    let a = safe(kind, rows(columns), epsilon)
                    return KernelCase(
                        [.output(a.count * columns), .real(a.flatMap { $0 })], [a.count, columns], reals: [epsilon], rows: a.count,
                        expected: evaluate(Normalise(kind: kind, epsilon: epsilon), [host(a)]), inPlace: [1]
                    ).with(tolerance: 1e-5)
                },
                EdgeCase("\(kind.rawValue)_scale", "rows of \(columns), ε \(epsilon)") {
                    let a = safe(kind, rows(columns), epsilon)
                    return KernelCase(
                        [.output(a.count), .real(a.flatMap { $0 })], [a.count, columns], reals: [epsilon], rows: a.count,
                        expected: evaluate(NormScale(kind: kind, epsilon: epsilon), [host(a)])
                    ).with(tolerance: 1e-5)
                },
            ]
        } + [
            EdgeCase("\(kind.rawValue)_tangent", "rows of \(columns)") {
                let v = rows(columns), y = v.map { _ in (0..<columns).map { Float($0 % 3) - 1 } }
                let n = v.indices.map { [Float(1), 0, .infinity][$0 % 3] }
                return KernelCase(
                    [.output(v.count * columns), .real(y.flatMap { $0 }), .real(n), .real(v.flatMap { $0 })], [v.count, columns],
                    rows: v.count,
                    expected: evaluate(NormTangent(kind: kind), [host(y), HostTensor([n.count], n.map(Double.init)), host(v)]),
                    inPlace: [1, 3]
                ).with(tolerance: 1e-5)
            }
        ]
    } + [
        // Squares beyond the range of float count as infinite, whatever the float64 definition could still say.
        EdgeCase("\(kind.rawValue)_norm", "squares beyond the range") {
            let a: [Float] = [1e30, -1e30, 1e30, -1e30]
            return KernelCase([.output(4), .real(a)], [1, 4], reals: [1e-5], rows: 1, expected: [0, 0, 0, 0])
        }
    ]
}

/// Without ε a row whose squares or deviations round to nothing has no defined factor.
private func safe(_ kind: NormKind, _ rows: [[Float]], _ epsilon: Double) -> [[Float]] {
    epsilon > 0
        ? rows
        : rows.filter { row in
            !row.allSatisfy { abs($0) == 1e-30 } && (kind == .rms || !row.allSatisfy { $0 == row[0] } || row[0] == 0)
        }
}

private let sums: [EdgeCase] = widths.flatMap { columns in
    [
        EdgeCase("sum", "along rows of \(columns)") {
            let a = rows(columns)
            return KernelCase(
                [.output(a.count), .real(a.flatMap { $0 })], [a.count, columns, 1], elements: a.count,
                expected: a.map { $0.reduce(0) { $0 + Double($1) } }
            ).with(tolerance: 1e-5, magnitude: 10)
        },
        EdgeCase("sum", "down columns of \(columns)") {
            let a = rows(columns)
            return KernelCase(
                [.output(a.count), .real((0..<columns).flatMap { j in a.map { $0[j] } })], [1, columns, a.count], elements: a.count,
                expected: a.map { $0.reduce(0) { $0 + Double($1) } }
            ).with(tolerance: 1e-5, magnitude: 10)
        },
        EdgeCase("row_dot", "rows of \(columns)") {
            // Half of b is zero: zero times infinity is NaN.
            let a = rows(columns), b = a.map { _ in (0..<columns).map { Float($0 % 2) } }
            return KernelCase(
                [.output(a.count), .real(a.flatMap { $0 }), .real(b.flatMap { $0 })], [a.count, columns], reals: [0.5], rows: a.count,
                expected: zip(a, b).map { 0.5 * zip($0, $1).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
            ).with(tolerance: 1e-5, magnitude: 10)
        },
        EdgeCase("dot_blocks", "blocks of \(columns), the last one shorter") {
            let a = rows(columns), b = a.map { _ in (0..<columns).map { Float($0 % 2) } }
            let count = a.count * columns - columns / 2
            return KernelCase(
                [.output(a.count), .real(Array(a.flatMap { $0 }.prefix(count))), .real(Array(b.flatMap { $0 }.prefix(count)))],
                [count, columns], rows: a.count,
                expected: zip(a, b).enumerated().map { index, pair in
                    let length = index == a.count - 1 ? columns - columns / 2 : columns
                    return zip(pair.0, pair.1).prefix(length).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                }
            ).with(tolerance: 1e-5, magnitude: 10)
        },
        EdgeCase("similarity_dots", "blocks of \(columns)") {
            let a = rows(columns), b = Array(a.reversed())
            return KernelCase(
                [.output(3 * a.count), .real(a.flatMap { $0 }), .real(b.flatMap { $0 })], [a.count * columns, columns], rows: a.count,
                expected: zip(a, b).flatMap { a, b in
                    [zip(a, a), zip(a, b), zip(b, b)].map { $0.reduce(0) { $0 + Double($1.0) * Double($1.1) } }
                }.asFloats
            ).with(tolerance: 1e-5, magnitude: 10)
        },
    ]
}

let rowEdges = softmaxes + labelled + norms + sums
