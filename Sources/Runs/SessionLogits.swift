import Graph
import Inference
import Models

extension LanguageModelSession {
    /// The logits after every token of one sequence, row-major [tokens, vocabulary].
    package func logits(_ ids: [Int32]) throws(ModelError) -> [Float] {
        let plan: Plan
        do {
            let graph = ComputationGraph()
            let moving = try graph.input(WeightNodes.movingName, .real, [split.moving.count])
            let weights = try WeightNodes(split, moving: moving)
            let tokens = try TokenNodes(causal: graph.input("ids", .index, [ids.count]), batch: 1, length: ids.count)
            let hidden = try model.hidden(weights, tokens, cache: nil)
            plan = try Plan([("logits", model.logits(weights, hidden))])
        } catch {
            throw .graph(error)
        }
        let runner = try PlanRunner(plan, on: backend, shared: parameters)
        try runner.run(["ids": .index(ids)])
        return try runner.read("logits")
    }
}
