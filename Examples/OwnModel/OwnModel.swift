// Makes a classifier of one's own forget a class: all that the engine asks for is a loss per example.
import Backends
import Data
import Graph
import Inference
import Unlearning

/// Rows of features with their classes.
struct Rows: Sendable {
    var features: [[Float]]
    var classes: [Int32]
}

/// Logits x·W of a linear classifier. All of W moves: the flat parameters are its entries, row after row.
struct LinearClassifier: SingleTermLoss {
    let features = 2, classes = 3

    var parameterCount: Int { features * classes }
    var residents: [String: any Buffer] { [:] }

    func shape(of batch: Rows) -> BatchShape { BatchShape(examples: batch.classes.count) }

    /// Shape [examples], in nats. Derivatives of any order follow.
    func losses(_ parameters: Node, _ shape: BatchShape, role: String) -> Node {
        let graph = parameters.graph
        let rows = graph.input("\(role).features", .real, [shape.examples, features])
        let labels = graph.input("\(role).classes", .index, [shape.examples])
        return rows.matmul(parameters.reshaped(to: [features, classes])).crossEntropy(labels: labels)
    }

    func inputs(_ batch: Rows, role: String) -> [String: HostInput] {
        ["\(role).features": .real(batch.features.flatMap { $0 }), "\(role).classes": .index(batch.classes)]
    }
}

@main
struct OwnModel {
    /// Three clouds of points around the corners of a triangle.
    static let rows: Rows = {
        let corners: [(Float, Float)] = [(2, 0), (-1, 1.7), (-1, -1.7)]
        let points = (0..<30).map { (Int32($0 % 3), Float($0 / 3) / 10) }
        return Rows(
            features: points.map { [corners[Int($0.0)].0 + $0.1, corners[Int($0.0)].1 - $0.1] }, classes: points.map(\.0))
    }()

    static func set(_ chosen: [Int]) -> ExampleSet<Rows> {
        ExampleSet(count: chosen.count) { positions in
            let places = positions.map { chosen[$0] }
            return Rows(features: places.map { rows.features[$0] }, classes: places.map { rows.classes[$0] })
        }
    }

    static func main() throws {
        let backend = try DeviceCatalogue.backend(named: "cpu")
        let loss = LinearClassifier()
        let parameters = try backend.upload([Float](repeating: 0, count: loss.parameterCount))

        var training = TrainingSettings()
        (training.epochs, training.rate) = (40, 0.05)
        let trainer = try Trainer(loss, parameters, examples: set(Array(0..<30)), training, on: backend)
        while !trainer.isFinished { _ = try trainer.advance() }

        // Class 0 is pushed to the loss of a guess among three; the others are kept.
        var settings = UnlearningSettings()
        settings.forgetTarget = .perExample(1.1)
        let forget = (0..<30).filter { rows.classes[$0] == 0 }, retain = (0..<30).filter { rows.classes[$0] != 0 }
        let unlearner = try Unlearner(loss, parameters, forget: set(forget), retain: set(retain), settings, on: backend)
        try unlearner.run { event in
            if case .round(let record) = event {
                print("Round \(record.round + 1): forget \(record.forgetLoss ?? .nan), retain \(record.retainLoss ?? .nan)")
            }
        }
        print("Weights: \(try backend.read(parameters))")
    }
}
