/// The values that a number from outside may have: a setting, an option, a part of a saved state.
package struct Limits<Value: Comparable & Sendable>: Sendable {
    package let least: Value
    package let most: Value
    /// Whether `least` itself is too small.
    package let isOpen: Bool

    private init(_ least: Value, _ most: Value, isOpen: Bool) {
        self.least = least
        self.most = most
        self.isOpen = isOpen
    }

    package static func from(_ least: Value, to most: Value) -> Limits { Limits(least, most, isOpen: false) }

    /// Everything above `least`, without it.
    package static func above(_ least: Value, to most: Value) -> Limits { Limits(least, most, isOpen: true) }

    /// NaN is within no limits.
    package func contains(_ value: Value) -> Bool { (isOpen ? value > least : value >= least) && value <= most }

    /// "must be from 1 to 10, not 12", or nil if the value is within the limits.
    package func problem(_ value: Value) -> String? { contains(value) ? nil : "must be \(words), not \(Self.text(value))" }

    /// "from 1 to 10", or "above 0 and at most 10".
    package var words: String {
        isOpen ? "above \(Self.text(least)) and at most \(Self.text(most))" : "from \(Self.text(least)) to \(Self.text(most))"
    }

    /// 1 and not 1.0.
    private static func text(_ value: Value) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension Limits where Value == Int {
    /// A count of things that are made one after the other: more than any run makes, and far from where sums overflow.
    package static let count = Limits.from(0, to: 1_000_000_000_000)
}

extension Limits where Value == Double {
    /// Any finite number.
    package static let finite = Limits.from(-Double.greatestFiniteMagnitude, to: .greatestFiniteMagnitude)
    package static let notNegative = Limits.from(0, to: .greatestFiniteMagnitude)
}

extension JSONValue {
    /// The integer of a member, nil if there is none or it is beyond the limits.
    package func int(_ key: String, _ limits: Limits<Int> = .count) -> Int? {
        self[key]?.asInt.flatMap { limits.contains($0) ? $0 : nil }
    }

    /// The number of a member, nil if there is none or it is beyond the limits.
    package func double(_ key: String, _ limits: Limits<Double> = .finite) -> Double? {
        self[key]?.asDouble.flatMap { limits.contains($0) ? $0 : nil }
    }
}
