import Backends
import Models

/// A language model on a device: what commands that score, ask or change a model work with. Used from one thread at a time.
public final class LanguageModelSession: ModelSession {
    package let model: any LanguageModel

    /// Copies a model's numbers to the device.
    /// - Throws: `ModelError.invalidRequest` for a model that reads no text.
    public override init(_ loaded: LoadedModel, on backend: any Backend) throws {
        model = try loaded.model.language
        try super.init(loaded, on: backend)
    }

    /// The mean loss of the answer tokens of every example, in nats, as a function of the trainable parameters.
    public var loss: LanguageModelLoss { LanguageModelLoss(model, split, frozen: frozen) }
}
