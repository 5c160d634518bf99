import Glibc
import Graph

/// A matrix in double precision, row by row.
private func rowsOf(_ values: [Float], _ columns: Int) -> [[Double]] {
    stride(from: 0, to: values.count, by: columns).map { values[$0..<$0 + columns].map(Double.init) }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
private func mean(_ a: [Double]) -> Double { a.reduce(0, +) / Double(a.count) }

func plainSoftmax(_ a: [Double]) -> [Double] {
    let largest = a.max() ?? 0
    let terms = a.map { exp($0 - largest) }, total = terms.reduce(0, +)
    return terms.map { $0 / total }
}

/// Rows and columns, sometimes with more columns than the kernels sum in one block.
private func shape(_ dice: inout Dice) -> (Int, Int) {
    dice.integer(0...4) == 0 ? (dice.integer(1...3), dice.integer(1000...3000)) : (dice.size(20), dice.size(300))
}

private let sums: [KernelSpec] = [
    KernelSpec(name: "sum") { dice in
        let tall = dice.integer(0...2) == 0
        let outer = dice.size(9), middle = tall ? dice.integer(100...1500) : dice.size(12)
        let inner = dice.integer(0...2) == 0 ? 1 : dice.size(tall ? 8 : 300)
        let a = dice.reals(outer * middle * inner)
        var expected = Array(repeating: 0.0, count: outer * inner)
        for o in 0..<outer {
            for m in 0..<middle {
                for i in 0..<inner { expected[o * inner + i] += Double(a[(o * middle + m) * inner + i]) }
            }
        }
        return KernelCase(
            [.output(outer * inner), .real(a)], [outer, middle, inner], elements: outer * inner, expected: expected
        ).with(tolerance: 1e-6, magnitude: Double(middle).squareRoot())
    },
    KernelSpec(name: "row_dot") { dice in
        let (rows, columns) = shape(&dice)
        let a = dice.reals(rows * columns), b = dice.reals(rows * columns)
        return KernelCase(
            [.output(rows), .real(a), .real(b)], [rows, columns], reals: [0.25], rows: rows,
            expected: zip(rowsOf(a, columns), rowsOf(b, columns)).map { 0.25 * dot($0, $1) }
        ).with(tolerance: 1e-6, magnitude: Double(columns).squareRoot())
    },
    KernelSpec(name: "dot_blocks") { dice in
        let count = dice.size(8000), block = dice.integer(1...3000), blocks = (count + block - 1) / block
        let a = dice.reals(count), b = dice.reals(count)
        let expected = (0..<blocks).map { i in
            (i * block..<min(count, (i + 1) * block)).reduce(0.0) { $0 + Double(a[$1]) * Double(b[$1]) }
        }
        return KernelCase(
            [.output(blocks), .real(a), .real(b)], [count, block], rows: blocks, expected: expected
        ).with(tolerance: 1e-6, magnitude: Double(block).squareRoot())
    },
    KernelSpec(name: "similarity_dots") { dice in
        let count = dice.size(8000), block = dice.integer(1...3000), blocks = (count + block - 1) / block
        let a = dice.reals(count), b = dice.reals(count)
        let expected = (0..<blocks).flatMap { i -> [Double] in
            var sums = [0.0, 0.0, 0.0]
            for j in i * block..<min(count, (i + 1) * block) {
                let x = Double(a[j]), y = Double(b[j])
                sums[0] += x * x
                sums[1] += x * y
                sums[2] += y * y
            }
            return sums
        }
        return KernelCase(
            [.output(3 * blocks), .real(a), .real(b)], [count, block], rows: blocks, expected: expected
        ).with(tolerance: 1e-6, magnitude: Double(block).squareRoot())
    },
]

private let softmaxes: [KernelSpec] = [
    KernelSpec(name: "softmax") { dice in
        let (rows, columns) = shape(&dice), a = dice.reals(rows * columns, -8, 8)
        return KernelCase(
            [.output(a.count), .real(a)], [rows, columns], rows: rows,
            expected: rowsOf(a, columns).flatMap(plainSoftmax), inPlace: [1]
        ).with(tolerance: 2e-6, magnitude: 1e-30)
    },
    KernelSpec(name: "softmax_masked") { dice in
        let batches = dice.integer(1...3), heads = dice.integer(1...3), queries = dice.size(9)
        let rows = batches * heads * queries, columns = dice.size(200)
        let a = dice.reals(rows * columns, -8, 8)
        let limits = (0..<batches * queries).map { _ in Int32(dice.integer(0...columns)) }
        let expected = rowsOf(a, columns).enumerated().flatMap { r, row -> [Double] in
            let limit = Int(limits[r / (heads * queries) * queries + r % queries])
            return plainSoftmax(Array(row[..<limit])) + Array(repeating: 0, count: columns - limit)
        }
        return KernelCase(
            [.output(a.count), .real(a), .index(limits)], [rows, columns, queries, heads * queries], rows: rows,
            expected: expected, inPlace: [1]
        ).with(tolerance: 2e-6, magnitude: 1e-30)
    },
    KernelSpec(name: "softmax_tangent") { dice in
        let (rows, columns) = shape(&dice), s = dice.reals(rows * columns, 0, 1), v = dice.reals(rows * columns)
        return KernelCase(
            [.output(s.count), .real(s), .real(v)], [rows, columns], rows: rows,
            expected: zip(rowsOf(s, columns), rowsOf(v, columns)).flatMap { s, v in
                let mean = dot(s, v)
                return zip(s, v).map { $0 * ($1 - mean) }
            }, inPlace: [1, 2]
        ).with(tolerance: 2e-6, magnitude: Double(columns).squareRoot())
    },
    KernelSpec(name: "cross_entropy") { dice in
        let (rows, columns) = shape(&dice), a = dice.reals(rows * columns, -8, 8)
        let labels = (0..<rows).map { _ in Int32(dice.integer(-1...columns - 1)) }
        return KernelCase(
            [.output(rows), .real(a), .index(labels)], [rows, columns], rows: rows,
            expected: zip(rowsOf(a, columns), labels).map { row, label in
                let largest = row.max() ?? 0
                let sum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
                return label < 0 ? sum : sum - row[Int(label)]
            }
        ).with(tolerance: 2e-6)
    },
    KernelSpec(name: "subtract_one_hot") { dice in
        let (rows, columns) = shape(&dice), p = dice.reals(rows * columns)
        let labels = (0..<rows).map { _ in Int32(dice.integer(-1...columns - 1)) }
        var expected = p.map(Double.init)
        for (row, label) in labels.enumerated() where label >= 0 { expected[row * columns + Int(label)] -= 1 }
        return KernelCase(
            [.output(p.count), .real(p), .index(labels)], [rows, columns], elements: p.count, expected: expected,
            inPlace: [1]
        ).with(tolerance: 1e-6)
    },
]

private let epsilon = 0.0009765625

/// Subtracts the mean if asked, then gives the factor that makes the mean square 1.
private func normal(_ row: [Double], centred: Bool) -> (row: [Double], factor: Double) {
    let middle = centred ? mean(row) : 0
    let shifted = row.map { $0 - middle }
    return (shifted, 1 / (dot(shifted, shifted) / Double(row.count) + epsilon).squareRoot())
}

private let norms: [KernelSpec] = [("rms", false), ("layer", true)].flatMap { family, centred in
    [
        KernelSpec(name: "\(family)_norm") { dice in
            let (rows, columns) = shape(&dice), a = dice.reals(rows * columns, -1, 3)
            return KernelCase(
                [.output(a.count), .real(a)], [rows, columns], reals: [epsilon], rows: rows,
                expected: rowsOf(a, columns).flatMap { row in
                    let (shifted, factor) = normal(row, centred: centred)
                    return shifted.map { $0 * factor }
                }, inPlace: [1]
            ).with(tolerance: columns == 1 ? 1e-4 : 5e-6)
        },
        KernelSpec(name: "\(family)_scale") { dice in
            let (rows, columns) = shape(&dice), a = dice.reals(rows * columns, -1, 3)
            return KernelCase(
                [.output(rows), .real(a)], [rows, columns], reals: [epsilon], rows: rows,
                expected: rowsOf(a, columns).map { normal($0, centred: centred).factor }
            ).with(tolerance: 2e-6)
        },
        KernelSpec(name: "\(family)_tangent") { dice in
            let (rows, columns) = shape(&dice)
            let y = dice.reals(rows * columns), n = dice.reals(rows, 0.5, 2), v = dice.reals(rows * columns)
            var expected: [Double] = []
            for (row, pair) in zip(rowsOf(y, columns), rowsOf(v, columns)).enumerated() {
                let middle = centred ? mean(pair.1) : 0
                let slope = dot(pair.0, pair.1) / Double(columns)
                expected += zip(pair.0, pair.1).map { Double(n[row]) * ($1 - middle - $0 * slope) }
            }
            return KernelCase(
                [.output(y.count), .real(y), .real(n), .real(v)], [rows, columns], rows: rows, expected: expected,
                inPlace: [1, 3]
            ).with(tolerance: 2e-6)
        },
    ]
}

let rowSpecs = sums + softmaxes + norms
