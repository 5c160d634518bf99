import Backends
import Data
import Demo
import Evaluation
import Files
import Inference
import Models
import Testing

@Suite("How deep a model has forgotten")
struct DepthTests {
    private static let layers = 3

    /// Its weights are large enough that every layer matters.
    private func model(layers: Int = Self.layers, seed: UInt64) throws -> LoadedModel {
        var sizes = DecoderModel.Configuration(
            vocabulary: 40, width: 16, intermediateSize: 24, layers: layers, heads: 2, keyValueHeads: 1, context: 32, isTied: false)
        sizes.deviation = 0.3
        return try LoadedModel(initialising: DecoderModel(Llama(), sizes), seed: seed)
    }

    private func session(_ model: LoadedModel) throws -> LanguageModelSession { try LanguageModelSession(model, on: CPUBackend()) }

    /// A model of `layers` layers with each tensor from the model that `source` names.
    private func grafted(layers: Int, _ source: (_ name: String) -> LoadedModel) throws -> LoadedModel {
        var result = try model(layers: layers, seed: 0)
        for entry in result.split.trainable.entries {
            result.trainable.replaceSubrange(entry.range, with: source(entry.name).merged(entry.specification))
        }
        return result
    }

    /// Embedding and the first `layers` layers from one model, the rest from another.
    private func grafted(_ lower: LoadedModel, _ layers: Int, _ upper: LoadedModel, of all: Int = Self.layers) throws -> LoadedModel {
        try grafted(layers: all) { name in
            let isLower = name.contains("embed_tokens") || (0..<layers).contains { name.contains("layers.\($0).") }
            return isLower ? lower : upper
        }
    }

    private func example(_ length: Int, from first: Int, seed: UInt64) -> TokenExample {
        var random = SeededRandom(seed: seed, stream: "ids")
        let ids = (0..<length).map { _ in Int32(random.below(40)) }
        return TokenExample(ids: ids, labels: ids.enumerated().map { $0.offset < first ? TokenExample.masked : $0.element })
    }

    private func measured(_ model: LoadedModel, _ examples: [TokenExample]) throws -> [Double] {
        try TokenMeasurer(session(model)).measure(examples).map { -$0.loss }
    }

    @Test("Where all states of a text are exchanged, the upper layers stand on another model's lower ones")
    func wholeTexts() throws {
        let (own, original, reference) = try (model(seed: 1), model(seed: 2), model(seed: 3))
        let examples = (0..<5).map { example(7 + 3 * $0, from: 1, seed: UInt64($0)) }
        let depth = try DepthMeasurer(session(own), original: session(original), reference: session(reference)).measure(examples)
        let plain = try measured(original, examples)
        for (found, wanted) in zip(depth.original, plain) { #expect(abs(found - wanted) < 1e-5) }
        for layer in 1...Self.layers {
            for (source, patched, lens) in [
                (own, depth.patched.model, depth.lens.model), (reference, depth.patched.reference, depth.lens.reference),
            ] {
                let upper = try measured(grafted(source, layer, original), examples)
                let head = try measured(grafted(source, layer, original, of: layer), examples)
                for item in examples.indices {
                    #expect(abs(patched[item][layer - 1] - upper[item]) < 1e-5)
                    #expect(abs(lens[item][layer - 1] - head[item]) < 1e-5)
                }
            }
            let head = try measured(grafted(original, layer, original, of: layer), examples)
            for item in examples.indices { #expect(abs(depth.originalLens[item][layer - 1] - head[item]) < 1e-5) }
        }
    }

    @Test("A prompt's states stay the original's, and the original's own change nothing")
    func answers() throws {
        let (own, original) = try (model(seed: 1), model(seed: 2))
        let examples = (0..<6).map { example(12, from: 4 + $0, seed: UInt64($0)) }
        let depth = try DepthMeasurer(session(original), original: session(original), reference: session(own)).measure(
            examples, batchSize: 3)
        for item in examples.indices {
            for layer in 0..<Self.layers { #expect(abs(depth.patched.model[item][layer] - depth.original[item]) < 1e-5) }
            // No later state sees the last layer's, so there the prompt's states do not matter.
            #expect(abs(depth.patched.reference[item][Self.layers - 1] - depth.lens.reference[item][Self.layers - 1]) < 1e-5)
        }
        let whole = try measured(grafted(own, 1, original), examples)
        #expect(zip(depth.patched.reference, whole).contains { abs($0[0] - $1) > 1e-3 })
        #expect(depth.depthScores.allSatisfy { $0 == nil || $0 == 0 || abs($0 ?? 1) < 1e-4 })
        let same = try DepthMeasurer(session(own), original: session(original), reference: session(own)).measure(examples)
        #expect(same.depthScores.contains { $0 != nil } && same.depthScores.allSatisfy { $0 == nil || abs(($0 ?? 0) - 1) < 1e-12 })
    }

    @Test("Scores are weighed means over the layers whose drop says something")
    func scores() {
        // Drops of 1, 0.04 (too small), 3; the model's are 0.5, 9, 6 (capped).
        let erasure = { MeasuredDepth.erasure(original: [0, 0, 0], reference: [-1, -0.04, -3], model: $0) }
        #expect(erasure([-0.5, -9, -6]) == 3.5 / 4)
        #expect(erasure([2, 0, 0]) == 0)
        #expect(MeasuredDepth.erasure(original: [0], reference: [-0.05], model: [-1]) == nil)
        #expect(MeasuredDepth.erasure(original: [0], reference: [1], model: [-1]) == nil)
    }

    @Test("Models of other shapes cannot exchange states")
    func shapes() throws {
        let (deep, shallow) = try (session(model(seed: 1)), session(model(layers: 2, seed: 1)))
        #expect(throws: ModelError.self) { try DepthMeasurer(deep, original: shallow, reference: deep) }
        #expect(throws: ModelError.self) { try DepthMeasurer(deep, original: deep, reference: shallow) }
    }

    @Test("An entity narrows an answer to its tokens")
    func entities() throws {
        let data = try DemoData(people: 4, forgotten: 1, questions: 3, vocabulary: 320, seed: 1)
        let encoder = data.encoder, example = data.forget[0]
        let whole = try encoder.encode(example)
        let answer = example.questionAndAnswer.answer
        #expect(try EntitySpan.narrowed(example, encoder) == whole)
        let words = answer.split(separator: " ").map(String.init)
        let entity = try #require(words.dropLast().last)
        let named = Example(example.content, fields: JSONObject([("entity", .string(entity))]))
        let narrowed = try EntitySpan.narrowed(named, encoder)
        #expect(narrowed.ids == whole.ids && narrowed.answerCount < whole.answerCount && narrowed.answerCount > 0)
        let text = encoder.tokenizer.decode(narrowed.labels.filter { $0 >= 0 }, skipSpecialTokens: true)
        #expect(text.contains(entity) && text.utf8.count < answer.utf8.count)
        for (field, value) in [("entity", JSONValue.string("Nowhere")), ("entity", .number(3)), ("entity", .string(""))] {
            #expect(throws: DataError.self) {
                try EntitySpan.narrowed(Example(example.content, fields: JSONObject([(field, value)])), encoder)
            }
        }
    }
}
