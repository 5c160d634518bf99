// Kernels that reduce axes, rows or blocks.

extension Kernel {
    static let reductions: [Kernel] = [sum, rowDot, dotBlocks, similarityDots]
    static let rowwise: [Kernel] =
        [softmax, softmaxMasked, softmaxTangent, crossEntropy, subtractOneHot]
        + [NormKind.rms, .layer].flatMap { [norm($0), normScale($0), normTangent($0)] }

    /// Elements of a block in inner products: long enough that the partial sums cost nothing, short enough to keep every thread busy.
    /// It is part of the result's last bits.
    package static let dotBlock = 16_384

    package static let sum = Kernel(
        "sum", in: "reduction", ["y", "a"], integers: ["outer", "middle", "inner"], work: .walk(rows: ["outer"], columns: "inner"),
        cost: Price(2, 0.05, times: "middle"), "sums the middle axis")
    package static let rowDot = row(
        "row_dot", in: "reduction", ["y", "a", "b"], reals: ["c"], writes: ["rows"], cost: reducing, "y[r] = c·Σ a[r,·] b[r,·]")
    package static let dotBlocks = Kernel(
        "dot_blocks", in: "reduction", ["y", "a", "b"], integers: ["count", "block"], work: .blocks(of: "block"),
        cost: Price(5, 0.08, times: "block"), "y[i] = Σ a·b over block i")
    package static let similarityDots = Kernel(
        "similarity_dots", in: "similarity", ["y", "a", "b"], integers: ["count", "block"], work: .blocks(of: "block"), times: 3,
        cost: Price(5, 0.08, times: "block"),
        "y[i] = (Σ a·a, Σ a·b, Σ b·b) over block i: the three inner products in one pass")

    package static let softmax = row("softmax", in: "softmax", ["y", "a"], inPlace: [1], cost: exponentiating, "")
    package static let softmaxMasked = row(
        "softmax_masked", in: "softmax", ["y", "a", .ids("limits")], more: ["queries", "rows per batch"], inPlace: [1],
        cost: exponentiating,
        "row r attends to columns j < limits[(r / rows per batch)·queries + r % queries]; the others get 0; a limit of 0 gives a row of zeros"
    )
    package static let softmaxTangent = row(
        "softmax_tangent", in: "softmax", ["y", "s", "v"], inPlace: [1, 2], cost: twice, "y = s∘(v − ⟨s, v⟩)")
    package static let crossEntropy = row(
        "cross_entropy", in: "crossentropy", ["y", "a", .ids("labels")], writes: ["rows"], cost: exponentiating,
        "y[r] = logsumexp(a[r,·]) − a[r, label]; a label outside 0..<columns subtracts nothing")
    package static let subtractOneHot = Kernel(
        "subtract_one_hot", in: "crossentropy", ["y", "p", .ids("labels")], integers: ["rows", "columns"],
        work: .walk(rows: ["rows"], columns: "columns"), inPlace: [1],
        "y = p, minus 1 at [r, label r]; labels outside 0..<columns change nothing")

    package static func norm(_ kind: NormKind) -> Kernel {
        row(
            "\(kind.rawValue)_norm", in: "normalisation", ["y", "a"], reals: ["epsilon"], inPlace: [1], cost: twice,
            kind == .rms
                ? "y = a / sqrt(mean a² + epsilon)"
                : "y = (a − mean) / sqrt(variance + epsilon), variance over columns (divided by columns)")
    }

    package static func normScale(_ kind: NormKind) -> Kernel {
        row(
            "\(kind.rawValue)_scale", in: "normalisation", ["y", "a"], reals: ["epsilon"], writes: ["rows"], cost: reducing,
            kind == .rms ? "y[r] = 1 / sqrt(mean a² + epsilon)" : "y[r] = 1 / sqrt(variance + epsilon)")
    }

    package static func normTangent(_ kind: NormKind) -> Kernel {
        row(
            "\(kind.rawValue)_tangent", in: "normalisation", ["z", "y", "n", "v"], inPlace: [1, 3], cost: twice,
            kind == .rms ? "z = n[r]·(v − y·mean(y∘v))" : "z = n[r]·(v − mean v − y·mean(y∘v))")
    }

    private static let reducing = Price(5, 0.08, times: "columns")
    /// Rows that are read twice.
    private static let twice = Price(10, 0.15, times: "columns")
    private static let exponentiating = Price(20, 0.35, times: "columns")

    private static func row(
        _ name: String, in family: String, _ operands: [Parameter], more: [Field] = [], reals: [String] = [],
        writes: [String] = ["rows", "columns"], inPlace: [Int] = [], cost: Price, _ meaning: String
    ) -> Kernel {
        Kernel(
            name, in: family, operands, integers: ["rows", "columns"] + more, reals: reals, work: .rows("rows"), writes: writes,
            inPlace: inPlace,
            cost: cost, meaning)
    }
}

extension Invocation {
    /// y[outer, inner] ← Σ over the middle axis of a.
    package static func sum(_ a: Place, to y: Place, outer: Int, middle: Int, inner: Int) -> Self {
        Self(.sum, [y, a], [outer, middle, inner])
    }

    package static func rowDot(_ a: Place, _ b: Place, factor: Double, to y: Place, rows: Int, columns: Int) -> Self {
        Self(.rowDot, [y, a, b], [rows, columns], reals: [factor])
    }

    /// One inner product, or three of them for `.similarityDots`, for each block of `Kernel.dotBlock` elements.
    package static func blocked(_ kernel: Kernel, _ a: Place, _ b: Place, to y: Place, count: Int) -> Self {
        Self(kernel, [y, a, b], [count, Kernel.dotBlock])
    }

    package static func softmax(_ a: Place, to y: Place, rows: Int, columns: Int) -> Self { Self(.softmax, [y, a], [rows, columns]) }

    package static func softmaxMasked(
        _ a: Place, limits: Place, to y: Place, rows: Int, columns: Int, queries: Int, rowsPerBatch: Int
    ) -> Self {
        Self(.softmaxMasked, [y, a, limits], [rows, columns, queries, rowsPerBatch])
    }

    package static func softmaxTangent(_ s: Place, _ v: Place, to y: Place, rows: Int, columns: Int) -> Self {
        Self(.softmaxTangent, [y, s, v], [rows, columns])
    }

    package static func crossEntropy(_ a: Place, labels: Place, to y: Place, rows: Int, columns: Int) -> Self {
        Self(.crossEntropy, [y, a, labels], [rows, columns])
    }

    package static func subtractOneHot(_ p: Place, labels: Place, to y: Place, rows: Int, columns: Int) -> Self {
        Self(.subtractOneHot, [y, p, labels], [rows, columns])
    }

    package static func norm(_ kind: NormKind, _ a: Place, epsilon: Double, to y: Place, rows: Int, columns: Int) -> Self {
        Self(.norm(kind), [y, a], [rows, columns], reals: [epsilon])
    }

    package static func normScale(_ kind: NormKind, _ a: Place, epsilon: Double, to y: Place, rows: Int, columns: Int) -> Self {
        Self(.normScale(kind), [y, a], [rows, columns], reals: [epsilon])
    }

    /// - Parameters:
    ///   - y: the normalised rows.
    ///   - n: their factors, one for each row.
    package static func normTangent(
        _ kind: NormKind, _ y: Place, _ n: Place, along v: Place, to z: Place, rows: Int, columns: Int
    ) -> Self {
        Self(.normTangent(kind), [z, y, n, v], [rows, columns])
    }
}
