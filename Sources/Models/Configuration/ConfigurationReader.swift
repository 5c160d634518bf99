import Files

/// Reads values of a `config.json`, with errors that name the key.
package struct ConfigurationReader {
    var json: JSONValue
    var path: String

    /// A positive whole number. The limits keep products and sums of sizes, as lying files give them, far from overflow.
    func count(_ key: String, atMost limit: Int = 1 << 24, default fallback: Int? = nil) throws(ModelError) -> Int {
        if present(key) == nil, let fallback { return fallback }
        let number = try value(key, "a positive whole number") { $0.asInt.flatMap { $0 >= 1 ? $0 : nil } }
        guard number <= limit else {
            throw .configuration(path: path, key: key, problem: "is \(number); at most \(limit) is supported")
        }
        return number
    }

    /// As `count` for a key that has a second spelling; the two must not contradict each other.
    func count(
        _ key: String, or other: String, atMost limit: Int = 1 << 24, default fallback: Int? = nil
    ) throws(ModelError) -> Int {
        guard present(other) != nil else { return try count(key, atMost: limit, default: fallback) }
        let value = try count(other, atMost: limit)
        guard try count(key, atMost: limit, default: value) == value else {
            throw .configuration(path: path, key: other, problem: "is \(value), but \"\(key)\" says otherwise")
        }
        return value
    }

    /// A positive number.
    func number(_ key: String, default fallback: Double? = nil) throws(ModelError) -> Double {
        try value(key, "a positive number", default: fallback) { $0.asDouble.flatMap { $0.isFinite && $0 > 0 ? $0 : nil } }
    }

    /// Positive whole numbers in a list.
    func counts(_ key: String, atMost limit: Int = 65_536, default fallback: [Int]) throws(ModelError) -> [Int] {
        try value(key, "a list of whole numbers from 1 to \(limit)", default: fallback) { list in
            let numbers = list.asArray?.map { $0.asInt ?? 0 }
            return numbers.flatMap { $0.allSatisfy { (1...limit).contains($0) } ? $0 : nil }
        }
    }

    /// Finite numbers in a list.
    func numbers(_ key: String, default fallback: [Double]) throws(ModelError) -> [Double] {
        try value(key, "a list of numbers", default: fallback) { list in
            let numbers = list.asArray?.map { $0.asDouble ?? .nan }
            return numbers.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
        }
    }

    func flag(_ key: String, default fallback: Bool) throws(ModelError) -> Bool {
        try value(key, "true or false", default: fallback, read: \.asBool)
    }

    func text(_ key: String, default fallback: String) throws(ModelError) -> String {
        try value(key, "a text", default: fallback, read: \.asString)
    }

    /// - Parameter read: the value as what it should be; nil if it is not.
    private func value<T>(
        _ key: String, _ kind: String, default fallback: T? = nil, read: (JSONValue) -> T?
    ) throws(ModelError) -> T {
        guard let found = present(key) else {
            if let fallback { return fallback }
            throw .configuration(path: path, key: key, problem: "is missing")
        }
        guard let result = read(found) else {
            throw .configuration(path: path, key: key, problem: "should be \(kind), but is \(found.serialized())")
        }
        return result
    }

    /// The value of a key, treating null as absent.
    func present(_ key: String) -> JSONValue? {
        guard let value = json[key], !value.isNull else { return Optional<JSONValue>.none }
        return value
    }

    func unsupported(_ feature: String, _ supported: String) -> ModelError {
        .unsupportedFeature(path: path, feature: feature, supported: supported)
    }
}
