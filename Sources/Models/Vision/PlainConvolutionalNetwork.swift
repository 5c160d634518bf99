import Files
import Graph

/// Convolutions of 3×3 with batch norm in stages, each but the last halved by max pooling, and one linear map of the means: VGG
/// (Simonyan & Zisserman, arXiv 1409.1556) as it is used on small images. Convolutions are called as in torchvision.
package struct PlainConvolutionalNetwork: ImageModel {
    package struct Configuration: Hashable, Sendable {
        /// What stands for the network in configurations, such as vgg16_bn.
        package var name: String
        package var dimensions: ImageDimensions
        /// The channels of every convolution, by stage.
        package var stages: [[Int]]

        package init(name: String, dimensions: ImageDimensions, stages: [[Int]]) {
            (self.name, self.dimensions, self.stages) = (name, dimensions, stages)
        }
    }

    package let configuration: Configuration
    private let stages: [[NormalisedConvolution]]
    private let head: Linear

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        var inputs = configuration.dimensions.channels
        // Convolution, norm and activation have a number each, and so has the pooling after a stage.
        var number = 0
        var stages: [[NormalisedConvolution]] = []
        for widths in configuration.stages {
            var stage: [NormalisedConvolution] = []
            for width in widths {
                stage.append(
                    NormalisedConvolution(
                        Convolution2D(
                            name: LayerName("features.\(number)"), inputs: inputs, outputs: width, size: 3, padding: 1, hasBias: true),
                        norm: LayerName("features.\(number + 1)")))
                number += 3
                inputs = width
            }
            stages.append(stage)
            number += 1
        }
        self.stages = stages
        head = Linear(
            name: LayerName("classifier"), inputs: inputs, outputs: configuration.dimensions.classes, hasBias: true,
            start: .normal(deviation: 0.01))
    }

    package var architecture: String { configuration.name }
    package var dimensions: ImageDimensions { configuration.dimensions }
    package var specifications: [ParameterSpecification] { stages.joined().flatMap(\.specifications) + head.specifications }
    package var storedNames: StoredNames { .images(anchor: "features.0.weight") }

    package var configurationFile: JSONValue {
        let stages = configuration.stages.map { JSONValue.array($0.map { .integer($0) }) }
        return dimensions.configurationFile(architecture: configuration.name, arguments: JSONObject([("stages", .array(stages))]))
    }

    package func logits(_ images: Node, _ pass: inout ImagePass) -> Node {
        var x = dimensions.standardised(images)
        for (number, stage) in stages.enumerated() {
            if number > 0 { x = x.maxPooled(2) }
            for layer in stage { x = layer(x, &pass).mapped(.relu) }
        }
        return head(x.meanOfPlanes(), pass.weights)
    }
}
