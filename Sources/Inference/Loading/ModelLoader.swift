import Files
import Models

/// Reads models from Hugging Face folders and GGUF files.
public enum ModelLoader {
    /// Opens and reads a model.
    /// - Parameters:
    ///   - trainable: which parameters will move; decides how the numbers are divided.
    ///   - seed: for the beginnings of low-rank adapters.
    /// - Throws: `ModelError` naming the file, the key or the tensor that is wrong.
    public static func load(
        path: String, trainable: TrainableParameters = .all, seed: UInt64 = 0
    ) throws -> LoadedModel {
        try load(ModelFolder(path: path), trainable: trainable, seed: seed)
    }

    /// Reads a model from a folder or file that is already open.
    package static func load(
        _ source: ModelFolder, trainable choice: TrainableParameters = .all, seed: UInt64 = 0
    ) throws -> LoadedModel {
        let (model, configuration, names) = try open(source)
        let split = try ParameterSplit(model.specifications, choice)
        // Adapters are not in the files: they begin afresh.
        let trainable =
            try split.adapter == nil
            ? read(split.trainable, names, source.weights) : ModelInitialiser.values(split.trainable, seed: seed)
        return LoadedModel(
            model: model, split: split, trainable: trainable, frozen: try read(split.frozen, names, source.weights),
            configuration: configuration, source: source)
    }

    /// What a folder or file holds, without reading its numbers. The names and shapes of its tensors are checked as in loading.
    /// - Returns: the model and its `config.json`, rebuilt if the file is GGUF, and corrected where the tensors say otherwise.
    package static func describe(_ source: ModelFolder) throws -> (model: any Model, configuration: JSONValue) {
        let (model, configuration, _) = try open(source)
        return (model, configuration)
    }

    private static func open(
        _ source: ModelFolder
    ) throws -> (model: any Model, configuration: JSONValue, names: TensorNames) {
        var configuration = try configuration(source)
        let path = source.gguf == nil ? source.file("config.json") : source.path
        var model = try ModelFamilies.model(configuration, path: path)
        var names = try TensorNames(model, source)
        if try names.hasForeignHead(), var object = configuration.asObject {
            object["tie_word_embeddings"] = false
            configuration = .object(object)
            model = try ModelFamilies.model(configuration, path: path)
            names = try TensorNames(model, source)
        }
        try check(model, names, source.weights)
        return (model, configuration, names)
    }

    private static func configuration(_ source: ModelFolder) throws -> JSONValue {
        if let configuration = source.configuration { return configuration }
        guard let metadata = source.gguf else {
            throw ModelError.configuration(path: source.path, key: "model_type", problem: "is missing: there is no configuration")
        }
        return try ModelFamilies.configuration(metadata, source.weights, path: source.path)
    }

    /// Compares names and shapes before anything large is read.
    private static func check(_ model: any Model, _ names: TensorNames, _ weights: any WeightSource) throws {
        let places = model.specifications.map { names.place($0).name }
        let expected = Set(places)
        let extra = weights.names.filter { !expected.contains($0) && !names.isKnownExtra($0) }
        for (specification, place) in zip(model.specifications, places) {
            guard let info = weights.info(place) else {
                throw ModelError.missingTensor(path: weights.path, name: place, shape: specification.shape, found: extra)
            }
            guard info.shape == specification.shape else {
                throw ModelError.wrongShape(path: weights.path, name: place, found: info.shape, expected: specification.shape)
            }
        }
        guard extra.isEmpty else { throw ModelError.unexpectedTensors(path: weights.path, names: extra) }
    }

    /// A layout's numbers, converted, in the order of Hugging Face.
    static func read(
        _ layout: ParameterLayout, _ names: TensorNames, _ weights: any WeightSource
    ) throws -> [Float] {
        var failure: FileError?
        let values = [Float](unsafeUninitializedCapacity: layout.count) { buffer, filled in
            do throws(FileError) {
                for entry in layout.entries {
                    let target = UnsafeMutableBufferPointer(rebasing: buffer[entry.range])
                    let place = names.place(entry.specification)
                    try weights.readFinite(place.name, into: target)
                    if let heads = place.interleavedHeads {
                        TensorNames.separate(target, heads: heads, rows: entry.shape.first ?? 0)
                    }
                }
                filled = layout.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }
}
