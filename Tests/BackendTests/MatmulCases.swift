import Graph

extension ContractCase {
    static func matmulCases() -> [ContractCase] {
        let sizes = [
            (1, 1, 1), (1, 70, 19), (65, 1, 40), (64, 64, 16), (8, 32, 256), (63, 65, 17), (130, 40, 300), (33, 100, 0),
            (9, 31, 513),
        ]
        var cases: [ContractCase] = []
        for (m, n, k) in sizes {
            for transposesA in [false, true] {
                for transposesB in [false, true] {
                    cases.append(
                        matmulCase(
                            m, n, k, batches: [1, 1, 1], transposesA: transposesA, transposesB: transposesB,
                            accumulates: transposesA != transposesB))
                }
            }
        }
        for batches in [[2, 1, 1], [2, 3, 2], [1, 1, 5]] {
            cases.append(
                matmulCase(17, 35, 20, batches: batches, transposesA: false, transposesB: true, accumulates: false))
            cases.append(
                matmulCase(
                    17, 35, 20, batches: batches, transposesA: true, transposesB: false, accumulates: true,
                    sharesB: true))
        }
        return cases
    }

    private static func matmulCase(
        _ m: Int, _ n: Int, _ k: Int, batches: [Int], transposesA: Bool, transposesB: Bool, accumulates: Bool,
        sharesB: Bool = false
    ) -> ContractCase {
        // Rows of the stored matrices are padded, so that no stride is a product of sizes.
        func strides(rows: Int, columns: Int, isTransposed: Bool) -> (row: Int, column: Int, size: Int) {
            isTransposed ? (1, rows + 2, columns * (rows + 2)) : (columns + 3, 1, rows * (columns + 3))
        }
        let (rowA, columnA, sizeA) = strides(rows: m, columns: k, isTransposed: transposesA)
        let (rowB, columnB, sizeB) = strides(rows: k, columns: n, isTransposed: transposesB)
        let all = batches.reduce(1, *)
        let batchStrides = [batches[1] * batches[2], batches[2], 1]
        // With a shared b the middle batch axis is broadcast.
        let batchA = batchStrides.map { $0 * sizeA }
        let batchB = sharesB ? [batches[2] * sizeB, 0, sizeB] : batchStrides.map { $0 * sizeB }

        var builder = CaseBuilder(seed: m + n + k)
        var y = builder.real(all * m * n)
        let a = builder.real(max(all * sizeA, 1))
        let b = builder.real(max(all * sizeB, 1))
        for batch in 0..<all {
            let place = [batch / batchStrides[0], batch / batchStrides[1] % batches[1], batch % batches[2]]
            let startA = zip(place, batchA).reduce(0) { $0 + $1.0 * $1.1 }
            let startB = zip(place, batchB).reduce(0) { $0 + $1.0 * $1.1 }
            for row in 0..<m {
                for column in 0..<n {
                    let product = (0..<k).reduce(0) {
                        $0 + a[startA + row * rowA + $1 * columnA] * b[startB + $1 * rowB + column * columnB]
                    }
                    let index = (batch * m + row) * n + column
                    y[index] = accumulates ? y[index] + product : product
                }
            }
        }
        return builder.build(
            "matmul",
            "\(batches) \(m)×\(n)×\(k)\(transposesA ? ", aᵀ" : "")\(transposesB ? ", bᵀ" : "")"
                + (accumulates ? ", accumulating" : ""),
            integers: [m, n, k] + batches + batchA + [rowA, columnA] + batchB + [rowB, columnB]
                + [accumulates ? 1 : 0, 1],
            work: .matmul, expected: [0: y], magnitude: Double(k + 1).squareRoot())
    }
}
