import Backends
import Data
import Graph
import Inference
import Models
import Testing

@Suite("Generation")
struct GeneratorTests {
    /// The likeliest next tokens by the whole model on the whole sequence, without a cache.
    static func uncached(_ session: LanguageModelSession, _ prompt: [Int32], _ count: Int) throws -> [Int32] {
        var ids = prompt
        for _ in 0..<count {
            let graph = ComputationGraph()
            let theta = graph.input("theta", .real, [session.split.trainable.count])
            let weights = WeightNodes(session.split, trainable: theta)
            let tokens = TokenNodes(causal: graph.input("ids", .index, [ids.count]), batch: 1, length: ids.count)
            let hidden = session.model.hidden(weights, tokens, cache: nil)
            let last = hidden.slice(at: [ids.count - 1, 0], shape: [1, session.model.dimensions.width])
            let plan = Plan([("logits", session.model.logits(weights, last))])
            let runner = try PlanRunner(plan, on: session.backend, shared: session.parameters)
            try runner.run(["ids": .index(ids)])
            let logits = try runner.read("logits")
            var random = SeededRandom(seed: 0)
            ids.append(Int32(Sampler.greedy.choose(logits[...], &random)))
        }
        return Array(ids.dropFirst(prompt.count))
    }

    @Test("with a cache and in batches gives what the whole model gives", arguments: Golden.names, Devices.names)
    func cacheEqualsWhole(name: String, device: String) throws {
        let golden = try Golden(name)
        let session = try LanguageModelSession(golden.loaded, on: Devices.backend(device))
        let prompts: [[Int32]] = [[5, 9, 31, 7, 22], [3], [40, 41], [90, 12, 60, 61, 62, 63, 64, 11, 10], [8, 8, 8]]
        let expected = try prompts.map { try Self.uncached(session, $0, 12) }
        let generator = Generator(session)
        for batch in [1, 2, 5] {
            #expect(try generator.generate(prompts, .init(maximum: 12, batchSize: batch)) == expected)
        }
    }

    @Test("stops at a stop token, which is left out, while others go on")
    func stops() throws {
        let session = try LanguageModelSession(Golden("llama-tied").loaded, on: CPUBackend())
        let prompts: [[Int32]] = [[5, 9, 31], [3, 4]]
        let free = try Generator(session).generate(prompts, .init(maximum: 10))
        let stop = free[0][4]
        let stopped = try Generator(session).generate(prompts, .init(maximum: 10, stops: [stop]))
        for (all, short) in zip(free, stopped) { #expect(short == Array(all.prefix { $0 != stop })) }
    }

    @Test("ends where the context is full")
    func fillsContext() throws {
        let session = try LanguageModelSession(Golden("gpt2").loaded, on: CPUBackend())
        let answers = try Generator(session).generate([[Int32](repeating: 4, count: 30), [5]], .init(maximum: 100))
        // A context of 32 reads 30 + 2 tokens and predicts one more; likewise 1 + 31.
        #expect(answers.map(\.count) == [3, 32])
    }

    @Test("samples the same with the same seed, whatever the batch")
    func sampling() throws {
        let session = try LanguageModelSession(Golden("qwen2").loaded, on: CPUBackend())
        let prompts: [[Int32]] = [[5, 9], [3, 4, 5], [6]]
        var options = Generator.Options(maximum: 8, sampler: Sampler(temperature: 1, topP: 0.9), seed: 7)
        let first = try Generator(session).generate(prompts, options)
        options.batchSize = 1
        #expect(try Generator(session).generate(prompts, options) == first)
        options.seed = 8
        #expect(try Generator(session).generate(prompts, options) != first)
    }

    @Test("says which prompt cannot be continued")
    func errors() throws {
        let session = try LanguageModelSession(Golden("mistral").loaded, on: CPUBackend())
        let generator = Generator(session)
        let message = { (prompts: [[Int32]]) -> String in
            do { return "\(try generator.generate(prompts))" } catch { return "\(error)" }
        }
        #expect(message([[5], []]) == "Example 2: it has no tokens")
        #expect(
            message([[5, 97]])
                == "Example 1: the id 97 at position 2 is outside the model's vocabulary of 97; was it made with another model's tokenizer?"
        )
        #expect(message([[Int32](repeating: 3, count: 33)]).contains("window of 32 tokens"))
    }
}

@Suite("Sampler")
struct SamplerTests {
    @Test("takes the first of equal logits when greedy")
    func greedy() {
        var random = SeededRandom(seed: 1)
        #expect(Sampler.greedy.choose([0, 3, 1, 3][...], &random) == 1)
    }

    @Test("draws in proportion to the probabilities and never outside the nucleus")
    func nucleus() {
        var random = SeededRandom(seed: 1)
        // Probabilities 0.5, 0.3, 0.2.
        let logits: [Float] = [-0.6931472, -1.2039728, -1.6094379]
        var counts = [0, 0, 0]
        for _ in 0..<10_000 { counts[Sampler(temperature: 1).choose(logits[...], &random)] += 1 }
        #expect(abs(counts[0] - 5000) < 200 && abs(counts[1] - 3000) < 200)
        counts = [0, 0, 0]
        for _ in 0..<10_000 { counts[Sampler(temperature: 1, topP: 0.75).choose(logits[...], &random)] += 1 }
        #expect(counts[2] == 0 && abs(counts[0] - 6250) < 200)
    }
}
