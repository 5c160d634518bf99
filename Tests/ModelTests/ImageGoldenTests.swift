import Backends
import Data
import Files
import Graph
import Inference
import Models
import Testing

/// A tiny classifier of images with what PyTorch computes for it in float64 (Fixtures/images/generate.py).
private struct ImageGolden {
    static let folder = "\(Golden.folder)/images"
    static let names = ((try? FileSystem.list(folder)) ?? []).filter { FileSystem.isFile("\(folder)/\($0)/golden.safetensors") }.sorted()

    let loaded: LoadedModel
    let model: any ImageModel
    let values: SafetensorsFile
    let batch: ImageBatch

    init(_ name: String) throws {
        loaded = try ModelLoader.load(path: "\(Self.folder)/\(name)")
        model = try loaded.model.vision
        values = try SafetensorsFile(path: "\(Self.folder)/\(name)/golden.safetensors")
        batch = ImageBatch(pixels: try values.read("images"), labels: [0, 1, 2])
    }

    func real(_ name: String) throws -> [Double] { try values.read(name).map(Double.init) }

    /// Logits, the mean loss, its gradient and a Hessian-vector product; with batch norms also logits and statistics of the batch.
    var plan: Plan {
        let graph = ComputationGraph()
        let theta = graph.input(WeightNodes.trainableName, .real, [loaded.trainable.count])
        let loss = ClassificationLoss(model, loaded.split, frozen: nil)
        let scores = loss.scores(theta, loss.shape(of: batch), role: "b")
        let value = scores.losses.sum().scaled(by: 1 / 3)
        let slope = gradient(of: value, theta)
        let product = hessianVectorProduct(slope, theta, graph.input("u", .real, theta.shape))
        var outputs = [("loss", value), ("grad", slope), ("hvp", product)]
        if let choices = scores.choices { outputs.append(("logits", choices.logits)) }
        if !loaded.frozen.isEmpty {
            var pass = ImagePass(WeightNodes(loaded.split, trainable: theta), usesBatchStatistics: true)
            outputs.append(("batch/logits", model.logits(graph.input("b.images", .real, [3] + model.dimensions.shape), &pass)))
            outputs += pass.statistics.map { ("batch/\($0.specification.name)", $0.value) }
        }
        return Plan(outputs)
    }

    func inputs() throws -> [String: HostTensor] {
        let tensor = { (values: [Double]) in HostTensor([values.count], values) }
        var result = [
            "theta": tensor(loaded.trainable.map(Double.init)), "b.images": tensor(batch.pixels.map(Double.init)),
            "b.labels": tensor([0, 1, 2]), "u": tensor(try loaded.split.trainable.entries.flatMap { try real("u/\($0.name)") }),
        ]
        if !loaded.frozen.isEmpty { result["frozen"] = tensor(loaded.frozen.map(Double.init)) }
        return result
    }

    func check(_ results: [String: [Double]], logits: Double, derivatives: Double) throws {
        for (name, found) in results where !["grad", "hvp"].contains(name) {
            #expect(try relativeError(found, real(name)) <= logits, "\(name)")
        }
        // A convolution's bias before a norm of the batch, and keys' biases under a softmax, change nothing: nothing is compared there.
        for kind in ["grad", "hvp"] {
            let flat = try #require(results[kind])
            for entry in loaded.split.trainable.entries {
                let expected = try real("\(kind)/\(entry.name)")
                #expect(relativeError(Array(flat[entry.range]), expected) <= derivatives, "\(kind)/\(entry.name)")
            }
        }
    }
}

@Suite("Classifiers of images agree with PyTorch")
struct ImageGoldenTests {
    @Test("every kind of network among them")
    func kinds() throws {
        let kinds = Set(try ImageGolden.names.map { "\(type(of: try ImageGolden($0).model))" })
        let all = Set(
            try ImageFamily.all.map { "\(type(of: try $0.model(ImageDimensions(channels: 3, height: 32, width: 32, classes: 10))))" })
        #expect(kinds == all && !kinds.isEmpty)
    }

    @Test("in float64: logits, statistics, loss, gradient and Hessian-vector product", arguments: ImageGolden.names)
    func reference(name: String) throws {
        let golden = try ImageGolden(name)
        let results = golden.plan.program.evaluate(try golden.inputs()).mapValues(\.values)
        try golden.check(results, logits: 1e-6, derivatives: 1e-5)
    }

    @Test("on devices", arguments: ImageGolden.names, Devices.names)
    func devices(name: String, device: String) throws {
        let golden = try ImageGolden(name)
        let results = try run(golden.plan, on: Devices.backend(device), golden.inputs())
        try golden.check(results, logits: 1e-4, derivatives: 1e-3)
    }

    @Test("a written configuration is read back as the same network", arguments: ImageGolden.names)
    func configuration(name: String) throws {
        let golden = try ImageGolden(name)
        let again = try ModelFamilies.model(golden.model.configurationFile, path: name)
        #expect(again.specifications == golden.model.specifications)
        #expect(try again.vision.dimensions == golden.model.dimensions)
        #expect(again.configurationFile.serialized() == golden.model.configurationFile.serialized())
    }

    @Test(
        "tensors have the names and shapes of torchvision and timm",
        arguments: ["resnet18", "resnet34", "resnet50", "deit_tiny_patch16_224"])
    func sizes(name: String) throws {
        let listed = try #require(JSONValue(contentsOf: "\(ImageGolden.folder)/sizes.json")[name]?.asArray)
        let expected = try listed.map { entry in
            let pair = try #require(entry.asArray)
            return "\(try #require(pair.first?.asString)) \(try #require(pair.last?.asArray).compactMap(\.asInt))"
        }
        let family = try #require(ImageFamily.all.first { $0.name == name })
        let model = try family.model(ImageDimensions(channels: 3, height: 224, width: 224, classes: 10))
        #expect(Set(model.specifications.map { "\($0.name) \($0.shape)" }) == Set(expected))
    }

    @Test("small images get a small stem: 11,173,962 parameters of ResNet-18, as in the literature of unlearning")
    func smallStem() throws {
        let family = try #require(ImageFamily.all.first { $0.name == "resnet18" })
        let model = try family.model(ImageDimensions(channels: 3, height: 32, width: 32, classes: 10))
        let split = try ParameterSplit(model.specifications, .all)
        #expect(split.trainable.count == 11_173_962)
        #expect(split.frozen.entries.allSatisfy { $0.name.contains("running_") })
    }

    @Test("configurations that make no sense are refused with their key")
    func refusals() throws {
        let cases = [
            (#"{"architecture": "resnet18", "num_classes": 10}"#, "input_size"),
            (#"{"architecture": "resnet18", "num_classes": 0, "input_size": [3, 32, 32]}"#, "num_classes"),
            (#"{"architecture": "resnet18", "num_classes": 2, "input_size": [3, 32, 32], "mean": [0.5]}"#, "std"),
            (#"{"architecture": "vgg16_bn", "num_classes": 2, "input_size": [3, 8, 8]}"#, "input_size"),
            (#"{"architecture": "vit_tiny_patch4", "num_classes": 2, "input_size": [3, 30, 32]}"#, "patch_size"),
            (#"{"architecture": "resnet18", "num_classes": 2, "input_size": [3, 32, 32], "model_args": {"layers": [1]}}"#, "channels"),
            (#"{"architecture": "alexnet", "num_classes": 2, "input_size": [3, 32, 32]}"#, "alexnet"),
        ]
        for (text, key) in cases {
            let error = #expect(throws: ModelError.self) { try ModelFamilies.model(JSONValue(parsing: Array(text.utf8)), path: "c.json") }
            #expect(error.map { "\($0)".contains(key) } == true, "\(error.map { "\($0)" } ?? "")")
        }
    }
}
