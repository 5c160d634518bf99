import Files
import Models

/// A model with its numbers on the host.
public struct LoadedModel: Sendable {
    package let model: any Model
    package let split: ParameterSplit
    /// The flat trainable parameters; the layout is `split.trainable`.
    package var trainable: [Float]
    /// The flat frozen parameters; the layout is `split.frozen`.
    package var frozen: [Float]
    /// The contents of `config.json`, as it was or as rebuilt from GGUF.
    package let configuration: JSONValue
    /// Where the model came from; nil if it was made. Its tokenizer is there too.
    package let source: ModelFolder?

    package init(
        model: any Model, split: ParameterSplit, trainable: [Float], frozen: [Float], configuration: JSONValue,
        source: ModelFolder?
    ) {
        self.model = model
        self.split = split
        self.trainable = trainable
        self.frozen = frozen
        self.configuration = configuration
        self.source = source
    }

    /// A fresh model whose parameters are drawn from a seed.
    package init(
        initialising model: any Model, trainable choice: TrainableParameters = .all, seed: UInt64
    ) throws {
        let split = try ParameterSplit(model.specifications, choice)
        self.init(
            model: model, split: split, trainable: ModelInitialiser.values(split.trainable, seed: seed),
            frozen: ModelInitialiser.values(split.frozen, seed: seed), configuration: model.configurationFile, source: nil)
    }
}
