import Files
import Graph

/// A classifier of images: a function that builds graphs from its parameters.
package protocol ImageModel: Model {
    var dimensions: ImageDimensions { get }

    /// What each class gets.
    /// - Parameter images: [N, channels, height, width], from 0 to 1; the model itself takes off means and divides by deviations.
    /// - Returns: [N, classes].
    func logits(_ images: Node, _ pass: inout ImagePass) -> Node
}

extension Model {
    /// The same, where it is a classifier of images.
    package var vision: any ImageModel {
        get throws(ModelError) {
            guard let model = self as? any ImageModel else {
                throw .invalidRequest("A model of the kind \"\(architecture)\" classifies no images.")
            }
            return model
        }
    }
}

/// The sizes of a classifier of images, and what its numbers mean.
package struct ImageDimensions: Hashable, Sendable {
    package var channels: Int
    package var height: Int
    package var width: Int
    package var classes: Int
    /// Of each channel, on images from 0 to 1.
    package var means: [Double]
    /// Of each channel, on images from 0 to 1.
    package var deviations: [Double]

    package init(channels: Int, height: Int, width: Int, classes: Int, means: [Double]? = nil, deviations: [Double]? = nil) {
        (self.channels, self.height, self.width, self.classes) = (channels, height, width, classes)
        self.means = means ?? [Double](repeating: 0, count: channels)
        self.deviations = deviations ?? [Double](repeating: 1, count: channels)
    }

    /// [channels, height, width]
    package var shape: [Int] { [channels, height, width] }

    /// Images [N, channels, height, width] as layers see them.
    func standardised(_ images: Node) -> Node {
        let column = { (values: [Double]) in images.graph.constant([channels, 1, 1], values) }
        return (images - column(means)) * column(deviations.map { 1 / $0 })
    }
}

/// How a classifier of images is computed, and what it says beside its logits.
package struct ImagePass {
    package let weights: WeightNodes
    /// Whether batch norms use the statistics of the batch, as in training from the beginning, or those that they keep.
    package let usesBatchStatistics: Bool
    /// What batch norms are to keep after this batch, in the order of the model's parameters.
    package private(set) var statistics: [(specification: ParameterSpecification, value: Node)] = []

    package init(_ weights: WeightNodes, usesBatchStatistics: Bool = false) {
        self.weights = weights
        self.usesBatchStatistics = usesBatchStatistics
    }

    mutating func keep(_ specification: ParameterSpecification, _ value: Node) { statistics.append((specification, value)) }

    /// The frozen vector with what batch norms are to keep in its place.
    package func frozen(_ layout: ParameterLayout) -> Node {
        let changed = Dictionary(statistics.map { ($0.specification.name, $0.value) }) { $1 }
        let parts = layout.entries.map { entry in
            ([entry.offset], (changed[entry.name] ?? weights[entry.specification]).reshaped(to: [entry.count]))
        }
        return weights.graph.assemble(parts, shape: [layout.count])
    }
}
