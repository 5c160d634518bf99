import Backends
import Data
import Graph
import Inference

/// The logits (or, of `FrozenModel.states`, the states) of models that do not move, where the terms of given examples are chosen. Computed when first asked for and kept on the
/// host, by example, while there is room.
final class FrozenLogits<Loss: ExampleLoss> {
    private struct Key: Hashable {
        var model: FrozenModel
        var role: String
        var place: Int
    }

    private struct RunnerKey: Hashable {
        var model: FrozenModel
        var shape: BatchShape
    }

    private let models: [FrozenModel: ReferenceModel<Loss>]
    private let backend: any Backend
    private let limit: Int
    private var kept: [Key: [Float]] = [:]
    private var keptBytes = 0
    private var runners: [RunnerKey: (runner: PlanRunner, shape: [Int])] = [:]
    /// Gradient-equivalents spent since this was last set: a look at a batch is a third of one.
    var cost = 0.0

    /// - Parameter limit: bytes to keep at most.
    init(_ models: [FrozenModel: ReferenceModel<Loss>], on backend: any Backend, limit: Int = 2 << 30) {
        (self.models, self.backend, self.limit) = (models, backend, limit)
    }

    /// - Parameter places: of the batch's examples in their set.
    /// - Returns: the rows of the batch's terms, zeros for padding; nil if there is no such model.
    func logits(of model: FrozenModel, role: String, _ batch: Loss.Batch, _ places: [Int]) throws -> [Float]? {
        guard let frozen = models[model] else { return nil }
        let keys = places.map { Key(model: model, role: role, place: $0) }
        let shape = frozen.loss.shape(of: batch)
        let (runner, size) = try runner(model, frozen, shape)
        let width = size[1]
        let known = keys.compactMap { kept[$0] }
        if known.count == keys.count {
            let rows = known.flatMap { $0 }
            return rows + [Float](repeating: 0, count: size[0] * width - rows.count)
        }
        try runner.run(frozen.loss.inputs(batch, role: "batch").filter { runner.plan.slot($0.key, .input) != nil })
        cost += 1.0 / 3
        let logits = try runner.read("logits")
        var start = 0
        for (key, terms) in zip(keys, frozen.loss.termCounts(batch)) {
            let rows = Array(logits[start..<start + Int(terms) * width])
            start += rows.count
            guard kept[key] == nil, keptBytes + 4 * rows.count <= limit else { continue }
            kept[key] = rows
            keptBytes += 4 * rows.count
        }
        return logits
    }

    private func runner(_ model: FrozenModel, _ frozen: ReferenceModel<Loss>, _ shape: BatchShape) throws -> (PlanRunner, [Int]) {
        let key = RunnerKey(model: model, shape: shape)
        if let known = runners[key] { return known }
        let theta = ComputationGraph().input("theta", .real, [frozen.loss.parameterCount])
        let scores = frozen.loss.scores(theta, shape, role: "batch")
        guard let asked = model == .states ? scores.states : scores.choices?.logits else {
            throw UnlearningError.setting(
                name: "method", problem: "needs a model that chooses among classes, such as a language model; this loss chooses nothing")
        }
        let shared = frozen.loss.residents.merging(["theta": frozen.parameters]) { $1 }
        let runner = try PlanRunner(Plan([("logits", asked)]), on: backend, shared: shared)
        if runners.count >= 4 { runners.removeAll() }
        let made = (runner: runner, shape: asked.shape)
        runners[key] = made
        return made
    }
}

/// A model with parameters of its own, which stay as they are.
public struct ReferenceModel<Loss: ExampleLoss> {
    let loss: Loss
    let parameters: any Buffer

    /// A model that never saw what is forgotten. Its classes (a vocabulary) are those of the model that is changed.
    /// - Parameter parameters: on the same device.
    public init(_ loss: Loss, _ parameters: any Buffer) { (self.loss, self.parameters) = (loss, parameters) }
}
