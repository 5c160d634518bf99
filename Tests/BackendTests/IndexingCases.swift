import Graph

extension ContractCase {
    static func indexingCases() -> [ContractCase] {
        [(1, 1, 1), (5, 7, 3), (40, 33, 9), (9, 64, 300)].flatMap { rows, columns, table in
            [
                gatherCase(rows, columns, table), scatterCase(rows, columns, table, accumulates: false),
                scatterCase(rows, columns, table, accumulates: true),
            ]
        } + [(1, 1, 2, 2), (5, 3, 8, 4), (4, 2, 9, 6), (3, 4, 64, 64)].flatMap { tokens, heads, size, rotary in
            [1, -1].flatMap { sign in
                [
                    ropeCase(tokens, heads, size, rotary, sign, inPlace: false),
                    ropeCase(tokens, heads, size, rotary, sign, inPlace: true),
                ]
            }
        } + patchShapes.flatMap { [unfoldCase($0), foldCase($0)] }
    }

    private static func gatherCase(_ rows: Int, _ columns: Int, _ table: Int) -> ContractCase {
        let stride = columns + 3
        var builder = CaseBuilder(seed: rows)
        builder.real(rows * columns)
        let values = builder.real(table * stride)
        let ids = builder.integers(rows, in: 0...table - 1)
        builder.index(ids)
        return builder.build(
            "gather_rows", "\(rows) of \(table)×\(columns)", integers: [rows, columns, stride],
            work: .elements(rows * columns),
            expected: [0: ids.flatMap { values[$0 * stride..<$0 * stride + columns] }])
    }

    private static func scatterCase(_ rows: Int, _ columns: Int, _ table: Int, accumulates: Bool) -> ContractCase {
        var builder = CaseBuilder(seed: table)
        var y = builder.real(table * columns)
        let a = builder.real(rows * columns)
        let ids = builder.integers(rows, in: 0...table - 1)
        builder.index(ids)
        if !accumulates { y = y.map { _ in 0 } }
        for (row, id) in ids.enumerated() {
            for j in 0..<columns { y[id * columns + j] += a[row * columns + j] }
        }
        return builder.build(
            "scatter_rows", "\(rows) to \(table)×\(columns)\(accumulates ? ", accumulating" : "")",
            integers: [rows, columns, table, accumulates ? 1 : 0], work: .elements(table * columns),
            expected: [0: y], magnitude: 1)
    }

    private static func ropeCase(
        _ tokens: Int, _ heads: Int, _ size: Int, _ rotary: Int, _ sign: Int, inPlace: Bool
    ) -> ContractCase {
        let half = rotary / 2, positions = 11
        // Heads lie apart, as in a fused projection.
        let (tokenStride, headStride) = inPlace ? (heads * size, size) : (heads * (size + 2) + 5, size + 2)
        var builder = CaseBuilder(seed: size)
        var a = builder.real(tokens * heads * size)
        if inPlace { builder.alias(0) } else { a = builder.real(tokens * tokenStride) }
        let cosines = builder.real(positions * half)
        let sines = builder.real(positions * half)
        let places = builder.integers(tokens, in: 0...positions - 1)
        builder.index(places)
        var expected: [Double] = []
        for token in 0..<tokens {
            for head in 0..<heads {
                let x = a[(token * tokenStride + head * headStride)...].prefix(size).map { $0 }
                expected += (0..<size).map { i in
                    guard i < 2 * half else { return x[i] }
                    let entry = places[token] * half + i % half
                    let turned = i < half ? -x[i + half] : x[i - half]
                    return x[i] * cosines[entry] + Double(sign) * turned * sines[entry]
                }
            }
        }
        return builder.build(
            "rope", "\(tokens)×\(heads)×\(size), rotary \(rotary), sign \(sign)\(inPlace ? " in place" : "")",
            integers: [tokens, heads, size, rotary, sign, tokenStride, headStride],
            work: .elements(tokens * heads * size), expected: [0: expected], magnitude: 1)
    }

    // MARK: Patches

    private struct Patches: Sendable, CustomStringConvertible {
        var n, c, h, w, kernelH, kernelW, strideH, strideW, paddingH, paddingW: Int
        var outH: Int { (h + 2 * paddingH - kernelH) / strideH + 1 }
        var outW: Int { (w + 2 * paddingW - kernelW) / strideW + 1 }
        var integers: [Int] { [n, c, h, w, kernelH, kernelW, strideH, strideW, paddingH, paddingW, outH, outW] }
        var imageCount: Int { n * c * h * w }
        var columnCount: Int { n * c * kernelH * kernelW * outH * outW }
        var description: String { "\(n)×\(c)×\(h)×\(w), kernel \(kernelH)×\(kernelW), stride \(strideH)×\(strideW)" }

        /// For each place in the columns, the pixel it holds; `nil` in the padding.
        var pixels: [Int?] {
            (0..<columnCount).map { index in
                let ow = index % outW, oh = index / outW % outH
                let rest = index / outW / outH
                let j = rest % kernelW, i = rest / kernelW % kernelH, plane = rest / kernelW / kernelH
                let y = oh * strideH + i - paddingH, x = ow * strideW + j - paddingW
                return (0..<h).contains(y) && (0..<w).contains(x) ? (plane * h + y) * w + x : nil
            }
        }
    }

    private static let patchShapes = [
        Patches(
            n: 1, c: 1, h: 1, w: 1, kernelH: 1, kernelW: 1, strideH: 1, strideW: 1, paddingH: 0, paddingW: 0),
        Patches(
            n: 2, c: 3, h: 8, w: 8, kernelH: 3, kernelW: 3, strideH: 1, strideW: 1, paddingH: 1, paddingW: 1),
        Patches(
            n: 2, c: 2, h: 9, w: 7, kernelH: 3, kernelW: 2, strideH: 2, strideW: 3, paddingH: 1, paddingW: 0),
        Patches(
            n: 1, c: 3, h: 16, w: 16, kernelH: 4, kernelW: 4, strideH: 4, strideW: 4, paddingH: 0, paddingW: 0),
    ]

    private static func unfoldCase(_ patches: Patches) -> ContractCase {
        var builder = CaseBuilder(seed: patches.imageCount)
        builder.real(patches.columnCount)
        let a = builder.real(patches.imageCount)
        return builder.build(
            "unfold", "\(patches)", integers: patches.integers, work: .elements(patches.columnCount),
            expected: [0: patches.pixels.map { $0.map { a[$0] } ?? 0 }])
    }

    private static func foldCase(_ patches: Patches) -> ContractCase {
        var builder = CaseBuilder(seed: patches.imageCount)
        builder.real(patches.imageCount)
        let a = builder.real(patches.columnCount)
        var image = [Double](repeating: 0, count: patches.imageCount)
        for (index, pixel) in patches.pixels.enumerated() {
            if let pixel { image[pixel] += a[index] }
        }
        return builder.build(
            "fold", "\(patches)", integers: patches.integers, work: .elements(patches.imageCount),
            expected: [0: image], magnitude: 1)
    }
}
