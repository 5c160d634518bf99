import Glibc
import Graph

extension ContractCase {
    /// Rows and columns: odd, single, shorter and longer than vectors and groups.
    static let rowShapes = [(1, 1), (3, 1), (1, 300), (7, 15), (5, 16), (4, 33), (9, 127), (2, 1031)]

    static func rowCases() -> [ContractCase] {
        var cases: [ContractCase] = []
        for (rows, columns) in rowShapes {
            cases += [
                softmaxCase(rows, columns, inPlace: false), softmaxCase(rows, columns, inPlace: true),
                maskedCase(rows, columns), tangentCase(rows, columns), rowDotCase(rows, columns),
                crossEntropyCase(rows, columns), oneHotCase(rows, columns),
            ]
        }
        return cases + sumCases()
    }

    private static func softmax(_ row: ArraySlice<Double>) -> [Double] {
        let peak = row.max() ?? 0
        let exponentials = row.map { exp($0 - peak) }
        let total = exponentials.reduce(0, +)
        return exponentials.map { $0 / total }
    }

    private static func softmaxCase(_ rows: Int, _ columns: Int, inPlace: Bool) -> ContractCase {
        var builder = CaseBuilder(seed: rows + columns)
        // Shifted far: only differences count.
        let values = builder.values(rows * columns, scale: 5).map { $0 + 300 }
        var a = builder.real(inPlace ? values : builder.values(values.count))
        if inPlace { builder.alias(0) } else { a = builder.real(values) }
        return builder.build(
            "softmax", "\(rows)×\(columns)\(inPlace ? " in place" : "")", integers: [rows, columns], work: .rows(rows),
            expected: [0: (0..<rows).flatMap { softmax(a[$0 * columns..<($0 + 1) * columns]) }])
    }

    private static func maskedCase(_ rows: Int, _ columns: Int) -> ContractCase {
        // Two batches; within a batch, heads share the limits of the queries.
        let batches = 2, heads = 3, queries = rows
        let all = batches * heads * queries
        var builder = CaseBuilder(seed: rows * columns)
        builder.real(all * columns)
        let a = builder.real(all * columns, scale: 4)
        let limits = builder.integers(batches * queries, in: 0...columns)
        builder.index(limits)
        let expected = (0..<all).flatMap { row in
            let limit = limits[row / (heads * queries) * queries + row % queries]
            return softmax(a[row * columns..<row * columns + limit]) + Array(repeating: 0, count: columns - limit)
        }
        return builder.build(
            "softmax_masked", "\(all)×\(columns)", integers: [all, columns, queries, heads * queries],
            work: .rows(all), expected: [0: expected])
    }

    private static func tangentCase(_ rows: Int, _ columns: Int) -> ContractCase {
        var builder = CaseBuilder(seed: rows - columns)
        builder.real(rows * columns)
        let s = builder.real(rows * columns)
        let v = builder.real(rows * columns)
        let expected = (0..<rows).flatMap { row in
            let range = row * columns..<(row + 1) * columns
            let mean = range.reduce(0) { $0 + s[$1] * v[$1] }
            return range.map { s[$0] * (v[$0] - mean) }
        }
        return builder.build(
            "softmax_tangent", "\(rows)×\(columns)", integers: [rows, columns], work: .rows(rows),
            expected: [0: expected])
    }

    private static func rowDotCase(_ rows: Int, _ columns: Int) -> ContractCase {
        var builder = CaseBuilder(seed: columns)
        builder.real(rows)
        let a = builder.real(rows * columns)
        let b = builder.real(rows * columns)
        let expected = (0..<rows).map { row in
            -0.5 * (row * columns..<(row + 1) * columns).reduce(0) { $0 + a[$1] * b[$1] }
        }
        return builder.build(
            "row_dot", "\(rows)×\(columns)", integers: [rows, columns], reals: [-0.5], work: .rows(rows),
            expected: [0: expected], magnitude: Double(columns).squareRoot())
    }

    private static func crossEntropyCase(_ rows: Int, _ columns: Int) -> ContractCase {
        var builder = CaseBuilder(seed: rows)
        builder.real(rows)
        let a = builder.real(builder.values(rows * columns, scale: 6).map { $0 - 100 })
        let labels = builder.integers(rows, in: -1...columns - 1)
        builder.index(labels)
        let expected = (0..<rows).map { row in
            let logits = a[row * columns..<(row + 1) * columns]
            let peak = logits.max() ?? 0
            let total = peak + log(logits.reduce(0) { $0 + exp($1 - peak) })
            return labels[row] < 0 ? total : total - a[row * columns + labels[row]]
        }
        return builder.build(
            "cross_entropy", "\(rows)×\(columns)", integers: [rows, columns], work: .rows(rows),
            expected: [0: expected], magnitude: 1)
    }

    private static func oneHotCase(_ rows: Int, _ columns: Int) -> ContractCase {
        var builder = CaseBuilder(seed: rows)
        builder.real(rows * columns)
        var p = builder.real(rows * columns)
        let labels = builder.integers(rows, in: -1...columns - 1)
        builder.index(labels)
        for row in 0..<rows where labels[row] >= 0 { p[row * columns + labels[row]] -= 1 }
        return builder.build(
            "subtract_one_hot", "\(rows)×\(columns)", integers: [rows, columns], work: .elements(rows * columns),
            expected: [0: p])
    }

    private static func sumCases() -> [ContractCase] {
        let shapes = [
            (1, 1, 1), (1, 1000, 1), (6, 130, 1), (1, 50, 7), (3, 17, 16), (2, 9, 45), (4, 1, 3), (1, 400, 33),
            (1, 100_000, 1),
        ]
        return shapes.map { outer, middle, inner in
            var builder = CaseBuilder(seed: outer + middle + inner)
            builder.real(outer * inner)
            let a = builder.real(outer * middle * inner)
            let expected = (0..<outer * inner).map { index in
                (0..<middle).reduce(0) { $0 + a[(index / inner * middle + $1) * inner + index % inner] }
            }
            return builder.build(
                "sum", "\(outer)×\(middle)×\(inner)", integers: [outer, middle, inner],
                work: .elements(outer * inner), expected: [0: expected], magnitude: Double(middle).squareRoot())
        }
    }
}
