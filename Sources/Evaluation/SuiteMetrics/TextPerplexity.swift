import Glibc

/// The perplexity of plain text: exp of the mean loss over all tokens of all texts.
struct TextPerplexity: SuiteMetric {
    let key = "text_perplexity"
    let title = "perplexity of general text"
    let source = "exp of the mean cross-entropy per token"
    var direction: MetricDirection { .lower }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        guard !model.texts.isEmpty else { throw MissingMaterial("needs plain text (--text)") }
        let counts = model.texts.map { Double($0.logProbabilities.count) }
        let losses = model.texts.map(\.loss)
        return MetricMaterial(groups: [.init("text", zip(losses, counts).map { $0 * $1 }), .init("text", counts)], examples: losses) {
            groups in
            exp(groups[0].reduce(0, +) / groups[1].reduce(0, +))
        }
    }
}
