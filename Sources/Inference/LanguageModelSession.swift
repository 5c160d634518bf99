import Backends
import Files
import Graph
import Models

/// A model on a device: what commands that score, ask or change a model work with. Used from one thread at a time.
public final class LanguageModelSession {
    /// The device.
    public let backend: any Backend
    package let model: any LanguageModel
    package let split: ParameterSplit
    /// The flat trainable parameters on the device. Whoever trains writes here.
    public let trainable: any Buffer
    /// The flat frozen parameters on the device; nil if everything moves.
    package let frozen: (any Buffer)?
    /// The contents of `config.json`.
    package let configuration: JSONValue
    /// Where the model came from.
    package let source: ModelFolder?

    /// Copies a model's numbers to the device.
    public init(_ loaded: LoadedModel, on backend: any Backend) throws {
        self.backend = backend
        model = try loaded.model.language
        split = loaded.split
        configuration = loaded.configuration
        source = loaded.source
        trainable = try backend.upload(loaded.trainable)
        frozen = loaded.frozen.isEmpty ? nil : try backend.upload(loaded.frozen)
    }

    /// The mean loss of the answer tokens of every example, in nats, as a function of the trainable parameters.
    public var loss: LanguageModelLoss { LanguageModelLoss(model, split, frozen: frozen) }

    /// The parameters by the names of the inputs they are bound to.
    package var parameters: [String: any Buffer] {
        var buffers = loss.residents
        buffers[WeightNodes.trainableName] = trainable
        return buffers
    }

    /// The input of a graph that stands for the trainable parameters.
    func trainableInput(_ graph: ComputationGraph) -> Node {
        graph.input(WeightNodes.trainableName, .real, [split.trainable.count])
    }

    /// The model as it now is on the device, on the host.
    public func download() throws -> LoadedModel {
        LoadedModel(
            model: model, split: split, trainable: try backend.read(trainable), frozen: try frozen.map(backend.read) ?? [],
            configuration: configuration, source: source)
    }
}
