import Data
import Graph
import Inference
import Models

/// Puts one model's states into another, layer by layer (activation patching). Forward passes only. Used from one thread at a time.
package struct DepthMeasurer {
    private let original: LanguageModelSession
    private let sources: [LanguageModelSession]
    /// States of all layers of three models are held for a batch.
    private static let largestBatch = 4

    /// - Parameters:
    ///   - original: knows the answers; the others' states are put into it.
    ///   - reference: never saw them.
    /// - Throws: `ModelError.invalidRequest` if the models are not of one shape.
    package init(
        _ session: LanguageModelSession, original: LanguageModelSession, reference: LanguageModelSession
    ) throws(ModelError) {
        for (name, other) in [("the original", original), ("the reference", reference)] {
            let (own, theirs) = (session.model.dimensions, other.model.dimensions)
            guard (own.layers, own.width, own.vocabulary) == (theirs.layers, theirs.width, theirs.vocabulary) else {
                throw .invalidRequest(
                    "States cannot be exchanged: the model has \(own.layers) layers of width \(own.width), and \(name) "
                        + "\(theirs.layers) of \(theirs.width). Give models of one architecture and tokenizer.")
            }
        }
        self.original = original
        sources = [session, reference, original]
    }

    /// - Parameters:
    ///   - examples: of each, the labelled tokens count, and the states that predict them are exchanged.
    ///   - progress: called with the number of examples done.
    package func measure(
        _ examples: [TokenExample], batchSize: Int = largestBatch, progress: (Int) -> Void = { _ in }
    ) throws -> MeasuredDepth {
        let sizes = original.model.dimensions
        try sizes.limits.check(examples)
        let order = examples.indices.sorted { (examples[$0].ids.count, $0) < (examples[$1].ids.count, $1) }
        let none = [[Double]](repeating: [], count: examples.count)
        var result = MeasuredDepth()
        result.original = try TokenMeasurer(original).measure(examples).map { -$0.loss }
        (result.patched.model, result.patched.reference, result.originalLens) = (none, none, none)
        result.lens = result.patched
        for start in stride(from: 0, to: order.count, by: max(1, min(batchSize, Self.largestBatch))) {
            let chosen = Array(order[start..<min(start + max(1, min(batchSize, Self.largestBatch)), order.count)])
            let batch = Batch(TokenBatch(chosen.map { examples[$0] }, context: sizes.context), original)
            let states = try sources.map { try batch.states($0) }
            let lens = try batch.lens(original)
            for layer in 1...max(1, sizes.layers) {
                let rest = try batch.rest(original, after: layer)
                for (source, own) in states.enumerated() {
                    let read = try batch.values(lens, own[layer - 1])
                    let isOriginal = source == 2
                    let patched = isOriginal ? [] : try batch.values(rest, batch.mixed(states[2][layer - 1], own[layer - 1]))
                    for (place, item) in chosen.enumerated() {
                        switch source {
                        case 0:
                            result.lens.model[item].append(read[place])
                            result.patched.model[item].append(patched[place])
                        case 1:
                            result.lens.reference[item].append(read[place])
                            result.patched.reference[item].append(patched[place])
                        default: result.originalLens[item].append(read[place])
                        }
                    }
                }
            }
            progress(min(start + chosen.count, examples.count))
        }
        return result
    }
}

extension DepthMeasurer {
    /// Some examples that are computed together.
    private struct Batch {
        let batch: TokenBatch
        let inputs: [String: HostInput]
        let width: Int
        /// Rows of the states that predict a labelled token.
        let rows: [Int]

        init(_ batch: TokenBatch, _ session: LanguageModelSession) {
            self.batch = batch
            inputs = session.loss.inputs(batch, role: "batch")
            width = session.model.dimensions.width
            let count = batch.examples.reduce(0) { $0 + $1.answerCount }
            if case .index(let all)? = inputs["batch.rows"] { rows = all.prefix(count).map(Int.init) } else { rows = [] }
        }

        private func runner(
            _ session: LanguageModelSession, _ build: (WeightNodes, TokenNodes, ComputationGraph) -> [(String, Node)]
        ) throws -> PlanRunner {
            let graph = ComputationGraph(), shape = batch.shape
            let weights = WeightNodes(
                session.split, trainable: graph.input(WeightNodes.trainableName, .real, [session.split.trainable.count]))
            let ids = graph.input("batch.ids", .index, [shape.examples * shape.length])
            let plan = Plan(build(weights, TokenNodes(causal: ids, batch: shape.examples, length: shape.length), graph))
            // Late layers alone may need no frozen parameters.
            let needed = Set(plan.externals.map(\.name))
            return try PlanRunner(plan, on: session.backend, shared: session.parameters.filter { needed.contains($0.key) })
        }

        private func run(_ runner: PlanRunner, states: [Float]? = nil) throws {
            var data = inputs
            data["states"] = states.map { .real($0) }
            let needed = Set(runner.plan.externals.filter { $0.role == .input }.map(\.name))
            try runner.run(data.filter { needed.contains($0.key) })
        }

        /// The states that each layer leaves, the first layer's first.
        func states(_ session: LanguageModelSession) throws -> [[Float]] {
            let model = session.model, layers = model.dimensions.layers
            let runner = try runner(session) { weights, tokens, _ in
                var states = model.states(weights, tokens, after: 0)
                return (0..<layers).map { layer in
                    states = model.states(weights, tokens, continuing: states, layers: layer..<(layer + 1))
                    return ("layer \(layer)", states)
                }
            }
            try run(runner)
            return try (0..<layers).map { try runner.read("layer \($0)") }
        }

        private func losses(_ session: LanguageModelSession, after layers: Int) throws -> PlanRunner {
            let model = session.model, shape = batch.shape, width = width
            return try runner(session) { weights, tokens, graph in
                let index = { (name: String) in graph.input("batch.\(name)", .index, [shape.answers]) }
                let given = graph.input("states", .real, [shape.examples * shape.length, width])
                let states = model.states(weights, tokens, continuing: given, layers: layers..<model.dimensions.layers)
                let hidden = model.normalised(weights, states.gather(index("rows")))
                return [("losses", model.logits(weights, hidden).crossEntropy(labels: index("labels")))]
            }
        }

        /// The layers above some, with the head.
        func rest(_ session: LanguageModelSession, after layers: Int) throws -> PlanRunner { try losses(session, after: layers) }

        /// The head alone.
        func lens(_ session: LanguageModelSession) throws -> PlanRunner {
            try losses(session, after: session.model.dimensions.layers)
        }

        /// The first states with the rows that predict labelled tokens taken from the second.
        func mixed(_ states: [Float], _ others: [Float]) -> [Float] {
            var result = states
            for row in rows {
                result.replaceSubrange((row * width)..<((row + 1) * width), with: others[(row * width)..<((row + 1) * width)])
            }
            return result
        }

        /// Every example's mean log-probability.
        func values(_ runner: PlanRunner, _ states: [Float]) throws -> [Double] {
            try run(runner, states: states)
            var losses = try runner.read("losses")[...]
            return batch.examples.map { example in
                let own = losses.prefix(example.answerCount)
                losses = losses.dropFirst(example.answerCount)
                return -own.reduce(0) { $0 + Double($1) } / Double(example.answerCount)
            }
        }
    }
}
