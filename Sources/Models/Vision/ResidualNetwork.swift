import Files
import Graph

/// A residual network of images (He et al., arXiv 1512.03385), with the names of torchvision and timm.
package struct ResidualNetwork: ImageModel {
    package struct Configuration: Hashable, Sendable {
        /// What stands for the network in configurations, such as resnet18.
        package var name: String
        package var dimensions: ImageDimensions
        /// Blocks of each stage.
        package var blocks: [Int]
        /// Channels of each stage, before a bottleneck's expansion.
        package var widths: [Int]
        /// Whether blocks are 1×1, 3×3, 1×1 convolutions, the last to four times the channels, instead of two of 3×3.
        package var hasBottlenecks = false
        /// Whether the network begins with a 7×7 convolution and pooling, for images of some 224 pixels, instead of a 3×3 convolution.
        package var hasLargeStem = false

        package init(name: String, dimensions: ImageDimensions, blocks: [Int], widths: [Int]) {
            (self.name, self.dimensions, self.blocks, self.widths) = (name, dimensions, blocks, widths)
        }
    }

    package let configuration: Configuration
    private let stem: NormalisedConvolution
    private let stages: [[ResidualBlock]]
    private let head: Linear

    package init(_ configuration: Configuration) {
        let c = configuration, first = c.widths.first ?? 1
        self.configuration = c
        stem = NormalisedConvolution(
            Convolution2D(
                name: LayerName("conv1"), inputs: c.dimensions.channels, outputs: first, size: c.hasLargeStem ? 7 : 3,
                stride: c.hasLargeStem ? 2 : 1, padding: c.hasLargeStem ? 3 : 1), norm: LayerName("bn1"))
        var inputs = first
        var stages: [[ResidualBlock]] = []
        for (stage, (count, width)) in zip(c.blocks, c.widths).enumerated() {
            var blocks: [ResidualBlock] = []
            for index in 0..<count {
                let block = ResidualBlock(
                    LayerName("layer\(stage + 1).\(index)"), inputs: inputs, width: width, stride: stage > 0 && index == 0 ? 2 : 1,
                    isBottleneck: c.hasBottlenecks)
                inputs = block.outputs
                blocks.append(block)
            }
            stages.append(blocks)
        }
        self.stages = stages
        head = Linear(
            name: LayerName("fc"), inputs: inputs, outputs: c.dimensions.classes, hasBias: true,
            start: .uniform(bound: 1 / Double(inputs).squareRoot()))
    }

    package var architecture: String { configuration.name }
    package var dimensions: ImageDimensions { configuration.dimensions }
    package var specifications: [ParameterSpecification] {
        stem.specifications + stages.joined().flatMap(\.specifications) + head.specifications
    }

    package var configurationFile: JSONValue {
        let c = configuration
        let arguments = JSONObject([
            ("layers", .array(c.blocks.map { .integer($0) })), ("channels", .array(c.widths.map { .integer($0) })),
            ("stem_type", .string(c.hasLargeStem ? "" : "small")),
        ])
        return c.dimensions.configurationFile(architecture: c.name, arguments: arguments)
    }

    package var storedNames: StoredNames { .images(anchor: "conv1.weight") }

    package func logits(_ images: Node, _ pass: inout ImagePass) -> Node {
        var x = stem(dimensions.standardised(images), &pass).mapped(.relu)
        if configuration.hasLargeStem { x = x.maxPooled(3, stride: 2, padding: 1) }
        for block in stages.joined() { x = block(x, &pass) }
        return head(x.meanOfPlanes(), pass.weights)
    }
}

/// Convolutions whose result is added to what they were given.
private struct ResidualBlock: Layer {
    let name: LayerName
    let outputs: Int
    private let path: [NormalisedConvolution]
    /// Nil where what was given can be added as it is.
    private let shortcut: NormalisedConvolution?

    init(_ name: LayerName, inputs: Int, width: Int, stride: Int, isBottleneck: Bool) {
        self.name = name
        outputs = isBottleneck ? 4 * width : width
        // Size, channels and stride of each.
        let plan =
            isBottleneck ? [(1, width, 1), (3, width, stride), (1, outputs, 1)] : [(3, width, stride), (3, width, 1)]
        var path: [NormalisedConvolution] = []
        var channels = inputs
        for (index, (size, width, stride)) in plan.enumerated() {
            let convolution = Convolution2D(
                name: name.appending(LayerName("conv\(index + 1)")), inputs: channels, outputs: width, size: size, stride: stride,
                padding: size / 2)
            path.append(NormalisedConvolution(convolution, norm: name.appending(LayerName("bn\(index + 1)"))))
            channels = width
        }
        self.path = path
        let down = name.appending(LayerName("downsample"))
        shortcut =
            inputs == outputs && stride == 1
            ? nil
            : NormalisedConvolution(
                Convolution2D(name: down.appending(LayerName("0")), inputs: inputs, outputs: outputs, size: 1, stride: stride),
                norm: down.appending(LayerName("1")))
    }

    var specifications: [ParameterSpecification] { path.flatMap(\.specifications) + (shortcut?.specifications ?? []) }

    func callAsFunction(_ x: Node, _ pass: inout ImagePass) -> Node {
        x.graph.part(name.huggingFace) {
            var y = x
            for (index, layer) in path.enumerated() {
                y = layer(y, &pass)
                if index < path.count - 1 { y = y.mapped(.relu) }
            }
            return (y + (shortcut.map { $0(x, &pass) } ?? x)).mapped(.relu)
        }
    }
}
