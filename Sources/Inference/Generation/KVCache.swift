import Backends
import Graph
import Models

/// The size of a cache of keys and values.
struct KVCacheShape: Hashable {
    var batch: Int
    /// Tokens a sequence may have.
    var capacity: Int
}

/// Caches on the device, and the plans that read tokens into them.
final class KVCache {
    private let session: LanguageModelSession
    private let shape: KVCacheShape
    /// By the names of inputs and outputs alike: a plan's updated cache is its past cache's own memory.
    private var caches: [String: any Buffer] = [:]
    private var runners: [Int: PlanRunner] = [:]

    init(_ session: LanguageModelSession, _ shape: KVCacheShape) throws {
        self.session = session
        self.shape = shape
        let sizes = session.model.dimensions
        let count = KVCacheNodes.rows(batch: shape.batch, capacity: shape.capacity) * sizes.keyWidth
        for name in (0..<sizes.layers).flatMap({ ["keys.\($0)", "values.\($0)"] }) {
            let buffer = try session.backend.makeBuffer(.real, count: count)
            caches[name] = buffer
            caches["past.\(name)"] = buffer
        }
    }

    /// Forgets all tokens. Their rows must be zero, because those of new tokens are added to them.
    func clear() throws {
        for (name, buffer) in caches where !name.hasPrefix("past.") { try session.backend.clear(buffer) }
    }

    /// Reads tokens.
    /// - Parameters:
    ///   - tokens: per sequence the new tokens and the position of the first. None where a sequence has ended.
    ///   - length: the plan's length, at least the number of new tokens of any sequence.
    /// - Returns: the logits after the last new token of each sequence, [batch, vocabulary].
    func advance(_ tokens: [(ids: [Int32], position: Int)], length: Int) throws -> [Float] {
        let count = shape.batch * length
        var ids = [Int32](repeating: 0, count: count)
        var positions = [Int32](repeating: 0, count: count)
        var limits = [Int32](repeating: 1, count: count)
        // Padding is written to the row after all others, which nobody reads, and sees one key, as a softmax needs one.
        var places = [Int32](repeating: Int32(shape.batch * shape.capacity), count: count)
        var last = [Int32](repeating: 0, count: shape.batch)
        for (sequence, new) in tokens.enumerated() {
            for (index, id) in new.ids.enumerated() {
                let row = sequence * length + index, position = new.position + index
                ids[row] = id
                positions[row] = Int32(position)
                limits[row] = Int32(position + 1)
                places[row] = Int32(sequence * shape.capacity + position)
            }
            last[sequence] = Int32(sequence * length + max(0, new.ids.count - 1))
        }
        let runner = try runner(length)
        try runner.run([
            "ids": .index(ids), "positions": .index(positions), "limits": .index(limits), "places": .index(places),
            "last": .index(last),
        ])
        return try runner.read("logits")
    }

    private func runner(_ length: Int) throws -> PlanRunner {
        if let known = runners[length] { return known }
        let runner = try PlanRunner(makePlan(length), on: session.backend, shared: session.parameters.merging(caches) { $1 })
        runners[length] = runner
        return runner
    }

    private func makePlan(_ length: Int) -> Plan {
        let graph = ComputationGraph()
        let weights = WeightNodes(session.split, trainable: session.trainableInput(graph))
        let index = { (name: String, shape: [Int]) in graph.input(name, .index, shape) }
        let count = shape.batch * length
        let tokens = TokenNodes(
            batch: shape.batch, length: length, ids: index("ids", [count]), positions: index("positions", [count]),
            limits: index("limits", [shape.batch, length]))
        let cache = KVCacheNodes(
            places: index("places", [count]), batch: shape.batch, capacity: shape.capacity,
            width: session.model.dimensions.keyWidth)
        let hidden = session.model.hidden(weights, tokens, cache: cache)
        let logits = session.model.logits(weights, hidden.gather(index("last", [shape.batch])))
        return Plan(
            [("logits", logits)] + cache.outputs.map { ($0.name, $0.node) },
            donating: Dictionary(uniqueKeysWithValues: cache.outputs.map { ($0.name, "past.\($0.name)") }))
    }
}
