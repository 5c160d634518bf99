import Files

/// Reads values of a `config.json`, with errors that name the key.
package struct ConfigurationReader {
    var json: JSONValue
    var path: String

    /// A positive whole number. The limits keep products and sums of sizes, as lying files give them, far from overflow.
    func count(_ key: String, atMost limit: Int = 1 << 24, default fallback: Int? = nil) throws(ModelError) -> Int {
        guard let value = present(key) else {
            if let fallback { return fallback }
            throw .configuration(path: path, key: key, problem: "is missing")
        }
        guard let number = value.asInt, number >= 1 else {
            throw .configuration(path: path, key: key, problem: "should be a positive whole number, but is \(value.serialized())")
        }
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
        guard let value = present(key) else {
            if let fallback { return fallback }
            throw .configuration(path: path, key: key, problem: "is missing")
        }
        guard let number = value.asDouble, number.isFinite, number > 0 else {
            throw .configuration(path: path, key: key, problem: "should be a positive number, but is \(value.serialized())")
        }
        return number
    }

    func flag(_ key: String, default fallback: Bool) throws(ModelError) -> Bool {
        guard let value = present(key) else { return fallback }
        guard let flag = value.asBool else {
            throw .configuration(path: path, key: key, problem: "should be true or false, but is \(value.serialized())")
        }
        return flag
    }

    func text(_ key: String, default fallback: String) throws(ModelError) -> String {
        guard let value = present(key) else { return fallback }
        guard let text = value.asString else {
            throw .configuration(path: path, key: key, problem: "should be a text, but is \(value.serialized())")
        }
        return text
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
