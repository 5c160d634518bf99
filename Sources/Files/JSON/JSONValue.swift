import Glibc  // Int(exactly:) of a double calls trunc

/// A JSON document as a tree of values.
///
/// The engine has its own reader rather than Foundation's for three reasons: keys that Unicode calls
/// canonically equal ("é" as one scalar or two) are different tokens of a vocabulary and must stay apart,
/// a message about a bad file has to name its line and column, and the binary stays small.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction or exponent that fits in 64 bits.
    case integer(Int)
    /// Any other number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object in the order in which the file has them.
public struct JSONObject: Sendable {
    /// Every member, duplicates included.
    public var members: [(key: String, value: JSONValue)]

    /// An object holding `members` in the given order.
    public init(_ members: [(key: String, value: JSONValue)] = []) {
        self.members = members
    }

    /// The value of the last member whose key has exactly these UTF-8 bytes.
    ///
    /// Assigning replaces that member or appends one; assigning `nil` removes every member of that name.
    /// A look-up walks the members, so iterate over `members` when all of a large object is wanted.
    public subscript(_ key: String) -> JSONValue? {
        get {
            members.last { Self.same($0.key, key) }?.value
        }
        set {
            guard let newValue else {
                members.removeAll { Self.same($0.key, key) }
                return
            }
            if let index = members.lastIndex(where: { Self.same($0.key, key) }) {
                members[index].value = newValue
            } else {
                members.append((key, newValue))
            }
        }
    }

    /// Keys in file order.
    public var keys: [String] { members.map(\.key) }

    /// `String.==` would call canonically equal keys the same.
    fileprivate static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}

extension JSONValue {
    /// The text of a string, `nil` for anything else.
    public var asString: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// An integer, also when it is written as 3.0 or 3e2; `nil` for anything else.
    public var asInt: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// Any number as a double, `nil` for anything else.
    public var asDouble: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// A truth value, `nil` for anything else.
    public var asBool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements of an array, `nil` for anything else.
    public var asArray: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The members of an object, `nil` for anything else.
    public var asObject: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The member named `key` if this is an object that has one.
    public subscript(_ key: String) -> JSONValue? { asObject?[key] }

    /// What kind of value this is, in words fit for an error message.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// Equality of documents: strings by their bytes, objects with their members in the same order.
extension JSONValue: Equatable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): JSONObject.same(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension JSONObject: Equatable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count
            && zip(left.members, right.members).allSatisfy { same($0.key, $1.key) && $0.value == $1.value }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { (key: $0.0, value: $0.1) }))
    }
}
