/// Rotary position embedding of x[tokens, heads, size] (Su et al., arXiv 2104.09864), pairing channels i and i + rotary/2 as
/// Hugging Face's Llama does. The inputs are x, tables of cosines and sines [positions, rotary/2], and positions [tokens].
/// A position outside the tables leaves its token as it is.
///
/// A rotation is orthogonal: its transpose is the rotation by the opposite sign.
package struct RotaryEmbedding: MultilinearOperation {
    /// +1, or −1 for the transpose.
    package var sign: Int

    package init(sign: Int) {
        self.sign = sign
    }

    package var name: String { "rope" }
    package var isCheap: Bool { true }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        let x = inputs[0].shape, table = inputs[1].shape
        guard x.count == 3, table.count == 2, inputs[2] == inputs[1], inputs[3].shape == [x[0]], inputs[3].type == .index,
            2 * table[1] <= x[2]
        else { throw ShapeProblem("takes x [tokens, heads, size], two tables [positions, rotary/2] and positions [tokens]") }
        return inputs[0]
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let half = inputs[1].shape[1]
        return HostTensor(inputs[0].shape) { index in
            let channel = index[2]
            let position = Int(inputs[3].values[index[0]])
            guard channel < 2 * half, (0..<inputs[1].shape[0]).contains(position) else { return inputs[0][index] }
            let cosine = inputs[1][[position, channel % half]]
            let sine = Double(sign) * inputs[2][[position, channel % half]]
            let partner = inputs[0][[index[0], index[1], (channel + half) % (2 * half)]]
            return channel < half ? inputs[0][index] * cosine - partner * sine : inputs[0][index] * cosine + partner * sine
        }
    }

    package func idLimit(_ inputs: [TensorType], input: Int) -> Int? { input == 3 ? inputs[1].shape[0] : nil }

    package func isAffine(in input: Int) -> Bool { true }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        guard tangents[1] == nil, tangents[2] == nil else {
            node.derivativeFault("the tables of angles are constants")
        }
        return tangents[0].map { node.graph.node(self, [$0] + node.inputs[1...]) }
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        guard input == 0 else {
            node.derivativeFault("the tables of angles are constants")
        }
        return node.graph.node(RotaryEmbedding(sign: -sign), [cotangent] + node.inputs[1...])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let x = lowering.withUnitLastStride(node.inputs[0])
        let tables = node.inputs[1...].map { lowering.contiguous($0) }
        let output = lowering.output(node)
        let shape = node.shape
        lowering.emit(
            .rope(
                x.start, cosines: tables[0], sines: tables[1], positions: tables[2], to: output, tokens: shape[0], heads: shape[1],
                size: shape[2], rotary: 2 * node.inputs[1].shape[1], sign: sign, strides: (x.strides[0], x.strides[1]),
                places: node.inputs[1].shape[0]))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 3 * output.count }
}
