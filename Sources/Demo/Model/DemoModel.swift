import Files
import Inference
import Models

/// The small decoder of the demo: a Llama in every respect but size, so that what is shown is what a real model goes through.
package enum DemoModel {
    /// The sizes that may be chosen; the rest follows from them.
    package struct Size: Hashable, Sendable {
        package var layers: Int
        package var width: Int
        package var heads: Int
        package var intermediateSize: Int
        package var context: Int

        package init(layers: Int, width: Int, heads: Int, intermediateSize: Int, context: Int) {
            self.layers = layers
            self.width = width
            self.heads = heads
            self.intermediateSize = intermediateSize
            self.context = context
        }

        /// About 0.9 million parameters.
        package static let standard = Size(layers: 4, width: 128, heads: 4, intermediateSize: 344, context: 128)
        /// For tests.
        package static let tiny = Size(layers: 2, width: 32, heads: 2, intermediateSize: 64, context: 128)
    }

    /// A fresh model with a `config.json`, so that it can be exported as a Hugging Face folder.
    /// - Parameter endID: the token that ends a sequence; generation with other tools needs to know it.
    package static func make(vocabulary: Int, endID: Int32?, size: Size = .standard, seed: UInt64) throws -> LoadedModel {
        guard size.heads >= 1, size.width % (2 * size.heads) == 0 else {
            throw ModelError.invalidRequest("The width \(size.width) cannot be divided among \(size.heads) heads of an even size.")
        }
        let decoder = DecoderModel(
            Llama(),
            DecoderModel.Configuration(
                vocabulary: vocabulary, width: size.width, intermediateSize: size.intermediateSize, layers: size.layers, heads: size.heads,
                keyValueHeads: size.heads, context: size.context))
        let fresh = try LoadedModel(initialising: decoder, seed: seed)
        var configuration = fresh.configuration.asObject ?? JSONObject()
        if let endID {
            configuration["bos_token_id"] = .integer(Int(endID))
            configuration["eos_token_id"] = .integer(Int(endID))
        }
        return LoadedModel(
            model: fresh.model, split: fresh.split, trainable: fresh.trainable, frozen: fresh.frozen,
            configuration: .object(configuration), source: nil)
    }
}
