import Testing

/// Calls whose sizes lie around or beyond what one tile, panel, group or walk of the OpenCL kernels covers.
struct OpenCLLargeCase: Sendable, CustomTestStringConvertible {
    var kernel: String
    var label: String
    private var make: @Sendable () -> KernelCase

    var test: KernelCase { make() }
    var testDescription: String { "\(kernel) \(label)" }

    static let all: [OpenCLLargeCase] = products + rows + flat

    private static let rows = [1023, 1024, 5000].flatMap { columns in
        [
            OpenCLLargeCase(kernel: "sum", label: "3×\(columns)") {
                var dice = Dice(columns)
                let a = dice.reals(3 * columns)
                let sums = (0..<3).map { row in a[row * columns..<(row + 1) * columns].reduce(0) { $0 + Double($1) } }
                return KernelCase([.output(3), .real(a)], [3, columns, 1], elements: 3, expected: sums)
                    .with(tolerance: 1e-5, magnitude: Double(columns).squareRoot())
            },
            OpenCLLargeCase(kernel: "sum", label: "\(columns)×33 over columns") {
                var dice = Dice(columns)
                let a = dice.reals(33 * columns)
                let sums = (0..<33).map { column in (0..<columns).reduce(0) { $0 + Double(a[$1 * 33 + column]) } }
                return KernelCase([.output(33), .real(a)], [1, columns, 33], elements: 33, expected: sums)
                    .with(tolerance: 1e-5, magnitude: Double(columns).squareRoot())
            },
            OpenCLLargeCase(kernel: "softmax", label: "3×\(columns)") {
                var dice = Dice(columns)
                let a = dice.reals(3 * columns, -5, 5)
                let expected = (0..<3).flatMap { row in
                    plainSoftmax(a[row * columns..<(row + 1) * columns].map(Double.init))
                }
                return KernelCase([.output(a.count), .real(a)], [3, columns], rows: 3, expected: expected)
                    .with(tolerance: 1e-5, magnitude: 1e-4)
            },
        ]
    }

    private static let flat = [4095, 4097, 20_000].map { count in
        OpenCLLargeCase(kernel: "multiply", label: "\(count) elements by one") {
            var dice = Dice(count)
            let a = dice.reals(count), b = dice.reals(1)
            return KernelCase(
                [.output(count), .real(a), .real(b)],
                [count, 1, 1, 1, 1, 1, count, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], elements: count,
                expected: a.map { Double($0) * Double(b[0]) })
        }
    }

    // MARK: Products

    private static let products = [
        (1, 1, 1), (1, 70, 19), (65, 1, 40), (64, 64, 16), (8, 32, 256), (63, 65, 17), (130, 40, 300), (33, 100, 0),
        (9, 31, 513), (600, 33, 20),
    ].flatMap { m, n, k in
        [(false, false), (false, true), (true, false), (true, true)].map { transposesA, transposesB in
            OpenCLLargeCase(
                kernel: "matmul", label: "\(m)×\(n)×\(k)\(transposesA ? ", aᵀ" : "")\(transposesB ? ", bᵀ" : "")"
            ) {
                product(m, n, k, transposesA, transposesB, accumulates: transposesA != transposesB)
            }
        }
    }

    private static func product(
        _ m: Int, _ n: Int, _ k: Int, _ transposesA: Bool, _ transposesB: Bool, accumulates: Bool
    ) -> KernelCase {
        // Rows of the stored matrices are padded, so that no stride is a product of sizes.
        func strides(rows: Int, columns: Int, isTransposed: Bool) -> (row: Int, column: Int, count: Int) {
            isTransposed ? (1, rows + 2, columns * (rows + 2)) : (columns + 3, 1, rows * (columns + 3))
        }
        let a = strides(rows: m, columns: k, isTransposed: transposesA)
        let b = strides(rows: k, columns: n, isTransposed: transposesB)
        var dice = Dice(m + n + k)
        let left = dice.reals(a.count), right = dice.reals(b.count), old = dice.reals(m * n)
        var expected = accumulates ? old.map(Double.init) : Array(repeating: 0, count: m * n)
        for i in 0..<m {
            for l in 0..<k {
                let factor = Double(left[i * a.row + l * a.column])
                for j in 0..<n { expected[i * n + j] += factor * Double(right[l * b.row + j * b.column]) }
            }
        }
        var test = KernelCase(
            [accumulates ? .real(old) : .output(m * n), .real(left), .real(right)],
            [m, n, k, 1, 1, 1, 0, 0, 0, a.row, a.column, 0, 0, 0, b.row, b.column, accumulates ? 1 : 0],
            elements: 1, expected: expected)
        test.work = .matmul
        return test.with(tolerance: 3e-6, magnitude: Double(k).squareRoot() + 1)
    }
}
