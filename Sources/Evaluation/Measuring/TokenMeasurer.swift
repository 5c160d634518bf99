import Data
import Graph
import Inference
import Models

/// Measures every labelled token of texts in one forward pass a batch. Logits stay on the device: what leaves it is a few numbers a token.
/// Used from one thread at a time.
package final class TokenMeasurer {
    private let session: LanguageModelSession
    private var runners: [PlanKey: PlanRunner] = [:]

    private struct PlanKey: Hashable {
        var shape: BatchShape
        var moments: Bool
    }

    /// Logits of one batch at most, so that a large vocabulary does not fill the device.
    private static let largestTable = 1 << 26

    /// Measures with the parameters that the session holds when asked.
    package init(_ session: LanguageModelSession) { self.session = session }

    /// - Parameters:
    ///   - moments: whether the mean and variance of every position's log-probabilities are computed too, for `MeasuredText.scores`.
    ///   - progress: called with the number of examples done.
    /// - Returns: in the order of the examples.
    /// - Throws: `DataError` naming the first example that cannot be read, `ModelError.notFinite` if a loss is not finite.
    package func measure(
        _ examples: [TokenExample], moments: Bool = false, batchSize: Int = 16, progress: (Int) -> Void = { _ in }
    ) throws -> [MeasuredText] {
        guard batchSize >= 1 else { throw ModelError.invalidRequest("The batch size must be at least 1, not \(batchSize).") }
        let sizes = session.model.dimensions
        try sizes.limits.check(examples)
        let order = examples.indices.sorted { (examples[$0].ids.count, $0) < (examples[$1].ids.count, $1) }
        var results = [MeasuredText](repeating: MeasuredText(logProbabilities: [], hits: []), count: examples.count)
        var done = 0
        while done < order.count {
            var chosen: [Int] = []
            var answers = 0
            while done + chosen.count < order.count, chosen.count < batchSize {
                let next = order[done + chosen.count]
                answers += examples[next].answerCount
                if !chosen.isEmpty, answers * sizes.vocabulary > Self.largestTable { break }
                chosen.append(next)
            }
            let batch = TokenBatch(chosen.map { examples[$0] }, context: sizes.context)
            for (index, text) in zip(chosen, try measure(batch, moments)) {
                guard text.loss.isFinite else {
                    throw ModelError.notFinite(
                        "\(examples[index].position): the loss is \(text.loss), as numbers within the model overflow")
                }
                results[index] = text
            }
            done += chosen.count
            progress(done)
        }
        return results
    }

    private func measure(_ batch: TokenBatch, _ moments: Bool) throws -> [MeasuredText] {
        let runner = try runner(PlanKey(shape: batch.shape, moments: moments))
        let vocabulary = session.model.dimensions.vocabulary
        var inputs = session.loss.inputs(batch, role: "batch").filter { Self.inputs.contains($0.key) }
        guard case .index(let labels)? = inputs["batch.labels"] else { return [] }
        inputs["places"] = .index(labels.enumerated().map { Int32($0.offset * vocabulary) + max(0, $0.element) })
        try runner.run(inputs)
        let losses = try runner.read("losses"), better = try runner.read("better")
        let scores =
            try moments ? zip(runner.read("centred"), runner.read("variance")).map { Double($0) / Double(max($1, 1e-6)).squareRoot() } : nil
        var start = 0
        return batch.examples.map { example in
            let rows = start..<(start + example.answerCount)
            start = rows.upperBound
            return MeasuredText(
                logProbabilities: losses[rows].map { -Double($0) }, hits: better[rows].map { $0 == 0 },
                scores: scores.map { Array($0[rows]) })
        }
    }

    private static let inputs: Set = ["batch.ids", "batch.rows", "batch.labels"]

    private func runner(_ key: PlanKey) throws -> PlanRunner {
        if let known = runners[key] { return known }
        let graph = ComputationGraph()
        let shape = key.shape
        let weights = WeightNodes(
            session.split, trainable: graph.input(WeightNodes.trainableName, .real, [session.split.trainable.count]))
        let index = { (name: String, count: Int) in graph.input(name, .index, [count]) }
        let tokens = TokenNodes(
            causal: index("batch.ids", shape.examples * shape.length), batch: shape.examples, length: shape.length)
        let hidden = session.model.hidden(weights, tokens, cache: nil)
        let logits = session.model.logits(weights, hidden.gather(index("batch.rows", shape.answers)))
        let columns = session.model.dimensions.vocabulary
        let chosen = logits.reshaped(to: [shape.answers * columns, 1]).gather(index("places", shape.answers)).reshaped(to: [shape.answers])
        var outputs = [
            ("losses", logits.crossEntropy(labels: index("batch.labels", shape.answers))),
            // How many tokens are likelier than the text's.
            ("better", chosen.expandedLast(to: columns).less(than: logits).sum(axes: [1])),
        ]
        if key.moments {
            // log p − E[log p] is the logit less its mean, as the normaliser falls out.
            let probabilities = logits.softmax()
            let mean = probabilities.rowDot(logits)
            let centred = logits - mean.expandedLast(to: columns)
            outputs += [("centred", chosen - mean), ("variance", (probabilities * centred).rowDot(centred))]
        }
        let runner = try PlanRunner(Plan(outputs), on: session.backend, shared: session.parameters)
        // Examples come sorted by length, so old shapes rarely come back, and each may hold much device memory.
        if runners.count >= 2 { runners.removeAll() }
        runners[key] = runner
        return runner
    }
}
