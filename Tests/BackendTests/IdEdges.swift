import Graph

/// Ids far outside, just outside and just inside a table of three rows.
private let ids: [Int32] = [.min, -2, -1, 0, 2, 3, 4, .max, 1]

private func floats(_ count: Int) -> [Float] { (0..<count).map { edgeValues[$0 % edgeValues.count] } }

let idEdges: [EdgeCase] =
    [1, 20].flatMap { columns in
        [
            EdgeCase("gather_rows", "ids beyond both ends, \(columns) columns") {
                let stride = columns + 2, table = floats(3 * stride)
                return KernelCase(
                    [.output(ids.count * columns), .real(table), .index(ids)], [ids.count, columns, stride, 3],
                    elements: ids.count * columns,
                    expected: ids.flatMap { id in
                        (0..<columns).map { (0..<3).contains(id) ? Double(table[Int(id) * stride + $0]) : 0 }
                    }
                ).with(tolerance: 0).countingZeroSigns()
            }
        ]
            + [0, 1].map { accumulate in
                EdgeCase("scatter_rows", "ids beyond both ends, \(columns) columns, accumulate \(accumulate)") {
                    let a = floats(ids.count * columns), old = [Float](repeating: 2, count: 3 * columns)
                    var expected = [Double](repeating: Double(2 * accumulate), count: 3 * columns)
                    for (row, id) in ids.enumerated() where (0..<3).contains(id) {
                        for column in 0..<columns { expected[Int(id) * columns + column] += Double(a[row * columns + column]) }
                    }
                    var test = KernelCase(
                        [accumulate == 1 ? .real(old) : .output(old.count), .real(a), .index(ids)], [ids.count, columns, 3, accumulate],
                        elements: old.count, expected: expected.asFloats)
                    test.units = columns
                    return test.with(tolerance: 1e-6)
                }
            }
    }
    + [0, 2, 6].map { rotary in
        EdgeCase("rope", "positions beyond both ends, \(rotary) of 6 channels") {
            let a = floats(ids.count * 2 * 6), half = rotary / 2
            let cosines = (0..<3 * half).map { 1 / Float($0 + 1) }, sines = (0..<3 * half).map { 1 / Float($0 + 2) }
            let inputs = [
                HostTensor([ids.count, 2, 6], a.map(Double.init)), HostTensor([3, half], cosines.map(Double.init)),
                HostTensor([3, half], sines.map(Double.init)), HostTensor([ids.count], ids.map(Double.init)),
            ]
            return KernelCase(
                [.output(a.count), .real(a), .real(cosines), .real(sines), .index(ids)], [ids.count, 2, 6, rotary, 1, 12, 6, 3],
                elements: a.count, expected: RotaryEmbedding(sign: 1).evaluate(inputs).values.asFloats
            ).with(tolerance: 1e-6)
        }
    }

/// What stands in one row or column reaches that row or column alone, and zero times infinity is NaN there.
let productEdges: [EdgeCase] = [(20, 20, 20), (1, 20, 33), (20, 1, 33), (3, 4, 0), (0, 4, 3), (4, 0, 3)].flatMap { m, n, k in
    [0, 1].map { accumulate in
        EdgeCase("matmul", "\(m)×\(n)×\(k), accumulate \(accumulate)") {
            var dice = Dice(m + n + k)
            var a = dice.reals(m * k), b = dice.reals(k * n)
            if m * k > 0, n > 0 {
                a[0] = .nan
                a[(m / 2) * k + k / 2] = .infinity
                a[(m - 1) * k + k - 1] = -.infinity
                b[(k / 2) * n + n / 2] = 0
                b[(k - 1) * n] = .infinity
                b[n - 1] = .nan
            }
            let old = [Float](repeating: 1, count: m * n)
            var expected = old.map { accumulate == 1 ? Double($0) : 0 }
            for i in 0..<m {
                for j in 0..<n {
                    for l in 0..<k { expected[i * n + j] += Double(a[i * k + l]) * Double(b[l * n + j]) }
                }
            }
            var test = KernelCase(
                [accumulate == 1 ? .real(old) : .output(m * n), .real(a), .real(b)],
                [m, n, k, 1, 1, 1, 0, 0, 0, k, 1, 0, 0, 0, n, 1, accumulate], elements: 1, expected: expected)
            test.work = .matmul
            return test.with(tolerance: 1e-5, magnitude: 10)
        }
    }
}

/// One for a kernel that takes a real.
private func onlyReal(_ kernel: String) -> [Double] { (Kernel.named(kernel)?.reals ?? []).map { _ in 1 } }

/// Calls that have nothing to do, or nothing to sum.
let emptyEdges: [EdgeCase] = {
    let layout = [0, 1, 1, 1, 1, 1, 0], strides = [0, 0, 0, 0, 0, 1]
    let flat = ["exp", "scale", "silu_1", "gelu_2", "reciprocal"].map { kernel in
        EdgeCase(kernel, "nothing") { KernelCase([.output(0), .real([])], [0], reals: onlyReal(kernel), elements: 0, expected: []) }
    }
    let rows = ["softmax", "rms_norm", "layer_scale"].map { kernel in
        EdgeCase(kernel, "no rows") { KernelCase([.output(0), .real([])], [0, 7], reals: onlyReal(kernel), rows: 0, expected: []) }
    }
    return flat + rows + [
        EdgeCase("fill", "nothing") { KernelCase([.output(0)], [0], reals: [1], elements: 0, expected: []) },
        EdgeCase("copy", "nothing") { KernelCase([.output(0), .real([])], layout + strides, elements: 0, expected: []) },
        EdgeCase("add", "nothing") {
            KernelCase([.output(0), .real([]), .real([])], layout + strides + strides, elements: 0, expected: [])
        },
        EdgeCase("sum", "of nothing, along rows") { KernelCase([.output(3), .real([])], [3, 0, 1], elements: 3, expected: [0, 0, 0]) },
        EdgeCase("sum", "of nothing, down columns") { KernelCase([.output(3), .real([])], [1, 0, 3], elements: 3, expected: [0, 0, 0]) },
        EdgeCase("row_dot", "of nothing") {
            KernelCase([.output(2), .real([]), .real([])], [2, 0], reals: [1], rows: 2, expected: [0, 0])
        },
        EdgeCase("dot_blocks", "of nothing") { KernelCase([.output(0), .real([]), .real([])], [0, 4], rows: 0, expected: []) },
        EdgeCase("gather_rows", "nothing from nothing") {
            KernelCase([.output(0), .real([]), .index([])], [0, 3, 3, 0], elements: 0, expected: [])
        },
        EdgeCase("gather_rows", "from an empty table") {
            KernelCase([.output(2), .real([]), .index([0, 0])], [2, 1, 1, 0], elements: 2, expected: [0, 0])
        },
        EdgeCase("scatter_rows", "nothing into two rows") {
            var test = KernelCase([.output(4), .real([]), .index([])], [0, 2, 2, 0], elements: 4, expected: [0, 0, 0, 0])
            test.units = 2
            return test
        },
        EdgeCase("cross_entropy", "no rows") { KernelCase([.output(0), .real([]), .index([])], [0, 5], rows: 0, expected: []) },
    ]
}()
