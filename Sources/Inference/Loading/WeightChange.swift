import Files
import Models

/// How far a training or a run moved a model's weights, adapters merged: nobody should take a model for changed that is not.
public struct WeightChange: Hashable, Sendable {
    /// How the weights are written: what is lost in that has not moved.
    package let precision: ModelExporter.Precision
    /// Weights that are written otherwise than they would have been before, of all.
    package private(set) var moved = 0
    package private(set) var count = 0
    private var square = 0.0
    private var originalSquare = 0.0

    /// ‖θ′ − θ‖, before any rounding.
    package var norm: Double { square.squareRoot() }
    /// ‖θ′ − θ‖ / ‖θ‖; zero for a model of zeros.
    package var relative: Double { originalSquare > 0 ? (square / originalSquare).squareRoot() : 0 }
    package var isNone: Bool { moved == 0 }

    /// - Parameter before: the same model at an earlier time.
    package init(of model: LoadedModel, since before: LoadedModel, writtenAs precision: ModelExporter.Precision) {
        self.precision = precision
        for specification in model.model.specifications { add(before.merged(specification), model.merged(specification)) }
    }

    /// Compares a model with the files it came from, one tensor in memory at a time.
    /// - Returns: nil if it came from none.
    package init?(sinceLoading model: LoadedModel, writtenAs precision: ModelExporter.Precision) throws {
        guard let source = model.source else { return nil }
        self.precision = precision
        let names = try TensorNames(model.model, source)
        for specification in model.model.specifications {
            add(try ModelLoader.read(ParameterLayout([specification]), names, source.weights), model.merged(specification))
        }
    }

    private mutating func add(_ before: [Float], _ after: [Float]) {
        let type = precision.storedType
        count += after.count
        moved += zip(type.rounded(before), type.rounded(after)).count { $0 != $1 }
        for (old, new) in zip(before, after) {
            let difference = Double(new) - Double(old)
            square += difference * difference
            originalSquare += Double(old) * Double(old)
        }
    }
}
