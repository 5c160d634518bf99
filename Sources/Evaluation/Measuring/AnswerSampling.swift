/// How answers are drawn at random.
package struct AnswerSampling: Hashable, Sendable {
    /// Answers to each question.
    package var count: Int
    /// 1 draws as the model says.
    package var temperature = 1.0
    package var seed: UInt64 = 0

    package init(count: Int, temperature: Double = 1, seed: UInt64 = 0) {
        (self.count, self.temperature, self.seed) = (count, temperature, seed)
    }

    /// What numbers made of the answers depend on, other than the draw.
    package var words: String { "\(count) \(count == 1 ? "sample" : "samples") at temperature \(temperature)" }
}
