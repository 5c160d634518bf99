/// Rows of a table [rows, columns] by ids [count]: the embedding look-up, or a choice of positions. An id outside the table gives a
/// row of zeros.
package struct GatherRows: MultilinearOperation {
    package init() {}
    package var name: String { "gather_rows" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard inputs[0].type == .real, inputs[0].shape.count == 2, inputs[1].type == .index, inputs[1].shape.count == 1 else {
            throw ShapeProblem("takes a table [rows, columns] and ids [count]")
        }
        return TensorType(.real, [inputs[1].shape[0], inputs[0].shape[1]])
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let columns = inputs[0].shape[1]
        return HostTensor(
            [inputs[1].count, columns],
            inputs[1].values.flatMap { id in
                (0..<inputs[0].shape[0]).contains(Int(id))
                    ? Array(inputs[0].values[Int(id) * columns..<(Int(id) + 1) * columns]) : [Double](repeating: 0, count: columns)
            })
    }

    package func idLimit(_ inputs: [TensorType], input: Int) -> Int? { input == 1 ? inputs[0].shape[0] : nil }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.graph.node(ScatterRows(rows: node.inputs[0].shape[0]), [cotangent, node.inputs[1]])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let table = lowering.withUnitLastStride(node.inputs[0]), ids = lowering.contiguous(node.inputs[1])
        let output = lowering.output(node)
        lowering.emit(
            .gatherRows(
                table.start, ids: ids, to: output, rows: node.shape[0], columns: node.shape[1], stride: table.strides[0],
                tableRows: node.inputs[0].shape[0]))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// A tensor [rows, columns] of zeros to which row r of the input [count, columns] is added at row ids[r]. Rows whose
/// id is outside it are left out.
package struct ScatterRows: MultilinearOperation {
    package var rows: Int

    package init(rows: Int) {
        self.rows = rows
    }

    package var name: String { "scatter_rows" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        guard inputs[0].type == .real, inputs[0].shape.count == 2, inputs[1].type == .index,
            inputs[1].shape == [inputs[0].shape[0]]
        else { throw ShapeProblem("takes rows [count, columns] and ids [count]") }
        return TensorType(.real, [rows, inputs[0].shape[1]])
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let columns = inputs[0].shape[1]
        var values = [Double](repeating: 0, count: rows * columns)
        for (row, id) in inputs[1].values.enumerated() where (0..<rows).contains(Int(id)) {
            for column in 0..<columns { values[Int(id) * columns + column] += inputs[0].values[row * columns + column] }
        }
        return HostTensor([rows, columns], values)
    }

    package func idLimit(_ inputs: [TensorType], input: Int) -> Int? { input == 1 ? rows : nil }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.graph.node(GatherRows(), [cotangent, node.inputs[1]])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let source = lowering.contiguous(node.inputs[0]), ids = lowering.contiguous(node.inputs[1])
        let output = lowering.output(node)
        lowering.emit(
            .scatterRows(source, ids: ids, to: output, rows: node.inputs[0].shape[0], columns: node.shape[1], outputRows: rows))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { inputs[0].count }
}
