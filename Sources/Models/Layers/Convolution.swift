import Graph

/// A convolution of images [N, inputs, H, W].
struct Convolution2D: Layer {
    var name: LayerName
    var inputs: Int
    var outputs: Int
    var size: Int
    var stride = 1
    var padding = 0
    var groups = 1
    var hasBias = false

    /// Begins as in He et al., arXiv 1502.01852, by the number of outputs a pixel goes to.
    var weight: ParameterSpecification {
        let deviation = (2 / Double(max(1, outputs * size * size / groups))).squareRoot()
        return name.parameter(
            "weight", [outputs, inputs / max(1, groups), size, size], role: .filters, start: .normal(deviation: deviation))
    }
    private var bias: ParameterSpecification? {
        hasBias ? name.parameter("bias", [outputs], role: .vector, start: .zeros) : nil
    }
    var specifications: [ParameterSpecification] { [weight] + [bias].compactMap { $0 } }

    func callAsFunction(_ x: Node, _ weights: WeightNodes) -> Node { convolved(x, with: weights[weight], weights) }

    /// The same with other filters in the place of its own.
    func convolved(_ x: Node, with filters: Node, _ weights: WeightNodes) -> Node {
        let y = x.convolved(with: filters, stride: stride, padding: padding, groups: groups)
        return bias.map { y + weights[$0].reshaped(to: [outputs, 1, 1]) } ?? y
    }
}

/// Batch normalisation (Ioffe & Szegedy, arXiv 1502.03167) of the channels of images.
struct BatchNorm: Layer {
    var name: LayerName
    var channels: Int
    var epsilon = 1e-5
    /// The share of a batch in what is kept.
    var momentum = 0.1

    private var weight: ParameterSpecification { name.parameter("weight", [channels], role: .vector, start: .ones) }
    private var bias: ParameterSpecification { name.parameter("bias", [channels], role: .vector, start: .zeros) }
    private var mean: ParameterSpecification { name.parameter("running_mean", [channels], role: .statistic, start: .zeros) }
    private var variance: ParameterSpecification { name.parameter("running_var", [channels], role: .statistic, start: .ones) }
    var specifications: [ParameterSpecification] { [weight, bias, mean, variance] }

    /// With the kept statistics the layer is a factor and a summand for every channel, each [channels, 1, 1].
    func affine(_ weights: WeightNodes) -> (factor: Node, summand: Node) {
        let factor = weights[weight] * weights[variance].shifted(by: epsilon).mapped(.inverseSquareRoot)
        let summand = weights[bias] - weights[mean] * factor
        return (factor.reshaped(to: [channels, 1, 1]), summand.reshaped(to: [channels, 1, 1]))
    }

    func callAsFunction(_ x: Node, _ pass: inout ImagePass) -> Node {
        guard pass.usesBatchStatistics else {
            let (factor, summand) = affine(pass.weights)
            return x * factor + summand
        }
        // Every channel is a row.
        let turned = [channels, x.shape[0]] + x.shape.suffix(2), count = x.count / channels
        let rows = x.permuted([1, 0, 2, 3]).reshaped(to: [channels, count])
        let means = rows.sum(axes: [1]).scaled(by: 1 / Double(count))
        let centred = rows - means.reshaped(to: [channels, 1])
        keep(means, in: mean, &pass)
        keep(centred.rowDot(centred, factor: 1 / Double(max(1, count - 1))), in: variance, &pass)
        let column = { (node: Node) in node.reshaped(to: [channels, 1]) }
        let y = rows.normalised(.layer, epsilon: epsilon) * column(pass.weights[weight]) + column(pass.weights[bias])
        return y.reshaped(to: turned).permuted([1, 0, 2, 3])
    }

    private func keep(_ seen: Node, in specification: ParameterSpecification, _ pass: inout ImagePass) {
        pass.keep(specification, pass.weights[specification].scaled(by: 1 - momentum) + seen.scaled(by: momentum))
    }
}

/// A convolution whose result is normalised. With kept statistics the factors are taken into the filters, which are fewer than the
/// pixels.
struct NormalisedConvolution: Layer {
    var convolution: Convolution2D
    var norm: BatchNorm

    init(_ convolution: Convolution2D, norm: LayerName) {
        self.convolution = convolution
        self.norm = BatchNorm(name: norm, channels: convolution.outputs)
    }

    var specifications: [ParameterSpecification] { convolution.specifications + norm.specifications }

    func callAsFunction(_ x: Node, _ pass: inout ImagePass) -> Node {
        guard !pass.usesBatchStatistics, !convolution.hasBias else { return norm(convolution(x, pass.weights), &pass) }
        let (factor, summand) = norm.affine(pass.weights)
        let filters = pass.weights[convolution.weight] * factor.reshaped(to: [convolution.outputs, 1, 1, 1])
        return convolution.convolved(x, with: filters, pass.weights) + summand
    }
}
