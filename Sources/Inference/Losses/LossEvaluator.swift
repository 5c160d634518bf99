import Backends
import Data
import Glibc
import Graph
import Models

/// How well a model knows the answer of one example.
public struct ExampleScore: Hashable, Sendable {
    /// The mean cross-entropy of the answer's tokens, in nats.
    public var loss: Double
    /// The number of answer tokens.
    public var tokens: Int
    /// The geometric mean of the answer tokens' probabilities, exp(−loss); TOFU's P(answer | question)^(1/length).
    public var probability: Double { exp(-loss) }
}

/// Computes the loss of every example of a data set.
public final class LossEvaluator {
    private let session: LanguageModelSession
    private var runners: [BatchShape: PlanRunner] = [:]

    /// Scores with the parameters that the session holds when asked.
    public init(_ session: LanguageModelSession) { self.session = session }

    /// Scores examples in batches of similar length.
    /// - Parameter progress: called with the number of examples done.
    /// - Returns: the scores, in the order of the examples.
    /// - Throws: `DataError` naming the first example that cannot be scored.
    public func scores(
        _ examples: [TokenExample], batchSize: Int = 8, progress: (Int) -> Void = { _ in }
    ) throws -> [ExampleScore] {
        guard batchSize >= 1 else { throw ModelError.invalidRequest("The batch size must be at least 1, not \(batchSize).") }
        try session.model.dimensions.limits.check(examples)
        let order = examples.indices.sorted { (examples[$0].ids.count, $0) < (examples[$1].ids.count, $1) }
        let size = min(batchSize, examples.count)
        var scores = [ExampleScore](repeating: ExampleScore(loss: 0, tokens: 0), count: examples.count)
        var done = 0
        while done < order.count {
            let chosen = order[done..<min(done + size, order.count)]
            // The last batch is filled up with an example again, which is cheaper than another plan.
            let filled = chosen + [Int](repeating: chosen[chosen.endIndex - 1], count: size - chosen.count)
            let losses = try self.losses(TokenBatch(filled.map { examples[$0] }, context: session.model.dimensions.context))
            for (index, loss) in zip(chosen, losses) {
                scores[index] = ExampleScore(loss: Double(loss), tokens: examples[index].answerCount)
            }
            done += chosen.count
            progress(done)
        }
        return scores
    }

    /// The losses of one batch.
    package func losses(_ batch: TokenBatch) throws -> [Float] {
        let runner = try runner(batch.shape)
        try runner.run(session.loss.inputs(batch, role: "batch"))
        return try runner.read("losses")
    }

    private func runner(_ shape: BatchShape) throws -> PlanRunner {
        if let known = runners[shape] { return known }
        let losses = session.loss.losses(session.trainableInput(ComputationGraph()), shape, role: "batch")
        let runner = try PlanRunner(Plan([("losses", losses)]), on: session.backend, shared: session.parameters)
        // Examples come sorted by length, so old shapes rarely come back, and each may hold much device memory.
        if runners.count >= 4 { runners.removeAll() }
        runners[shape] = runner
        return runner
    }
}
