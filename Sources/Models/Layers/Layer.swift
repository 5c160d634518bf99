import Graph

/// A part of a model: its parameters, declared by the same value that applies them.
protocol Layer: Sendable {
    /// In the order of the flat vector.
    var specifications: [ParameterSpecification] { get }
}

/// What a layer is called in Hugging Face folders and in GGUF files.
package struct LayerName: Hashable, Sendable {
    package var huggingFace: String
    /// Nil for layers of families that are not read from GGUF files.
    package var gguf: String?

    init(_ huggingFace: String, gguf: String? = nil) {
        self.huggingFace = huggingFace
        self.gguf = gguf
    }

    /// The name of something within this.
    func appending(_ inner: LayerName) -> LayerName {
        LayerName("\(huggingFace).\(inner.huggingFace)", gguf: inner.gguf.flatMap { inner in gguf.map { "\($0).\(inner)" } })
    }

    /// A tensor of the layer.
    /// - Parameter kind: the end of its name: `weight` or `bias`.
    func parameter(
        _ kind: String, _ shape: [Int], role: ParameterRole, start: Initialisation, interleavedHeads: Int? = nil
    ) -> ParameterSpecification {
        ParameterSpecification(
            name: "\(huggingFace).\(kind)", shape: shape, role: role, start: start,
            gguf: gguf.map { StoredPlace(name: "\($0).\(kind)", interleavedHeads: interleavedHeads) })
    }
}

/// A linear map of rows, [N, inputs] to [N, outputs], with the low-rank adapter that was made for it, if one was.
struct Linear: Layer {
    var name: LayerName
    var inputs: Int
    var outputs: Int
    var hasBias = false
    var layout = ProjectionLayout.outputsFirst
    var start: Initialisation
    /// See `StoredPlace`.
    var interleavedHeads: Int?

    private var weight: ParameterSpecification {
        let shape = layout == .outputsFirst ? [outputs, inputs] : [inputs, outputs]
        return name.parameter("weight", shape, role: .projection(layout), start: start, interleavedHeads: interleavedHeads)
    }
    private var bias: ParameterSpecification? {
        hasBias ? name.parameter("bias", [outputs], role: .vector, start: .zeros, interleavedHeads: interleavedHeads) : nil
    }
    var specifications: [ParameterSpecification] { [weight] + [bias].compactMap { $0 } }

    func callAsFunction(_ x: Node, _ weights: WeightNodes) -> Node {
        let matrix = weights[weight]
        var y = x.matmul(layout == .outputsFirst ? matrix.transposed() : matrix)
        if let (a, b, scale) = weights.adapter(name.huggingFace) {
            y = y + x.matmul(a.transposed()).scaled(by: scale).matmul(b.transposed())
        }
        if let bias { y = y + weights[bias] }
        return y
    }
}

/// A normalisation of the last axis, with weights, and a bias where the mean is taken off.
struct Norm: Layer {
    var name: LayerName
    var kind: NormKind
    var size: Int
    var epsilon: Double

    private var weight: ParameterSpecification { name.parameter("weight", [size], role: .vector, start: .ones) }
    private var bias: ParameterSpecification? {
        kind == .layer ? name.parameter("bias", [size], role: .vector, start: .zeros) : nil
    }
    var specifications: [ParameterSpecification] { [weight] + [bias].compactMap { $0 } }

    func callAsFunction(_ x: Node, _ weights: WeightNodes) -> Node {
        let y = x.normalised(kind, epsilon: epsilon) * weights[weight]
        return bias.map { y + weights[$0] } ?? y
    }
}

/// A table with a row of `width` numbers for each of its entries.
struct Embedding: Layer {
    var name: LayerName
    var entries: Int
    var width: Int
    var start: Initialisation

    var weight: ParameterSpecification { name.parameter("weight", [entries, width], role: .table, start: start) }
    var specifications: [ParameterSpecification] { [weight] }

    /// The rows of some entries, [N, width].
    func callAsFunction(_ ids: Node, _ weights: WeightNodes) -> Node { weights[weight].gather(ids) }

    /// How much states [N, width] are like each entry, [N, entries]: the table as a head.
    func logits(_ states: Node, _ weights: WeightNodes) -> Node { states.matmul(weights[weight].transposed()) }
}

/// The part of a block that looks at one token alone: down(f(gate(x)) · up(x)) (Shazeer, arXiv 2002.05202), or down(f(up(x))).
struct FeedForward: Layer {
    var gate: Linear?
    var up: Linear
    var down: Linear
    var activation: UnaryFunction

    var specifications: [ParameterSpecification] { (gate?.specifications ?? []) + up.specifications + down.specifications }

    func callAsFunction(_ x: Node, _ weights: WeightNodes) -> Node {
        guard let gate else { return down(up(x, weights).mapped(activation), weights) }
        return down(gate(x, weights).mapped(activation) * up(x, weights), weights)
    }
}
