import Graph
import Inference
import Models

extension LanguageModelSession {
    /// The logits after every token of one sequence, row-major [tokens, vocabulary].
    package func logits(_ ids: [Int32]) throws -> [Float] {
        let graph = ComputationGraph()
        let weights = WeightNodes(split, trainable: graph.input(WeightNodes.trainableName, .real, [split.trainable.count]))
        let tokens = TokenNodes(causal: graph.input("ids", .index, [ids.count]), batch: 1, length: ids.count)
        let hidden = model.hidden(weights, tokens, cache: nil)
        let plan = Plan([("logits", model.logits(weights, hidden))])
        let runner = try PlanRunner(plan, on: backend, shared: parameters)
        try runner.run(["ids": .index(ids)])
        return try runner.read("logits")
    }
}
