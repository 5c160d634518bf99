import Glibc
import Graph

private let moves: [KernelSpec] = [
    KernelSpec(name: "rope") { dice in
        let tokens = dice.size(12), heads = dice.integer(1...4), size = dice.integer(1...80)
        let rotary = 2 * dice.integer(0...size / 2), half = rotary / 2, positions = dice.integer(1...20)
        let sign = dice.integer(0...1) * 2 - 1
        let headStride = size + dice.integer(0...3), tokenStride = heads * headStride + dice.integer(0...3)
        let a = dice.reals(tokens * tokenStride), ids = dice.ids(tokens, below: positions)
        let cosine = dice.reals(positions * half), sine = dice.reals(positions * half)
        var expected: [Double] = []
        for t in 0..<tokens {
            for h in 0..<heads {
                let row = (0..<size).map { Double(a[t * tokenStride + h * headStride + $0]) }
                for d in 0..<size {
                    guard d < rotary else {
                        expected.append(row[d])
                        continue
                    }
                    let i = d % half, at = Int(ids[t]) * half + i
                    let c = Double(cosine[at]), s = Double(sign) * Double(sine[at])
                    expected.append(d < half ? row[i] * c - row[i + half] * s : row[i + half] * c + row[i] * s)
                }
            }
        }
        return KernelCase(
            [.output(expected.count), .real(a), .real(cosine), .real(sine), .index(ids)],
            [tokens, heads, size, rotary, sign, tokenStride, headStride, positions], elements: expected.count, expected: expected
        ).with(tolerance: 1e-6)
    },
    KernelSpec(name: "gather_rows") { dice in
        let rows = dice.size(30), columns = dice.size(100), places = dice.size(20)
        let stride = columns + dice.integer(0...5)
        let table = dice.reals(places * stride), ids = dice.ids(rows, below: places)
        return KernelCase(
            [.output(rows * columns), .real(table), .index(ids)], [rows, columns, stride, places], elements: rows * columns,
            expected: ids.flatMap { id in (0..<columns).map { Double(table[Int(id) * stride + $0]) } }
        ).with(tolerance: 0)
    },
    KernelSpec(name: "scatter_rows") { dice in
        let rows = dice.size(60), columns = dice.size(100), places = dice.size(20), accumulate = dice.integer(0...1)
        let a = dice.reals(rows * columns), ids = dice.ids(rows, below: places)
        let old = dice.reals(places * columns)
        var expected = accumulate == 1 ? old.map(Double.init) : Array(repeating: 0, count: old.count)
        for (row, id) in ids.enumerated() {
            for column in 0..<columns { expected[Int(id) * columns + column] += Double(a[row * columns + column]) }
        }
        var test = KernelCase(
            [accumulate == 1 ? .real(old) : .output(old.count), .real(a), .index(ids)],
            [rows, columns, places, accumulate], elements: old.count, expected: expected)
        test.units = columns
        return test.with(tolerance: 2e-6, magnitude: 4)
    },
]

/// A matrix stored by rows or columns, padded, or with strides that no library takes.
private func matrixStrides(_ rows: Int, _ columns: Int, _ dice: inout Dice) -> (row: Int, column: Int, count: Int) {
    let spare = dice.integer(0...2) == 0 ? dice.integer(1...5) : 0
    switch dice.integer(0...9) {
    case 0: return (2 * columns + 1, 2, rows * (2 * columns + 1) + 2 * columns)
    case 1: return (0, 1, columns)
    case 2: return (1, 0, rows)
    case 3...5: return (1, rows + spare, (rows + spare) * columns)
    default: return (columns + spare, 1, (columns + spare) * rows)
    }
}

private let products: [KernelSpec] = [
    KernelSpec(name: "matmul") { dice in
        let large = dice.integer(0...4) == 0
        let m = dice.size(large ? 150 : 24), n = dice.size(large ? 200 : 32), k = dice.size(large ? 20 : 70)
        let batch = large ? [1, 1, 1] : [dice.integer(1...2), dice.integer(1...3), dice.integer(1...2)]
        let a = matrixStrides(m, k, &dice), b = matrixStrides(k, n, &dice)
        // The middle batch dimension is shared by all matrices of b now and then, as grouped heads are.
        let shared = dice.integer(0...1) == 0
        let aBatch = [a.count * batch[1] * batch[2], a.count * batch[2], a.count]
        let bBatch = [b.count * batch[1] * batch[2], shared ? 0 : b.count * batch[2], b.count]
        let total = batch.reduce(1, *), parts = dice.integer(1...4), accumulate = dice.integer(0...1)
        let left = dice.reals(total * a.count), right = dice.reals(total * b.count), old = dice.reals(total * m * n)
        var expected = accumulate == 1 ? old.map(Double.init) : Array(repeating: 0, count: old.count)
        for (item, index) in indices(of: batch).enumerated() {
            let la = zip(index, aBatch).reduce(0) { $0 + $1.0 * $1.1 }
            let lb = zip(index, bBatch).reduce(0) { $0 + $1.0 * $1.1 }
            for i in 0..<m {
                for j in 0..<n {
                    var sum = 0.0
                    for l in 0..<k {
                        sum += Double(left[la + i * a.row + l * a.column]) * Double(right[lb + l * b.row + j * b.column])
                    }
                    expected[(item * m + i) * n + j] += sum
                }
            }
        }
        let integers =
            [m, n, k] + batch + aBatch + [a.row, a.column] + bBatch + [b.row, b.column] + [accumulate]
        var test = KernelCase(
            [accumulate == 1 ? .real(old) : .output(old.count), .real(left), .real(right)], integers,
            elements: total * parts, expected: expected)
        test.work = .matmul
        test.parts = parts
        return test.with(tolerance: 3e-6, magnitude: Double(k).squareRoot() + 1)
    }
]

let indexingSpecs = moves + products
