import Inference

extension LanguageModelSession {
    /// Lets `body` work with other numbers in this session, or change them, and puts back what was there.
    /// - Parameter change: what the numbers become before; nil leaves them.
    package func lendingWeights<Result>(
        _ change: ((LoadedModel) -> LoadedModel)? = nil, _ body: () throws -> Result
    ) throws -> Result {
        let own = try download()
        do {
            if let change { try put(change(own)) }
            let result = try body()
            try put(own)
            return result
        } catch {
            try put(own)
            throw error
        }
    }

    private func put(_ model: LoadedModel) throws {
        try backend.write(model.trainable, to: trainable)
        if let frozen { try backend.write(model.frozen, to: frozen) }
    }
}
