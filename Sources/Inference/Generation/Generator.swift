import Backends
import Data
import Graph
import Models

/// Continues prompts token by token, keeping the keys and values of earlier tokens on the device.
///
/// A batch of prompts of different lengths is read in one plan, padded on the right; then one plan with a token per sequence is
/// replayed. Both update the caches in place. Used from one thread at a time.
public final class Generator {
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
    private var caches: [KVCacheShape: KVCache] = [:]

    /// Generates with the parameters that the session holds when asked.
    public init(_ session: LanguageModelSession) { self.session = session }

    /// Continues every prompt until it stops, has `maximum` new tokens, or fills the model's context.
    /// - Parameters:
    ///   - kept: answers by the prompt's index.
    ///   - token: called with the prompt's index and each new token as it comes; not of answers that are known.
    /// - Returns: the new tokens of each prompt.
    /// - Throws: `DataError` naming a prompt that is empty, too long, or not in the vocabulary; what keeping throws.
    package func generate(
        _ prompts: [[Int32]], _ options: Options = Options(), kept: KeptResults<[Int32]> = KeptResults(),
        token: (Int, Int32) -> Void = { _, _ in }
    ) throws -> [[Int32]] {
        guard options.maximum >= 1, options.batchSize >= 1 else {
            throw ModelError.invalidRequest("At least one token must be asked for, in batches of at least one prompt.")
        }
        guard options.sampler.temperature >= 0, options.sampler.temperature.isFinite, options.sampler.topP > 0 else {
            throw ModelError.invalidRequest("The temperature must be at least 0, and top-p greater than 0.")
        }
        let limits = session.model.dimensions.limits
        for (index, prompt) in prompts.enumerated() { try limits.check(prompt, at: RowPosition(index: index)) }
        // Prompts of one length together waste the least; each has its own random stream, so batching changes no result.
        let order = prompts.indices.sorted { (prompts[$0].count, $0) < (prompts[$1].count, $1) }
        let size = min(options.batchSize, prompts.count)
        var results = [[Int32]](repeating: [], count: prompts.count)
        for start in stride(from: 0, to: order.count, by: max(1, size)) {
            let places = order[start..<min(start + size, order.count)]
            if let known = kept.results(of: places) {
                for (place, answer) in zip(places, known) { results[place] = answer }
                continue
            }
            var sequences = places.map {
                Continuation(prompt: $0, ids: prompts[$0], random: SeededRandom(seed: options.seed, stream: "prompt \($0)"))
            }
            try extend(&sequences, options, rows: size, token: token)
            for sequence in sequences { results[sequence.prompt] = sequence.added }
            try kept.keep(sequences.map { ($0.prompt, $0.added) })
        }
        return results
    }

    /// A prompt that is being continued.
    private struct Continuation {
        let prompt: Int
        let ids: [Int32]
        var random: SeededRandom
        var added: [Int32] = []
        var isDone = false
    }

    /// - Parameter rows: sequences the plans are made for. The last batch may have fewer, and is not worth a plan of its own.
    private func extend(
        _ sequences: inout [Continuation], _ options: Options, rows: Int, token: (Int, Int32) -> Void
    ) throws {
        let sizes = session.model.dimensions
        let longest = sequences.map(\.ids.count).max() ?? 1
        // Rounded up, so that few shapes are ever compiled; limits keep the rows beyond a sequence's end out of sight.
        let needed = min(sizes.context, longest + min(sizes.context, options.maximum))
        let cache = try cache(KVCacheShape(batch: rows, capacity: TokenBatch.roundedUp(needed, 64)))
        try cache.clear()
        // All prompts are read at once, padded to one length; from then on a plan of one token a sequence is replayed.
        var logits = try cache.advance(sequences.map { ($0.ids, 0) }, length: TokenBatch.roundedUp(longest, 16))
        while true {
            for row in sequences.indices where !sequences[row].isDone {
                let scores = logits[(row * sizes.vocabulary)..<((row + 1) * sizes.vocabulary)]
                let (prompt, count) = (sequences[row].prompt, sequences[row].added.count)
                guard scores.allSatisfy(\.isFinite) else {
                    throw ModelError.notFinite("Prompt \(prompt + 1): the model's scores for token \(count + 1) are not finite")
                }
                let next = Int32(options.sampler.choose(scores, &sequences[row].random))
                guard !options.stops.contains(next) else {
                    sequences[row].isDone = true
                    continue
                }
                sequences[row].added.append(next)
                token(prompt, next)
                // The last token needs no place: it is an answer, and never read.
                sequences[row].isDone = count + 1 >= options.maximum || sequences[row].ids.count + count >= sizes.context
            }
            if sequences.allSatisfy(\.isDone) { return }
            // Sequences that are done stay in the batch and read padding, because another batch size would be another plan.
            logits = try cache.advance(
                sequences.map { $0.isDone ? ([], 0) : ($0.added.suffix(1), $0.ids.count + $0.added.count - 1) }, length: 1)
        }
    }

    private func cache(_ shape: KVCacheShape) throws -> KVCache {
        if let known = caches[shape] { return known }
        // One at a time: caches are large, and a data set's batches mostly share a shape.
        caches.removeAll()
        let made = try KVCache(session, shape)
        caches[shape] = made
        return made
    }
}
