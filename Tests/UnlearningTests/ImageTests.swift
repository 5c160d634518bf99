import Backends
import Data
import Files
import Inference
import Models
import TestSupport
import Testing
import Unlearning

/// A small residual network on drawn shapes.
private struct ShapeProblem {
    let shapes: LabelledImages
    let backend = CPUBackend()

    init() {
        var drawn = DrawnShapes()
        (drawn.side, drawn.imagesPerClass) = (12, 12)
        shapes = drawn.images(seed: 3)
    }

    func session(seed: UInt64 = 1) throws -> ImageModelSession {
        let dimensions = ImageDimensions(channels: 1, height: 12, width: 12, classes: 8, means: [0.3], deviations: [0.3])
        let sizes = ResidualNetwork.Configuration(name: "resnet20", dimensions: dimensions, blocks: [1, 1], widths: [8, 16])
        return try ImageModelSession(LoadedModel(initialising: ResidualNetwork(sizes), seed: seed), on: backend)
    }

    func trainer(_ session: ImageModelSession, epochs: Int = 40) throws -> Trainer<ClassificationLoss> {
        var settings = TrainingSettings()
        (settings.epochs, settings.batch, settings.rate) = (epochs, 16, 1e-2)
        return try Trainer(session.loss, session.trainable, examples: shapes.subset(Array(0..<shapes.count)), settings, on: backend)
    }

    func trained(_ session: ImageModelSession) throws {
        let trainer = try trainer(session)
        while !trainer.isFinished { _ = try trainer.advance() }
    }

    /// The share of images whose class gets most.
    func accuracy(_ session: ImageModelSession, _ positions: [Int]) throws -> Double {
        let rows = try session.logits(shapes, at: positions, batchSize: 20)
        let right = zip(positions, rows).count { position, row in row.indices.max { row[$0] < row[$1] } == Int(shapes.labels[position]) }
        return Double(right) / Double(positions.count)
    }
}

@Suite("Classifiers of images are trained and forget")
struct ImageTests {
    private let problem = ShapeProblem()

    @Test("equal seeds draw equal shapes, of every class as many")
    func drawing() {
        var drawn = DrawnShapes()
        drawn.imagesPerClass = 3
        let set = drawn.images(seed: 1)
        #expect(set == drawn.images(seed: 1) && set != drawn.images(seed: 2))
        #expect(set.count == 24 && set.classes.count == 8)
        #expect((0..<8).allSatisfy { label in set.labels.count { $0 == label } == 3 })
    }

    @Test("training with the batch's statistics leaves a model that knows its images by the kept ones")
    func training() throws {
        let session = try problem.session()
        let before = try #require(try session.frozen.map(problem.backend.read))
        try problem.trained(session)
        let after = try #require(try session.frozen.map(problem.backend.read))
        #expect(before != after && after.allSatisfy(\.isFinite))
        #expect(try problem.accuracy(session, Array(0..<problem.shapes.count)) >= 0.95)
    }

    @Test("a training that was saved and goes on ends with the same bytes, statistics too")
    func resuming() throws {
        let (whole, parted, rest) = (try problem.session(), try problem.session(), try problem.session(seed: 2))
        let trainer = try problem.trainer(whole, epochs: 2)
        while !trainer.isFinished { _ = try trainer.advance() }
        try withTemporaryFolder { folder in
            let path = joinPath(folder, "checkpoint")
            let first = try problem.trainer(parted, epochs: 2)
            for _ in 0..<5 { _ = try first.advance() }
            try first.save(to: path, identity: "images")
            let second = try problem.trainer(rest, epochs: 2)
            try second.resume(from: path, identity: "images")
            while !second.isFinished { _ = try second.advance() }
        }
        #expect(try problem.backend.read(whole.trainable) == problem.backend.read(rest.trainable))
        let (kept, restored) = (try #require(whole.frozen), try #require(rest.frozen))
        #expect(try problem.backend.read(kept) == problem.backend.read(restored))
    }

    @Test("a class is forgotten by OFMU, the others are kept, and so are the statistics", arguments: ["ofmu", "grad-diff"])
    func forgetting(method: String) throws {
        let session = try problem.session()
        try problem.trained(session)
        let statistics = try session.frozen.map(problem.backend.read)
        let (forget, retain) = try ForgetSelection("class:ring").split(problem.shapes, seed: 0)
        #expect(try problem.accuracy(session, forget) >= 0.9)
        var settings = UnlearningSettings()
        try settings.set(["method": method, "forget-target": "2", "inner-step": "adamw:1e-3", "outer-step": "adamw:1e-3"])
        (settings.rounds, settings.forgetBatch, settings.retainBatch) = (12, 12, 32)
        let unlearner = try Unlearner(
            session.loss, session.trainable, forget: problem.shapes.subset(forget), retain: problem.shapes.subset(retain), settings,
            on: problem.backend)
        try unlearner.run()
        #expect(try problem.accuracy(session, forget) <= 0.25)
        #expect(try problem.accuracy(session, retain) >= 0.9)
        #expect(try session.frozen.map(problem.backend.read) == statistics)
    }

    @Test("images of another size and of more classes are refused")
    func refusals() throws {
        let session = try problem.session()
        var drawn = DrawnShapes()
        (drawn.side, drawn.imagesPerClass) = (10, 1)
        let error = #expect(throws: ModelError.self) { try session.logits(drawn.images(seed: 1), at: [0]) }
        #expect(error.map { "\($0)" }?.contains("The images are [1, 10, 10], but the model takes [1, 12, 12]") == true)
    }
}
