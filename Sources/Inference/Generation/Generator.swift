import Backends
import Data
import Graph
import Models

/// Continues prompts token by token, keeping the keys and values of earlier tokens on the device.
///
/// A batch of prompts of different lengths is read in one plan, padded on the right; then one plan with a token per sequence is
/// replayed. Both update the caches in place. Used from one thread at a time.
package final class Generator {
    package struct Options: Sendable, Hashable {
        /// The most tokens to add to each prompt.
        package var maximum: Int
        package var sampler: Sampler
        package var seed: UInt64
        /// Tokens that end a sequence; they are not part of the result.
        package var stops: Set<Int32>
        /// Prompts continued at once.
        package var batchSize: Int

        package init(
            maximum: Int = 128, sampler: Sampler = .greedy, seed: UInt64 = 0, stops: Set<Int32> = [], batchSize: Int = 8
        ) {
            self.maximum = maximum
            self.sampler = sampler
            self.seed = seed
            self.stops = stops
            self.batchSize = batchSize
        }
    }

    private let session: LanguageModelSession
    private var steps: [KVCacheShape: KVCache] = [:]

    package init(_ session: LanguageModelSession) { self.session = session }

    /// Continues every prompt until it stops, has `maximum` new tokens, or fills the model's context.
    /// - Parameter token: called with the prompt's index and each new token as it comes.
    /// - Returns: the new tokens of each prompt.
    /// - Throws: `ModelError` naming a prompt that is empty, too long, or not in the vocabulary.
    package func generate(
        _ prompts: [[Int32]], _ options: Options = Options(), token: (Int, Int32) -> Void = { _, _ in }
    ) throws(ModelError) -> [[Int32]] {
        guard options.maximum >= 1, options.batchSize >= 1 else {
            throw .invalidRequest("At least one token must be asked for, in batches of at least one prompt.")
        }
        guard options.sampler.temperature >= 0, options.sampler.temperature.isFinite, options.sampler.topP > 0 else {
            throw .invalidRequest("The temperature must be at least 0, and top-p greater than 0.")
        }
        let limits = session.model.dimensions.limits
        try ModelError.examples { () throws(DataError) in
            for (index, prompt) in prompts.enumerated() { try limits.check(prompt, at: RowPosition(index: index)) }
        }
        // Prompts of one length together waste the least; each has its own random stream, so batching changes no result.
        let order = prompts.indices.sorted { (prompts[$0].count, $0) < (prompts[$1].count, $1) }
        let size = min(options.batchSize, prompts.count)
        var results = [[Int32]](repeating: [], count: prompts.count)
        for start in stride(from: 0, to: order.count, by: max(1, size)) {
            let chosen = Array(order[start..<min(start + size, order.count)])
            try generate(chosen, size, prompts, options, &results, token)
        }
        return results
    }

    private struct Sequence {
        /// Position of the next token to be read.
        var position: Int
        var random: SeededRandom
        var next: Int32 = 0
        var isDone = false
    }

    private func generate(
        _ chosen: [Int], _ size: Int, _ prompts: [[Int32]], _ options: Options, _ results: inout [[Int32]],
        _ token: (Int, Int32) -> Void
    ) throws(ModelError) {
        let context = session.model.dimensions.context
        let longest = chosen.map { prompts[$0].count }.max() ?? 1
        let needed = min(context, longest + min(context, options.maximum))
        let shape = KVCacheShape(batch: size, capacity: TokenBatch.roundedUp(needed, 64))
        let cached = try cachedSteps(shape)
        try cached.clear()

        var sequences = chosen.map {
            Sequence(position: prompts[$0].count, random: SeededRandom(seed: options.seed, stream: "prompt \($0)"))
        }
        var logits = try cached.advance(chosen.map { (prompts[$0], 0) }, length: TokenBatch.roundedUp(longest, 16))
        while true {
            let vocabulary = session.model.dimensions.vocabulary
            for (row, prompt) in chosen.enumerated() where !sequences[row].isDone {
                let scores = logits[(row * vocabulary)..<((row + 1) * vocabulary)]
                guard scores.allSatisfy(\.isFinite) else {
                    throw .notFinite("Prompt \(prompt + 1): the model's scores for token \(results[prompt].count + 1) are not finite")
                }
                let choice = options.sampler.choose(scores, &sequences[row].random)
                let next = Int32(choice)
                guard !options.stops.contains(next) else {
                    sequences[row].isDone = true
                    continue
                }
                results[prompt].append(next)
                token(prompt, next)
                sequences[row].next = next
                sequences[row].isDone = results[prompt].count >= options.maximum || sequences[row].position >= context
            }
            if sequences.allSatisfy(\.isDone) { return }
            logits = try cached.advance(sequences.map { $0.isDone ? ([], 0) : ([$0.next], $0.position) }, length: 1)
            for row in sequences.indices where !sequences[row].isDone { sequences[row].position += 1 }
        }
    }

    private func cachedSteps(_ shape: KVCacheShape) throws(ModelError) -> KVCache {
        if let known = steps[shape] { return known }
        // One at a time: caches are large, and a data set's batches mostly share a shape.
        steps.removeAll()
        let made = try KVCache(session, shape)
        steps[shape] = made
        return made
    }
}
