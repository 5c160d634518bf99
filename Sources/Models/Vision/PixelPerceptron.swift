import Files
import Graph

/// Linear maps of all pixels, with ReLU between them.
package struct PixelPerceptron: ImageModel {
    package struct Configuration: Hashable, Sendable {
        package var dimensions: ImageDimensions
        /// Between pixels and classes.
        package var widths: [Int]

        package init(dimensions: ImageDimensions, widths: [Int]) { (self.dimensions, self.widths) = (dimensions, widths) }
    }

    package let configuration: Configuration
    private let layers: [Linear]

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        let sizes = [configuration.dimensions.shape.reduce(1, *)] + configuration.widths + [configuration.dimensions.classes]
        layers = zip(sizes, sizes.dropFirst()).enumerated().map { number, size in
            Linear(
                name: LayerName("layers.\(number)"), inputs: size.0, outputs: size.1, hasBias: true,
                start: .normal(deviation: (2 / Double(size.0)).squareRoot()))
        }
    }

    package var architecture: String { "mlp" }
    package var dimensions: ImageDimensions { configuration.dimensions }
    package var specifications: [ParameterSpecification] { layers.flatMap(\.specifications) }
    package var storedNames: StoredNames { .images(anchor: "layers.0.weight") }

    package var configurationFile: JSONValue {
        let arguments = JSONObject([("hidden_sizes", .array(configuration.widths.map { .integer($0) }))])
        return dimensions.configurationFile(architecture: architecture, arguments: arguments)
    }

    package func logits(_ images: Node, _ pass: inout ImagePass) -> Node {
        var x = dimensions.standardised(images).reshaped(to: [images.shape[0], dimensions.shape.reduce(1, *)])
        for (number, layer) in layers.enumerated() {
            x = layer(number == 0 ? x : x.mapped(.relu), pass.weights)
        }
        return x
    }
}
