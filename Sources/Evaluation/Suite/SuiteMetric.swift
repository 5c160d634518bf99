/// A number that says how far a model has forgotten, or what else was hurt. A new one is one more file with one of these, and a line in
/// `EvaluationSuite`.
package protocol SuiteMetric: Sendable {
    /// Its name in results; where open-unlearning has one, that.
    var key: String { get }
    /// Its name in tables.
    var title: String { get }
    /// Where its definition stands.
    var source: String { get }
    var direction: MetricDirection { get }
    /// The target where no reference gives one; nil for none.
    var fallbackTarget: FallbackTarget? { get }
    /// What it is made of.
    /// - Throws: `MissingMaterial` that says what is not there.
    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial
}

extension SuiteMetric {
    package var fallbackTarget: FallbackTarget? { nil }
}

/// A target that holds without knowing any model, and why.
package struct FallbackTarget: Hashable, Sendable {
    package var value: Double
    /// In words that end a sentence: "what guessing gives".
    package var reason: String
    package init(_ value: Double, _ reason: String) { (self.value, self.reason) = (value, reason) }
}

/// Which values of a metric are good ones.
package enum MetricDirection: Hashable, Sendable {
    case higher, lower
    /// The nearer to the value of a model that never saw the forget set, the better.
    case likeReference
    /// The nearer to a number, the better.
    case toward(Double)

    package var code: String {
        switch self {
        case .higher: "higher"
        case .lower: "lower"
        case .likeReference: "reference"
        case .toward: "value"
        }
    }
}

/// What a metric would need, in words.
package struct MissingMaterial: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// What a metric is computed from.
package struct MetricMaterial {
    /// The values that are resampled.
    package var groups: [BootstrapInterval.Group]
    /// The value for every example of the metric's set, for those who read results; nil where an example has none.
    package var examples: [Double?]
    /// The metric as a function of the groups' values.
    package var statistic: ([[Double]]) -> Double
    /// Whether resampling says how far the value may be off; it does not for p-values.
    package var hasInterval = true
    /// How it was measured, where that changes the value: a reference must have been measured so too. Nil where there is no choice.
    package var settings: String?

    package init(groups: [BootstrapInterval.Group], examples: [Double?] = [], statistic: @escaping ([[Double]]) -> Double) {
        self.groups = groups
        self.examples = examples
        self.statistic = statistic
    }

    /// The mean over the examples that have a value, which `transformed` may change before.
    /// - Throws: `MissingMaterial` if none has.
    package init(
        meanOf examples: [Double?], _ role: EvaluationRole, transformed: (Double) -> Double = { $0 }
    ) throws(MissingMaterial) {
        let values = examples.compactMap { $0 }.map(transformed)
        guard !values.isEmpty else { throw MissingMaterial("no example of the \(role.title) has a value") }
        self.init(groups: [.init(role.rawValue, values)], examples: examples) { groups in
            groups[0].reduce(0, +) / Double(groups[0].count)
        }
    }
}

extension MeasuredModel {
    /// The items of a set.
    /// - Throws: `MissingMaterial` naming the option that gives it.
    package func items(_ role: EvaluationRole) throws(MissingMaterial) -> [MeasuredItem] {
        guard let items = sets[role], !items.isEmpty else { throw MissingMaterial("needs the \(role.title) (\(role.option))") }
        return items
    }
}

extension EvaluationRole {
    /// - Throws: `MissingMaterial` naming a field that the set's rows lack.
    package func need<Value>(_ value: Value?, field: String) throws(MissingMaterial) -> Value {
        guard let value else { throw MissingMaterial("needs \(field) in the rows of the \(title)") }
        return value
    }
}
