import Backends
import Files
import Graph
import Models

/// A model of any kind on a device: its parameters, and what an export needs to know. Used from one thread at a time.
public class ModelSession {
    /// The device.
    public let backend: any Backend
    package let split: ParameterSplit
    /// The flat trainable parameters on the device. Whoever trains writes here.
    public let trainable: any Buffer
    /// The flat frozen parameters on the device, and what layers keep of data; nil if everything moves.
    package let frozen: (any Buffer)?
    /// The contents of `config.json`.
    package let configuration: JSONValue
    /// Where the model came from.
    package let source: ModelFolder?
    private let kind: any Model

    /// Copies a model's numbers to the device.
    init(_ loaded: LoadedModel, on backend: any Backend) throws {
        self.backend = backend
        kind = loaded.model
        split = loaded.split
        configuration = loaded.configuration
        source = loaded.source
        trainable = try backend.upload(loaded.trainable)
        frozen = loaded.frozen.isEmpty ? nil : try backend.upload(loaded.frozen)
    }

    /// The parameters by the names of the inputs they are bound to.
    package var parameters: [String: any Buffer] {
        var buffers = [WeightNodes.trainableName: trainable]
        buffers[WeightNodes.frozenName] = frozen
        return buffers
    }

    /// The input of a graph that stands for the trainable parameters.
    func trainableInput(_ graph: ComputationGraph) -> Node {
        graph.input(WeightNodes.trainableName, .real, [split.trainable.count])
    }

    /// The model as it now is on the device, on the host.
    public func download() throws -> LoadedModel {
        LoadedModel(
            model: kind, split: split, trainable: try backend.read(trainable), frozen: try frozen.map(backend.read) ?? [],
            configuration: configuration, source: source)
    }
}
