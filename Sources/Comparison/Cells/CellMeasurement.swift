/// What was measured of one model.
package struct CellMeasurement: Sendable {
    /// By the names of the sets that were asked.
    package var sets: [String: SetMeasurement] = [:]

    package init(sets: [String: SetMeasurement] = [:]) { self.sets = sets }
}

/// What was measured on one set.
package struct SetMeasurement: Hashable, Sendable {
    /// Of every example, in the order of the set, by the metric's key; nil where an example has no value.
    package var values: [String: [Double?]] = [:]
    /// Of the set as a whole, by key.
    package var figures: [String: Double] = [:]
    package var answers: [Answer] = []

    package struct Answer: Hashable, Sendable {
        package var question: String
        package var reference: String
        package var generated: String
    }

    package init() {}

    /// The mean over the examples that have a value; nil where none has.
    package func mean(_ metric: String) -> Double? {
        let present = (values[metric] ?? []).compactMap { $0 }
        return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
    }
}

/// What making a model took.
package struct CellCost: Hashable, Sendable {
    package var gradientEquivalents = 0.0
    /// Of the steps alone.
    package var seconds = 0.0
    package var rounds = 0
    package var steps = 0
    /// Why it ended, for people.
    package var end = ""

    package init() {}
}
