/// A metric of one model: the value and what it is to be held against.
package struct MetricResult: Sendable {
    package var key: String
    package var title: String
    package var source: String
    package var direction: MetricDirection
    /// Nil if something is missing.
    package var value: Double?
    /// What is missing for the value; nil if nothing is.
    package var missing: String?
    /// Per example of its set; nil for those without a value. Empty where the metric is not one of examples.
    package var examples: [Double?]
    /// The bootstrap 95 % interval; nil where it says nothing.
    package var interval: BootstrapInterval?
    /// The value to reach: the reference's, or a number that holds for every model. Nil if neither is known.
    package var target: Double?
    /// What is missing for the target; nil if nothing is.
    package var missingTarget: String?
    /// How it was measured, where that changes the value.
    package var settings: String?

    /// Whether a value is there and, where there is a target, how far it is from it.
    package var distance: Double? {
        guard let value, let target else { return nil }
        return value - target
    }
}

/// The metrics of a model that never saw the forget set: the targets of others.
package struct ReferenceResults: Sendable {
    /// Where they come from, for messages.
    package var name: String
    package var values: [String: Double]
    /// Per example, by the metric's key.
    package var examples: [String: [Double]]
    /// How they were measured, by the metric's key; none where it is not known or there is no choice.
    package var settings: [String: String] = [:]

    package init(name: String, values: [String: Double] = [:], examples: [String: [Double]] = [:]) {
        self.name = name
        self.values = values
        self.examples = examples
    }

    /// The results of a model that was evaluated here.
    package init(name: String, _ results: [MetricResult]) {
        self.init(name: name)
        for result in results {
            values[result.key] = result.value
            settings[result.key] = result.settings
            let examples = result.examples.compactMap { $0 }
            if !examples.isEmpty { self.examples[result.key] = examples }
        }
    }
}
