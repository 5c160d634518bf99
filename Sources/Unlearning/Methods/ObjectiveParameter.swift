import Files

/// A number in a forget objective's formula that a run may choose.
struct ObjectiveParameter<Objective>: Sendable {
    let name: String
    let meaning: String
    /// "1" for numbers without one.
    let unit: String
    let limits: Limits<Double>
    let isWhole: Bool
    let value: @Sendable (Objective) -> Double
    let set: @Sendable (inout Objective, Double) -> Void

    init(
        _ name: String, _ path: WritableKeyPath<Objective, Double> & Sendable, within limits: Limits<Double>, unit: String = "1",
        _ meaning: String
    ) {
        (self.name, self.meaning, self.unit, self.limits, isWhole) = (name, meaning, unit, limits, false)
        value = { $0[keyPath: path] }
        set = { $0[keyPath: path] = $1 }
    }

    /// A count.
    init(
        _ name: String, _ path: WritableKeyPath<Objective, Int> & Sendable, within limits: Limits<Double>, unit: String,
        _ meaning: String
    ) {
        (self.name, self.meaning, self.unit, self.limits, isWhole) = (name, meaning, unit, limits, true)
        value = { Double($0[keyPath: path]) }
        // What a run is given is checked before; a number that is no count leaves the default.
        set = { objective, value in Int(exactly: value).map { objective[keyPath: path] = $0 } }
    }
}

/// What there is to say of a parameter of a forget objective.
public struct ParameterDescription: Sendable, Hashable {
    /// What `--forget-parameters` calls it.
    public let name: String
    /// In half a line.
    public let meaning: String
    /// "1" for numbers without one.
    public let unit: String
    /// Whether only whole numbers will do.
    public let isWhole: Bool
    /// Its value where nobody asks for another.
    public let value: Double
    /// "from 0 to 1".
    public let range: String
}

/// Numbers for a forget objective by the names of its parameters.
public struct ObjectiveParameters: Sendable, Hashable, CustomStringConvertible {
    let values: [String: Double]

    /// Reads "beta=0.05,delta=1"; nil for anything else, and for a name that comes twice.
    public init?(_ text: String) {
        var values: [String: Double] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty, values[String(sides[0])] == nil, let value = Double(sides[1]), value.isFinite else {
                return nil
            }
            values[String(sides[0])] = value
        }
        self.values = values
    }

    /// Sorted by name, so that equal choices are written alike.
    public var description: String { values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }
}

extension ForgetObjective {
    /// What can be chosen, at this objective's values.
    var parameters: [ParameterDescription] {
        Self.parameters.map {
            ParameterDescription(
                name: $0.name, meaning: $0.meaning, unit: $0.unit, isWhole: $0.isWhole, value: $0.value(self), range: $0.limits.words)
        }
    }

    /// The objective at other values; names it does not have are left out.
    func with(_ chosen: ObjectiveParameters) -> Self {
        var objective = self
        for parameter in Self.parameters {
            if let value = chosen.values[parameter.name] { parameter.set(&objective, value) }
        }
        return objective
    }

    /// What is wrong with a choice, if anything.
    func problem(_ chosen: ObjectiveParameters) -> String? {
        let known = Self.parameters
        for (name, value) in chosen.values.sorted(by: { $0.key < $1.key }) {
            guard let parameter = known.first(where: { $0.name == name }) else {
                let hint = known.isEmpty ? "it has none" : NearestName.hint(name, among: known.map(\.name))
                return "the forget objective \(code) has no parameter \"\(name)\"; \(hint)"
            }
            if let problem = parameter.limits.problem(value) { return "\(name) \(problem)" }
            if parameter.isWhole, Int(exactly: value) == nil { return "\(name) must be a whole number, not \(value)" }
        }
        return nil
    }
}
