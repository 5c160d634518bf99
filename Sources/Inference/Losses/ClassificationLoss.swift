import Backends
import Data
import Graph
import Models

/// The cross-entropy of every image's class. Batch norms keep to the statistics they have, so that an example's loss does not depend on
/// the others of its batch, unless the loss is `learning`.
public struct ClassificationLoss: SingleTermLoss {
    package let model: any ImageModel
    package let split: ParameterSplit
    /// The frozen parameters and the statistics that batch norms keep, on the device, where there are any.
    public let residents: [String: any Buffer]
    private var usesBatchStatistics = false

    /// - Parameter frozen: the flat frozen parameters on the device; nil if everything moves.
    package init(_ model: any ImageModel, _ split: ParameterSplit, frozen: (any Buffer)?) {
        self.model = model
        self.split = split
        residents = frozen.map { [WeightNodes.frozenName: $0] } ?? [:]
    }

    /// The number of trainable parameters.
    public var parameterCount: Int { split.trainable.count }

    /// Those of the trainable tensors.
    public var parameterRanges: [Range<Int>] { split.trainable.entries.map(\.range) }

    /// As many examples as images.
    public func shape(of batch: ImageBatch) -> BatchShape { BatchShape(examples: batch.labels.count) }

    /// The cross-entropy of every image's class, with the logits it was chosen from.
    public func scores(_ parameters: Node, _ shape: BatchShape, role: String) -> ExampleScores {
        let graph = parameters.graph
        let images = graph.input("\(role).images", .real, [shape.examples] + model.dimensions.shape)
        let labels = graph.input("\(role).labels", .index, [shape.examples])
        var pass = ImagePass(WeightNodes(split, trainable: parameters), usesBatchStatistics: usesBatchStatistics)
        let logits = model.logits(images, &pass)
        return graph.part("loss") {
            var scores = ExampleScores(losses: logits.crossEntropy(labels: labels), logits: (logits, labels: labels))
            if !pass.statistics.isEmpty { scores.kept = pass.frozen(split.frozen) }
            return scores
        }
    }

    /// The loss of every image, shape [examples].
    public func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        scores(parameters, shape, role: role).losses
    }

    /// Pixels and classes of a batch.
    public func inputs(_ batch: ImageBatch, role: String) -> [String: HostInput] {
        ["\(role).images": .real(batch.pixels), "\(role).labels": .index(batch.labels)]
    }
}

extension ClassificationLoss: ShapedLoss {
    package var tensorShapes: [[Int]] { split.trainable.entries.map(\.shape) }
    package var movesFactors: Bool { split.adapter != nil }
}

extension ClassificationLoss: LearningLoss {
    package var learning: ClassificationLoss {
        var other = self
        other.usesBatchStatistics = !split.frozen.entries.allSatisfy { $0.specification.role != .statistic }
        return other
    }

    package var kept: (any Buffer)? { usesBatchStatistics ? residents[WeightNodes.frozenName] : nil }
}
