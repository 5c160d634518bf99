/// What was measured of one model.
package struct CellMeasurement: Hashable, Sendable {
    /// By the keys of the metrics.
    package var figures: [String: CellFigure] = [:]
    /// By the names of the sets that were asked for answers.
    package var answers: [String: [CellAnswer]] = [:]

    package init(figures: [String: CellFigure] = [:]) { self.figures = figures }

    /// A metric's values for the examples of its set; empty where it has none for some.
    package func examples(_ key: String) -> [Double] {
        let values = figures[key]?.examples ?? []
        return values.contains { $0 == nil } ? [] : values.compactMap { $0 }
    }
}

/// One metric of one model.
package struct CellFigure: Hashable, Sendable {
    package var value: Double?
    /// The bootstrap 95 % interval; nil where there is none.
    package var interval: ClosedRange<Double>?
    /// Of every example, in the order of the set; nil where an example has no value.
    package var examples: [Double?] = []

    package init(_ value: Double?, interval: ClosedRange<Double>? = nil, examples: [Double?] = []) {
        (self.value, self.interval, self.examples) = (value, interval, examples)
    }
}

/// What a model says to a question.
package struct CellAnswer: Hashable, Sendable {
    package var question: String
    package var reference: String
    package var generated: String
}

/// What making a model took.
package struct CellCost: Hashable, Sendable {
    package var gradientEquivalents = 0.0
    /// Of the steps alone.
    package var seconds = 0.0
    package var rounds = 0
    package var steps = 0
    /// Of the steps, those that look at a forget batch to forget it.
    package var forgetSteps = 0
    /// Forget examples that these steps saw, each as often as it was seen.
    package var forgetExamples = 0
    /// Why it ended, for people.
    package var end = ""

    package init() {}

    /// Gradient-equivalents for each forget example seen; nil where none was seen.
    package var perForgetExample: Double? { forgetExamples > 0 ? gradientEquivalents / Double(forgetExamples) : nil }

    /// The cost relative to gradient ascent's for the same forget examples in the same batches, which takes 1 gradient-equivalent a batch;
    /// nil where none was seen.
    package var relative: Double? { forgetSteps > 0 ? gradientEquivalents / Double(forgetSteps) : nil }
}
