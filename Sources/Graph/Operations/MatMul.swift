/// The batched matrix product a[…, M, K] · b[…, K, N]; both inputs have the same leading axes, at most three.
///
/// Transposes and broadcast batches are views, which the kernels read by stride.
package struct MatMul: MultilinearOperation {
    package init() {}
    package var name: String { "matmul" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        try requireReal(inputs)
        let (a, b) = (inputs[0].shape, inputs[1].shape)
        guard a.count == b.count, (2...5).contains(a.count) else {
            throw ShapeProblem("takes two matrices, or two stacks of them with up to three equal leading axes")
        }
        guard a.dropLast(2) == b.dropLast(2) else { throw ShapeProblem("the leading axes differ") }
        guard a[a.count - 1] == b[b.count - 2] else {
            throw ShapeProblem("\(a[a.count - 1]) columns meet \(b[b.count - 2]) rows")
        }
        return TensorType(.real, a.dropLast() + [b[b.count - 1]])
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let (a, b) = (inputs[0], inputs[1])
        let rank = a.shape.count
        let (m, k, n) = (a.shape[rank - 2], a.shape[rank - 1], b.shape[rank - 1])
        let batches = a.shape.dropLast(2).reduce(1, *)
        var values = [Double](repeating: 0, count: batches * m * n)
        for batch in 0..<batches {
            for i in 0..<m {
                for l in 0..<k {
                    let left = a.values[(batch * m + i) * k + l]
                    for j in 0..<n { values[(batch * m + i) * n + j] += left * b.values[(batch * k + l) * n + j] }
                }
            }
        }
        return HostTensor(a.shape.dropLast() + [n], values)
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        input == 0
            ? cotangent.matmul(node.inputs[1].transposed())
            : node.inputs[0].transposed().matmul(cotangent)
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let rank = node.shape.count
        let a = lowering.matrix(node.inputs[0]), b = lowering.matrix(node.inputs[1])
        let (m, n, k) = (node.shape[rank - 2], node.shape[rank - 1], node.inputs[0].shape[rank - 1])
        let batch = [Int](repeating: 1, count: 5 - rank) + node.shape.dropLast(2)
        let pad = { (strides: [Int]) in [Int](repeating: 0, count: 5 - rank) + strides }
        let output = lowering.output(node)
        lowering.emit(
            .matmul(a.start, b.start, to: output, m: m, n: n, k: k, batch: batch, strides: (pad(a.strides), pad(b.strides))))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int {
        2 * output.count * (inputs[0].shape.last ?? 1)
    }
}
