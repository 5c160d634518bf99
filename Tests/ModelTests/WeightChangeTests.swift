import Files
import Inference
import Models
import Testing

@Suite("How far weights moved")
struct WeightChangeTests {
    @Test("is nothing for a model as it was read, from tensors of any kind", arguments: Golden.names)
    func unmoved(name: String) throws {
        let loaded = try Golden(name).loaded
        for precision in ModelExporter.Precision.allCases {
            let change = try #require(try WeightChange(sinceLoading: loaded, writtenAs: precision))
            #expect(change.isNone && change.norm == 0 && change.relative == 0)
            #expect(change.count == loaded.trainable.count)
        }
    }

    @Test("is nothing for a GGUF file as it was read, whose rows lie in another order")
    func gguf() throws {
        try GGUFTests.load(GGUFTests.converted("llama-tied")) { loaded, _ in
            let change = try WeightChange(sinceLoading: loaded, writtenAs: .f32)
            #expect(change?.norm == 0)
        }
    }

    @Test("is measured since the files, or since another state of the model")
    func moved() throws {
        let loaded = try Golden(Golden.names[0]).loaded
        var other = loaded
        other.trainable[3] += 3
        other.trainable[70] -= 4
        let since = try #require(try WeightChange(sinceLoading: other, writtenAs: .f32))
        #expect(since == WeightChange(of: other, since: loaded, writtenAs: .f32))
        #expect(since.moved == 2 && !since.isNone)
        #expect(abs(since.norm - 5) <= 1e-5)
        var square = 0.0
        for value in loaded.trainable { square += Double(value) * Double(value) }
        let expected = since.norm / square.squareRoot()
        #expect(abs(since.relative - expected) <= 1e-9)
    }

    @Test("is nothing where all of it is lost as the weights are written")
    func lost() throws {
        let start = try freshLlama()
        var other = start
        let factor: Float = 1 + 1e-6
        other.trainable = start.trainable.map { $0 * factor }
        #expect(WeightChange(of: other, since: start, writtenAs: .f32).moved > start.trainable.count / 2)
        var rounded = start
        rounded.trainable = StoredType.bf16.rounded(start.trainable)
        var nudged = rounded
        nudged.trainable = rounded.trainable.map { $0 * factor }
        let change = WeightChange(of: nudged, since: rounded, writtenAs: .bf16)
        #expect(change.isNone && change.norm > 0)
        #expect(WeightChange(of: rounded, since: start, writtenAs: .bf16).isNone, "rounding moves nothing")
    }

    @Test("is that of the merged weights: a fresh adapter moves none")
    func adapters() throws {
        let start = try freshLlama()
        let fresh = try freshLlama(.lora(LowRankAdapter(rank: 2, alpha: 4)))
        #expect(WeightChange(of: fresh, since: start, writtenAs: .f32).isNone)
        var trained = fresh
        trained.trainable = fresh.trainable.map { $0 + 0.01 }
        let change = WeightChange(of: trained, since: fresh, writtenAs: .f32)
        #expect(change.moved > 0 && change.count == start.trainable.count)
    }
}
