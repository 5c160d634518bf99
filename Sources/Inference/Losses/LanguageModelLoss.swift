import Backends
import Data
import Graph
import Models

/// The cross-entropy of the answers: per example the mean over its answer tokens, prompt and padding left out.
public struct LanguageModelLoss: ExampleLoss {
    package let model: any LanguageModel
    package let split: ParameterSplit
    /// The frozen parameters on the device, where there are any.
    public let residents: [String: any Buffer]
    /// See `TokenNodes`.
    private var attentionTemperature = 1.0

    /// - Parameter frozen: the flat frozen parameters on the device; nil if everything moves.
    package init(_ model: any LanguageModel, _ split: ParameterSplit, frozen: (any Buffer)?) {
        self.model = model
        self.split = split
        residents = frozen.map { [WeightNodes.frozenName: $0] } ?? [:]
    }

    /// The number of trainable parameters.
    public var parameterCount: Int { split.trainable.count }

    /// Those of the trainable tensors.
    public var parameterRanges: [Range<Int>] { split.trainable.entries.map(\.range) }

    /// The shape that the batch is padded to.
    public func shape(of batch: TokenBatch) -> BatchShape { batch.shape }

    /// The cross-entropy of every answer token.
    ///
    /// The states that predict an answer token are gathered before the projection to the vocabulary, so that no other logits are
    /// ever computed.
    public func scores(_ parameters: Node, _ shape: BatchShape, role: String) -> ExampleScores {
        let graph = parameters.graph
        let weights = WeightNodes(split, trainable: parameters)
        let ids = graph.input("\(role).ids", .index, [shape.examples * shape.length])
        var tokens = TokenNodes(causal: ids, batch: shape.examples, length: shape.length)
        tokens.attentionTemperature = attentionTemperature
        let hidden = model.hidden(weights, tokens, cache: nil)
        return graph.part("loss") {
            let index = { (name: String) in graph.input("\(role).\(name)", .index, [shape.answers]) }
            var scores = ExampleScores(
                logits: model.logits(weights, hidden.gather(index("rows"))), labels: index("labels"),
                weights: graph.input("\(role).weights", .real, [shape.answers]), owners: index("owners"), examples: shape.examples)
            scores.states = model.states(weights, tokens, after: stateDepth).gather(index("rows"))
            return scores
        }
    }

    /// Layers below the states of `ExampleScores`: three of eight, as the sixth of 16.
    package var stateDepth: Int { max(1, model.dimensions.layers * 3 / 8) }

    /// The number of answer tokens of each example.
    public func termCounts(_ batch: TokenBatch) -> [Float] { batch.examples.map { Float($0.answerCount) } }

    /// Ids, labels and positions of a batch.
    public func inputs(_ batch: TokenBatch, role: String) -> [String: HostInput] {
        let shape = batch.shape
        var ids = [Int32](repeating: 0, count: shape.examples * shape.length)
        // Rows of padding look at the first token, have no label and weigh nothing.
        var rows = [Int32](repeating: 0, count: shape.answers)
        var labels = [Int32](repeating: -1, count: shape.answers)
        var weights = [Float](repeating: 0, count: shape.answers)
        var owners = [Int32](repeating: 0, count: shape.answers)
        var row = 0
        for (number, example) in batch.examples.enumerated() {
            let start = number * shape.length
            for (place, id) in example.ids.enumerated() { ids[start + place] = id }
            let weight = 1 / Float(max(1, example.answerCount))
            for (place, label) in example.labels.enumerated().dropFirst() where label >= 0 {
                rows[row] = Int32(start + place - 1)
                labels[row] = label
                weights[row] = weight
                owners[row] = Int32(number)
                row += 1
            }
        }
        return [
            "\(role).ids": .index(ids), "\(role).rows": .index(rows), "\(role).labels": .index(labels),
            "\(role).weights": .real(weights), "\(role).owners": .index(owners),
        ]
    }
}

extension LanguageModelLoss: AttentiveLoss {
    package func blurred(by temperature: Double) -> LanguageModelLoss {
        var other = self
        other.attentionTemperature = temperature
        return other
    }
}

extension LanguageModelLoss: ShapedLoss {
    package var tensorShapes: [[Int]] { split.trainable.entries.map(\.shape) }
    package var movesFactors: Bool { split.adapter != nil }
}
