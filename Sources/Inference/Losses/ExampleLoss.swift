import Backends
import Data
import Graph
import Models

/// Data for one input of a graph.
public enum HostInput: Sendable {
    case real([Float])
    case index([Int32])

    package var type: DType {
        switch self {
        case .real: .real
        case .index: .index
        }
    }

    package var count: Int {
        switch self {
        case .real(let values): values.count
        case .index(let values): values.count
        }
    }
}

/// A loss per example as a function of one flat vector of trainable parameters: all that training and unlearning know of a model.
public protocol ExampleLoss: Sendable {
    associatedtype Batch: Sendable

    /// The length of the flat vector of trainable parameters.
    var parameterCount: Int { get }

    /// Where the tensors lie in that vector, one after the other and together all of it. Methods that treat tensor by tensor ask; by
    /// default all is one tensor.
    var parameterRanges: [Range<Int>] { get }

    /// Buffers that stay on the device, by the input name under which graphs refer to them (such as frozen parameters).
    var residents: [String: any Buffer] { get }

    /// The shape that `batch` is padded to.
    func shape(of batch: Batch) -> BatchShape

    /// The losses of every example's terms, as a function of the flat parameters.
    /// - Parameter role: prefix of the names of the graph's inputs, so that two batches can meet in one graph.
    func scores(_ parameters: Node, _ shape: BatchShape, role: String) -> ExampleScores

    /// How many terms the loss of each example is the mean of, shape [examples].
    func termCounts(_ batch: Batch) -> [Float]

    /// The data of `batch` by input name, padded to `shape(of:)`.
    func inputs(_ batch: Batch, role: String) -> [String: HostInput]
}

extension ExampleLoss {
    /// One tensor.
    public var parameterRanges: [Range<Int>] { [0..<parameterCount] }

    /// For losses whose examples have one term each.
    public func termCounts(_ batch: Batch) -> [Float] { [Float](repeating: 1, count: shape(of: batch).examples) }

    /// The loss of every example, shape [examples].
    public func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        scores(parameters, shape, role: role).losses
    }
}

/// A loss whose examples have one term each.
public protocol SingleTermLoss: ExampleLoss {
    /// The loss of every example, shape [examples], as a function of the flat parameters.
    func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node
}

extension SingleTermLoss {
    /// Every example's only term.
    public func scores(_ parameters: Node, _ shape: BatchShape, role: String) -> ExampleScores {
        ExampleScores(losses: losses(parameters, shape, role: role))
    }
}

/// A loss of a model whose tensors are known.
package protocol ShapedLoss: ExampleLoss {
    /// The shapes of the tensors that θ consists of, in its order.
    var tensorShapes: [[Int]] { get }
    /// Whether they are factors of changes to the model's tensors rather than those themselves.
    var movesFactors: Bool { get }
}

/// A loss of a model with attention.
package protocol AttentiveLoss: ExampleLoss {
    /// The same loss where attention scores are divided by a temperature: facts blur, grammar stays.
    func blurred(by temperature: Double) -> Self
}

/// A loss of a model whose layers keep something of the data that they learn from.
package protocol LearningLoss: ExampleLoss {
    /// The same loss as it is in training from the beginning: layers look at the batch, and `ExampleScores.kept` says what they keep.
    var learning: Self { get }
    /// Where that is kept on the device; nil where nothing is.
    var kept: (any Buffer)? { get }
}
