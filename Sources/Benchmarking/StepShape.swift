import Data
import Inference
import Models

/// The two models whose steps are measured, the same as in `Benchmarks/peers`.
package enum StepShape: String, CaseIterable {
    /// 4 layers of width 128: small enough for overheads to show.
    case tiny
    /// SmolLM2-135M: 30 layers of width 576 and a vocabulary of 49152.
    case smol

    package var configuration: DecoderModel.Configuration {
        switch self {
        case .tiny:
            DecoderModel.Configuration(
                vocabulary: 2048, width: 128, intermediateSize: 384, layers: 4, heads: 4, keyValueHeads: 2, context: 2048)
        case .smol:
            DecoderModel.Configuration(
                vocabulary: 49152, width: 576, intermediateSize: 1536, layers: 30, heads: 9, keyValueHeads: 3, context: 2048)
        }
    }

    package var batch: Int { self == .tiny ? 16 : 4 }
    package var length: Int { 64 }
    package var repeats: Int { self == .tiny ? 7 : 3 }

    /// Fresh random weights.
    package func model(seed: UInt64) throws -> LoadedModel {
        try LoadedModel(initialising: DecoderModel(Llama(), configuration), seed: seed)
    }

    /// Random tokens that are all labels.
    package func tokens(batch: Int, length: Int, seed: UInt64, stream: String) -> TokenBatch {
        var random = SeededRandom(seed: seed, stream: stream)
        let examples = (0..<batch).map { _ in
            let ids = (0..<length).map { _ in Int32.random(in: 0..<Int32(configuration.vocabulary), using: &random) }
            return TokenExample(ids: ids, labels: [TokenExample.masked] + ids.dropFirst())
        }
        return TokenBatch(examples, context: configuration.context)
    }
}
