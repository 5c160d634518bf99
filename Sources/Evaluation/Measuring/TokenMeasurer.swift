import Data
import Graph
import Inference
import Models

/// Measures every labelled token of texts in one forward pass a batch. What several texts begin with is computed once (`TokenTree`).
/// Logits stay on the device: what leaves it is a few numbers a token. Used from one thread at a time.
package final class TokenMeasurer {
    private let session: LanguageModelSession
    private var runners: [MeasuredBatch.Shape: PlanRunner] = [:]

    /// Logits of one batch at most, so that a large vocabulary does not fill the device.
    private static let largestTable = 1 << 26
    /// Tokens computed together, for each text of the batch size.
    private static let tokensPerText = 64

    /// Measures with the parameters that the session holds when asked.
    package init(_ session: LanguageModelSession) { self.session = session }

    /// The most tokens of a text.
    var context: Int { session.model.dimensions.context }

    /// - Parameters:
    ///   - moments: for which examples the mean and variance of every position's log-probabilities are computed too, for
    ///     `MeasuredText.scores`.
    ///   - batchSize: about how many texts of 64 tokens are computed together; a batch has at least one text.
    ///   - kept: results by the example's index.
    ///   - progress: called with the number of examples done.
    /// - Returns: in the order of the examples.
    /// - Throws: `DataError` naming the first example that cannot be read, `ModelError.notFinite` if a loss is not finite; what
    ///   keeping throws.
    package func measure(
        _ examples: [TokenExample], momentsOf moments: (Int) -> Bool = { _ in false }, batchSize: Int = 16,
        kept: KeptResults<MeasuredText> = KeptResults(), progress: (Int) -> Void = { _ in }
    ) throws -> [MeasuredText] {
        guard batchSize >= 1 else { throw ModelError.invalidRequest("The batch size must be at least 1, not \(batchSize).") }
        let sizes = session.model.dimensions
        try sizes.limits.check(examples)
        // Texts that begin alike stand beside each other in the order of their tokens.
        let order = examples.indices.sorted { left, right in
            let (a, b) = (examples[left].ids, examples[right].ids)
            return a == b ? left < right : a.lexicographicallyPrecedes(b)
        }
        var results = [MeasuredText](repeating: MeasuredText(logProbabilities: [], hits: []), count: examples.count)
        var done = 0
        while done < order.count {
            var batch = MeasuredBatch(), chosen: [Int] = []
            while done + chosen.count < order.count {
                let next = order[done + chosen.count], example = examples[next]
                let isFull =
                    batch.tree.ids.count + batch.tree.newTokens(of: example.ids) > batchSize * Self.tokensPerText
                    || (batch.predictionCount + example.answerCount) * sizes.vocabulary > Self.largestTable
                if !chosen.isEmpty, isFull { break }
                batch.add(example, moments: moments(next))
                chosen.append(next)
            }
            let known = kept.results(of: chosen)
            let texts = try known ?? measure(batch)
            for (index, text) in zip(chosen, texts) {
                guard text.loss.isFinite else {
                    throw ModelError.notFinite(
                        "\(examples[index].position): the loss is \(text.loss), as numbers within the model overflow")
                }
                results[index] = text
            }
            if known == nil { try kept.keep(zip(chosen, texts).map { ($0, $1) }) }
            done += chosen.count
            progress(done)
        }
        return results
    }

    private func measure(_ batch: MeasuredBatch) throws -> [MeasuredText] {
        let shape = batch.shape, runner = try runner(shape)
        try runner.run(batch.inputs(vocabulary: session.model.dimensions.vocabulary))
        let losses = try runner.read("losses"), better = try runner.read("better")
        let scores =
            try shape.moments > 0
            ? zip(runner.read("centred"), runner.read("variance")).map { Double($0) / Double(max($1, 1e-6)).squareRoot() } : []
        return zip(batch.answers, batch.moments).map { places, moments in
            MeasuredText(
                logProbabilities: places.map { -Double(losses[$0]) }, hits: places.map { better[$0] == 0 },
                scores: moments?.map { scores[$0] })
        }
    }

    private func runner(_ shape: MeasuredBatch.Shape) throws -> PlanRunner {
        if let known = runners[shape] { return known }
        let graph = ComputationGraph()
        let weights = WeightNodes(
            session.split, trainable: graph.input(WeightNodes.trainableName, .real, [session.split.trainable.count]))
        let index = { (name: String, shape: [Int]) in graph.input(name, .index, shape) }
        let length = TokenTree.pieceLength
        var tokens = TokenNodes(
            batch: shape.pieces, length: length, ids: index("ids", [shape.rows]), positions: index("positions", [shape.rows]),
            limits: index("limits", [shape.pieces, length]))
        tokens.paths = TokenPathNodes(
            queries: index("queries", [shape.pieces * length]), keys: index("keys", [shape.pieces * shape.span]),
            results: index("results", [shape.rows]), span: shape.span)
        let hidden = session.model.hidden(weights, tokens, cache: nil)
        let logits = session.model.logits(weights, hidden.gather(index("rows", [shape.answers])))
        let columns = session.model.dimensions.vocabulary
        let chosen = logits.reshaped(to: [shape.answers * columns, 1]).gather(index("places", [shape.answers]))
            .reshaped(to: [shape.answers])
        var outputs = [
            ("losses", logits.crossEntropy(labels: index("labels", [shape.answers]))),
            // How many tokens are likelier than the text's.
            ("better", chosen.expandedLast(to: columns).less(than: logits).sum(axes: [1])),
        ]
        if shape.moments > 0 {
            // log p − E[log p] is the logit less its mean, as the normaliser falls out.
            let moments = index("moments", [shape.moments])
            let some = logits.gather(moments)
            let own = chosen.reshaped(to: [shape.answers, 1]).gather(moments).reshaped(to: [shape.moments])
            let probabilities = some.softmax()
            let mean = probabilities.rowDot(some)
            let centred = some - mean.expandedLast(to: columns)
            outputs += [("centred", own - mean), ("variance", (probabilities * centred).rowDot(centred))]
        }
        let runner = try PlanRunner(Plan(outputs), on: session.backend, shared: session.parameters)
        // Old shapes rarely come back, and each may hold much device memory.
        if runners.count >= 2 { runners.removeAll() }
        runners[shape] = runner
        return runner
    }
}
