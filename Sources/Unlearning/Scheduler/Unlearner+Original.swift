import Inference

// What objectives compare with: the model as it was. Computed once per example, kept by its position, saved with the run.
extension Unlearner {
    /// Measures the sum of losses of every forget example where θ is.
    func measureOriginal() throws {
        var sums: [Double] = []
        while sums.count < forget.count {
            let places = Array(sums.count..<min(forget.count, sums.count + settings.forgetBatch))
            let batch = batchPair(places, [])
            let losses = try batch.evaluate(.forgetLoss).forgetLosses
            sums += zip(losses, loss.termCounts(batch.forget)).map { Double($0) * Double($1) }
            state.gradientEquivalents += batch.cost
        }
        state.originalSums = sums
    }
}
