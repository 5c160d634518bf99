import Backends
import Data
import Graph
import Inference
import Models
import TestSupport

/// Rows of numbers with a class each.
struct LabelledBatch: Sendable {
    var features: [[Float]]
    var labels: [Int32]
}

/// A model of labelled rows: what the tiny classifiers below share.
protocol Classifier: SingleTermLoss where Batch == LabelledBatch {
    var featureCount: Int { get }
    func logits(_ parameters: inout ParameterReader, _ features: Node) -> Node
}

extension Classifier {
    var residents: [String: any Buffer] { [:] }

    func shape(of batch: LabelledBatch) -> BatchShape { BatchShape(examples: batch.labels.count) }

    func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        let features = parameters.graph.input("\(role).features", .real, [shape.examples, featureCount])
        let labels = parameters.graph.input("\(role).labels", .index, [shape.examples])
        var reader = ParameterReader(parameters)
        return logits(&reader, features).crossEntropy(labels: labels)
    }

    func scores(_ parameters: Node, _ shape: BatchShape, role: String) -> ExampleScores {
        let features = parameters.graph.input("\(role).features", .real, [shape.examples, featureCount])
        let labels = parameters.graph.input("\(role).labels", .index, [shape.examples])
        var reader = ParameterReader(parameters)
        var scores = ExampleScores(losses: losses(parameters, shape, role: role), logits: (logits(&reader, features), labels: labels))
        // Not in their midst, but states that all of them have.
        scores.states = scores.choices?.logits
        return scores
    }

    func inputs(_ batch: LabelledBatch, role: String) -> [String: HostInput] {
        ["\(role).features": .real(batch.features.flatMap { $0 }), "\(role).labels": .index(batch.labels)]
    }
}

/// Hands out the pieces of a flat vector one after the other.
struct ParameterReader {
    let vector: Node
    private var offset = 0

    init(_ vector: Node) { self.vector = vector }

    mutating func next(_ shape: [Int]) -> Node {
        let count = shape.reduce(1, *)
        defer { offset += count }
        return vector.slice(at: [offset], shape: [count]).reshaped(to: shape)
    }
}

/// One hidden layer with GELU.
struct Perceptron: Classifier {
    var featureCount = 6, width = 8, classes = 4
    /// What logits are divided by.
    var temperature = 1.0

    var parameterCount: Int { width * (featureCount + 1) + classes * (width + 1) }

    var parameterRanges: [Range<Int>] {
        var end = 0
        return [featureCount * width, width, width * classes, classes].map { count in
            defer { end += count }
            return end..<end + count
        }
    }

    func logits(_ parameters: inout ParameterReader, _ features: Node) -> Node {
        let hidden = (features.matmul(parameters.next([featureCount, width])) + parameters.next([width]))
            .mapped(.gelu(order: 0))
        return (hidden.matmul(parameters.next([width, classes])) + parameters.next([classes])).scaled(by: 1 / temperature)
    }
}

/// It has no attention; this stands for it.
extension Perceptron: AttentiveLoss {
    func blurred(by temperature: Double) -> Perceptron { Perceptron(temperature: temperature) }
}

extension Perceptron: ShapedLoss {
    var tensorShapes: [[Int]] { [[featureCount, width], [width], [width, classes], [classes]] }
    var movesFactors: Bool { false }
}

/// Two convolutions with batch norm in evaluation mode, average pooling and a linear head.
struct ConvolutionalNet: Classifier {
    let side = 6, channels = 3, classes = 4

    var featureCount: Int { 2 * side * side }
    var parameterCount: Int { 9 * 2 * channels + 2 * channels + 9 * channels * channels + 2 * channels + (channels + 1) * classes }

    func logits(_ parameters: inout ParameterReader, _ features: Node) -> Node {
        let batch = features.shape[0]
        var x = features.reshaped(to: [batch, 2, side, side])
        x = norm(x.convolved(with: parameters.next([channels, 2, 3, 3]), padding: 1), &parameters, seed: 1).mapped(.silu(order: 0))
        x = norm(x.convolved(with: parameters.next([channels, channels, 3, 3]), stride: 2, padding: 1), &parameters, seed: 2)
            .mapped(.tanh)
        let places = x.shape[2] * x.shape[3]
        let pooled = x.reshaped(to: [batch, channels, places]).sum(axes: [2]).scaled(by: 1 / Double(places))
        return pooled.matmul(parameters.next([channels, classes])) + parameters.next([classes])
    }

    /// γ·(x − mean)/√(variance + ε) + δ with fixed statistics.
    private func norm(_ x: Node, _ parameters: inout ParameterReader, seed: UInt64) -> Node {
        var random = SplitMix(seed)
        let means = random.tensor([channels], in: -0.5...0.5).values
        let variances = random.tensor([channels], in: 0.3...1.5).values
        let column = { (values: [Double]) in x.graph.constant([channels, 1, 1], values) }
        let standard = (x - column(means)) * column(variances.map { 1 / ($0 + 1e-5).squareRoot() })
        return standard * parameters.next([channels, 1, 1]) + parameters.next([channels, 1, 1])
    }
}

/// Logistic regression with ridge/2·‖θ‖² in every example's loss: strictly convex.
struct RidgeRegression: Classifier {
    var featureCount: Int
    var classes = 2
    var ridge: Double

    var parameterCount: Int { featureCount * classes }

    func logits(_ parameters: inout ParameterReader, _ features: Node) -> Node {
        features.matmul(parameters.next([featureCount, classes]))
    }

    func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        let features = parameters.graph.input("\(role).features", .real, [shape.examples, featureCount])
        let labels = parameters.graph.input("\(role).labels", .index, [shape.examples])
        // The penalty touches the weights of features that the role's data use, so that the others stay free.
        let mask = parameters.graph.input("\(role).mask", .real, [parameterCount])
        var reader = ParameterReader(parameters)
        let penalty = (parameters * mask).dot(parameters).scaled(by: ridge / 2)
        return logits(&reader, features).crossEntropy(labels: labels) + penalty.broadcast(to: [shape.examples])
    }

    func inputs(_ batch: LabelledBatch, role: String) -> [String: HostInput] {
        let used = (0..<featureCount).map { column in batch.features.contains { $0[column] != 0 } ? Float(1) : 0 }
        return [
            "\(role).features": .real(batch.features.flatMap { $0 }), "\(role).labels": .index(batch.labels),
            "\(role).mask": .real(used.flatMap { [Float](repeating: $0, count: classes) }),
        ]
    }
}

/// ½(θ − c)ᵀM(θ − c).
struct Quadratic: SingleTermLoss {
    struct Batch: Sendable {
        var matrix: [[Double]]
        var centre: [Double]
    }

    var parameterCount: Int
    var residents: [String: any Buffer] { [:] }

    func shape(of batch: Batch) -> BatchShape { BatchShape(examples: 1) }

    func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        let n = parameterCount
        let matrix = parameters.graph.input("\(role).matrix", .real, [n, n])
        let distance = parameters - parameters.graph.input("\(role).centre", .real, [n])
        let image = distance.reshaped(to: [1, n]).matmul(matrix).reshaped(to: [n])
        return distance.dot(image).scaled(by: 0.5).reshaped(to: [1])
    }

    func inputs(_ batch: Batch, role: String) -> [String: HostInput] {
        ["\(role).matrix": .real(batch.matrix.flatMap { $0.map(Float.init) }), "\(role).centre": .real(batch.centre.map(Float.init))]
    }
}

/// Another loss times a factor for each role.
struct Scaled<Inner: ExampleLoss>: SingleTermLoss {
    var inner: Inner
    var forget = 1.0, retain = 1.0

    var parameterCount: Int { inner.parameterCount }
    var residents: [String: any Buffer] { inner.residents }
    func shape(of batch: Inner.Batch) -> BatchShape { inner.shape(of: batch) }
    func inputs(_ batch: Inner.Batch, role: String) -> [String: HostInput] { inner.inputs(batch, role: role) }

    func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        inner.losses(parameters, shape, role: role).scaled(by: role == "forget" ? forget : retain)
    }
}

/// A loss that is ln(limit − θ₀): not a number once θ₀ passes the limit.
struct Cliff: SingleTermLoss {
    var limit = 1.0
    var parameterCount: Int { 3 }
    var residents: [String: any Buffer] { [:] }
    func shape(of batch: Int) -> BatchShape { BatchShape(examples: 1) }
    func inputs(_ batch: Int, role: String) -> [String: HostInput] { [:] }

    func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        if role == "retain" { return parameters.dot(parameters).scaled(by: 0.5).reshaped(to: [1]) }
        let room = parameters.element(0).scaled(by: -1).shifted(by: limit)
        return room.mapped(.logarithm).scaled(by: -1).reshaped(to: [1])
    }
}
