/// Where each kernel of the contract lives and how its work is counted.
package struct KernelTable {
    enum Work {
        /// Items over n[0] elements.
        case flat
        /// Items over rows of columns; see `WALK` in the prelude.
        case walk(rows: @Sendable ([Int]) -> Int, columns: @Sendable ([Int]) -> Int)
        /// As `walk`, over the layout in n[1...6], which is simplified first; the operands' strides follow from n[7] on.
        case strided(operands: Int)
        /// A group over each row.
        case rows(@Sendable ([Int]) -> Int)
        /// Laid out by hand in `LaunchPlanner`.
        case sum, scatter, matmul
    }

    struct Entry {
        var file: String
        var operands: Int
        var integers: Int
        var work: Work
    }

    static func entry(_ kernel: String) -> Entry? { entries[kernel] }

    /// The kernels' names, for tests that compare the table with the contract.
    package static var names: [String] { entries.keys.sorted() }

    private static let entries: [String: Entry] = {
        var table: [String: Entry] = [:]
        func add(_ file: String, _ names: [String], operands: Int, integers: Int, _ work: Work) {
            for name in names { table[name] = Entry(file: file, operands: operands, integers: integers, work: work) }
        }
        let leadingRows = Work.rows { $0[0] }
        let blocks = Work.rows { ($0[0] + $0[1] - 1) / max($0[1], 1) }

        add("elementwise", ["fill"], operands: 1, integers: 1, .flat)
        add(
            "elementwise",
            [
                "scale", "shift", "exp", "log", "sqrt", "rsqrt", "sigmoid", "tanh", "reciprocal", "silu_0", "silu_1",
                "silu_2", "silu_3", "gelu_0", "gelu_1", "gelu_2", "gelu_3",
            ], operands: 2, integers: 1, .flat)
        add("elementwise", ["copy", "place"], operands: 2, integers: 13, .strided(operands: 1))
        add(
            "elementwise", ["add", "subtract", "multiply", "divide", "minimum", "less"], operands: 3, integers: 19,
            .strided(operands: 2))
        add("reduction", ["sum"], operands: 2, integers: 3, .sum)
        add("reduction", ["row_dot"], operands: 3, integers: 2, leadingRows)
        add("reduction", ["dot_blocks"], operands: 3, integers: 2, blocks)
        add("softmax", ["softmax"], operands: 2, integers: 2, leadingRows)
        add("softmax", ["softmax_masked"], operands: 3, integers: 4, leadingRows)
        add("softmax", ["softmax_tangent"], operands: 3, integers: 2, leadingRows)
        add("crossentropy", ["cross_entropy"], operands: 3, integers: 2, leadingRows)
        add(
            "crossentropy", ["subtract_one_hot"], operands: 3, integers: 2,
            .walk(rows: { $0[0] }, columns: { $0[1] }))
        add(
            "normalisation", ["rms_norm", "rms_scale", "layer_norm", "layer_scale"], operands: 2, integers: 2,
            leadingRows)
        add("normalisation", ["rms_tangent", "layer_tangent"], operands: 4, integers: 2, leadingRows)
        add(
            "rope", ["rope"], operands: 5, integers: 8,
            .walk(rows: { $0[0] * $0[1] }, columns: { $0[2] - $0[3] / 2 }))
        add("indexing", ["gather_rows"], operands: 3, integers: 4, .walk(rows: { $0[0] }, columns: { $0[1] }))
        add("indexing", ["scatter_rows"], operands: 3, integers: 4, .scatter)
        add(
            "indexing", ["unfold"], operands: 2, integers: 12,
            .walk(rows: { $0[0] * $0[1] * $0[4] * $0[5] * $0[10] }, columns: { $0[11] }))
        add(
            "indexing", ["fold"], operands: 2, integers: 12,
            .walk(rows: { $0[0] * $0[1] * $0[2] }, columns: { $0[3] }))
        add("similarity", ["similarity_dots"], operands: 3, integers: 2, blocks)
        add("similarity", ["similarity_directions"], operands: 4, integers: 1, .flat)
        add("similarity", ["combine"], operands: 5, integers: 1, .flat)
        add("optimiser", ["axpy"], operands: 2, integers: 1, .flat)
        add("optimiser", ["adamw"], operands: 4, integers: 1, .flat)
        add("matmul", ["matmul"], operands: 3, integers: 17, .matmul)
        return table
    }()
}
