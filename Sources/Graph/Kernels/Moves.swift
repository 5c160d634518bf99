// Kernels that move values by index, and the matrix product.

extension Kernel {
    static let moves: [Kernel] = [rope, gatherRows, scatterRows, matmul]

    package static let rope = Kernel(
        "rope", in: "rope", ["y", "a", "cos", "sin", .ids("positions")],
        integers: ["tokens", "heads", "head size", "rotary size", "sign", "token stride of a", "head stride of a", "positions"],
        work: .walk(rows: ["tokens", "heads"], columns: "head size"), cost: 0.5,
        "rotates pairs (i, i + rotary/2) by sign·angle; cos and sin are tables [positions, rotary/2]; channels beyond the rotary size "
            + "are copied, and so are tokens whose position is outside the tables; y is [tokens, heads, head size]")
    package static let gatherRows = Kernel(
        "gather_rows", in: "indexing", ["y", "table", .ids("ids")], integers: ["rows", "columns", "row stride of table", "rows of table"],
        work: .walk(rows: ["rows"], columns: "columns"), "y[r,·] = table[ids r,·], and 0 for an id outside the table")
    package static let scatterRows = Kernel(
        "scatter_rows", in: "indexing", ["y", "a", .ids("ids")], integers: ["rows of a", "columns", "rows of y", "accumulate"],
        work: .walk(rows: ["rows of y"], columns: "columns"), accumulates: "accumulate", cost: Price(0, 0.2, times: "rows of a"),
        "y[v,·] (+)= Σ over r with ids r = v of a[r,·]; ids outside y are left out; without accumulate y is zeroed first; each backend "
            + "divides it by itself")
    package static let matmul = Kernel(
        "matmul", in: "matmul", ["y", "a", "b"],
        integers: [
            "M", "N", "K", Field("batch", count: 3), Field("strides of a", count: 5), Field("strides of b", count: 5), "accumulate",
        ],
        work: .matmul, accumulates: "accumulate", cost: Price(200, 2.0 / 90, times: "M", "N", "K"),
        "y[batch, M, N] (+)= a·b, y contiguous; strides are those of the batch axes, of rows and of columns")
}

extension Invocation {
    /// The tables are [positions, rotary/2]; a moves by `strides` from token to token and from head to head.
    package static func rope(
        _ a: Place, cosines: Place, sines: Place, positions: Place, to y: Place, tokens: Int, heads: Int, size: Int, rotary: Int,
        sign: Int, strides: (token: Int, head: Int), places: Int
    ) -> Self {
        Self(.rope, [y, a, cosines, sines, positions], [tokens, heads, size, rotary, sign, strides.token, strides.head, places])
    }

    package static func gatherRows(
        _ table: Place, ids: Place, to y: Place, rows: Int, columns: Int, stride: Int, tableRows: Int
    ) -> Self {
        Self(.gatherRows, [y, table, ids], [rows, columns, stride, tableRows])
    }

    /// Clears y first.
    package static func scatterRows(_ a: Place, ids: Place, to y: Place, rows: Int, columns: Int, outputRows: Int) -> Self {
        Self(.scatterRows, [y, a, ids], [rows, columns, outputRows, 0])
    }

    /// y ← a·b for a batch over three axes.
    /// - Parameter strides: of a and of b: three batch axes, rows, columns.
    package static func matmul(
        _ a: Place, _ b: Place, to y: Place, m: Int, n: Int, k: Int, batch: [Int] = [1, 1, 1], strides: ([Int], [Int])
    ) -> Self {
        Self(.matmul, [y, a, b], [m, n, k] + batch + strides.0 + strides.1 + [0])
    }
}
