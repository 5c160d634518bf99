import Inference

// What objectives compare with: the model as it was. Computed once per example, kept by its position, saved with the run.
extension Unlearner {
    /// Measures the sum of losses of every forget example, and of every alternative, where θ is.
    func measureOriginal() throws {
        let set = { (count: Int, pair: ([Int]) -> BatchPair<Loss>, batch: (BatchPair<Loss>) -> Loss.Batch?) in
            var sums: [Double] = []
            while sums.count < count {
                let asked = pair(Array(sums.count..<min(count, sums.count + self.settings.forgetBatch)))
                guard let examples = batch(asked) else { break }
                let losses = try asked.evaluate(.forgetLoss).forgetLosses
                sums += zip(losses, self.loss.termCounts(examples)).map { Double($0) * Double($1) }
                self.state.gradientEquivalents += asked.cost
            }
            return sums
        }
        state.originalSums = try set(forget.count, { self.batchPair($0, []) }, \.forget)
        guard let alternatives, settings.method.needs.alternatives else { return }
        state.alternativeSums = try set(
            alternatives.count, { self.batchPair($0, [], from: alternatives) }, \.forget)
    }
}
