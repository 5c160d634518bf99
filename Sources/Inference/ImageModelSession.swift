import Backends
import Data
import Graph
import Models

/// A classifier of images on a device. Used from one thread at a time.
public final class ImageModelSession: ModelSession {
    package let model: any ImageModel
    private var runners: [Int: PlanRunner] = [:]

    /// Copies a model's numbers to the device.
    /// - Throws: `ModelError.invalidRequest` for a model that classifies no images.
    public override init(_ loaded: LoadedModel, on backend: any Backend) throws {
        model = try loaded.model.vision
        try super.init(loaded, on: backend)
    }

    /// The loss of every image's class, in nats, as a function of the trainable parameters.
    public var loss: ClassificationLoss { ClassificationLoss(model, split, frozen: frozen) }

    /// What each class gets, image by image.
    /// - Returns: [images, classes].
    /// - Throws: `ModelError.invalidRequest` for images of another size than the model's.
    public func logits(_ set: LabelledImages, at positions: [Int], batchSize: Int = 64, progress: (Int) -> Void = { _ in }) throws
        -> [[Float]]
    {
        try check(set)
        let size = max(1, min(batchSize, positions.count))
        var rows: [[Float]] = []
        while rows.count < positions.count {
            let chosen = positions[rows.count..<min(rows.count + size, positions.count)]
            // The last batch is filled up with an image again, which is cheaper than another plan.
            let filled = chosen + [Int](repeating: chosen[chosen.endIndex - 1], count: size - chosen.count)
            let runner = try runner(size)
            try runner.run(["images": .real(set.batch(Array(filled)).pixels)])
            let values = try runner.read("logits"), classes = model.dimensions.classes
            rows += (0..<chosen.count).map { Array(values[$0 * classes..<($0 + 1) * classes]) }
            progress(rows.count)
        }
        return rows
    }

    /// - Throws: `ModelError.invalidRequest` for images of another size than the model's, or of more classes.
    package func check(_ set: LabelledImages) throws(ModelError) {
        guard set.shape == model.dimensions.shape else {
            throw .invalidRequest("The images are \(set.shape), but the model takes \(model.dimensions.shape) (channels, height, width).")
        }
        guard set.classes.count <= model.dimensions.classes else {
            throw .invalidRequest("The images have \(set.classes.count) classes, but the model has \(model.dimensions.classes).")
        }
    }

    private func runner(_ size: Int) throws -> PlanRunner {
        if let known = runners[size] { return known }
        let graph = ComputationGraph()
        var pass = ImagePass(WeightNodes(split, trainable: trainableInput(graph)))
        let logits = model.logits(graph.input("images", .real, [size] + model.dimensions.shape), &pass)
        let runner = try PlanRunner(Plan([("logits", logits)]), on: backend, shared: parameters)
        runners = [size: runner]
        return runner
    }
}
