import Files

/// A value while a template is rendered. Lists and dictionaries cannot be changed, as in transformers' sandbox.
indirect enum JinjaValue {
    /// What a name, attribute or item stands for that is not there; holds what was looked for.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case list([JinjaValue])
    case tuple([JinjaValue])
    case dictionary(JinjaDictionary)
    case namespace(JinjaNamespace)
    case macro(JinjaMacro)
    case loop(JinjaLoop)
    /// A function that every template knows.
    case function(String)
    /// A method taken from a value and not called.
    case method(of: JinjaValue, String)

    init(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .float(value)
        case .string(let text): self = .string(text)
        case .array(let values): self = .list(values.map(JinjaValue.init))
        case .object(let object):
            var dictionary = JinjaDictionary()
            for (key, value) in object.members { dictionary.set(.string(key), JinjaValue(value)) }
            self = .dictionary(dictionary)
        }
    }

    init(_ constant: JinjaConstant) {
        switch constant {
        case .none: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .float(let value): self = .float(value)
        case .string(let text): self = .string(text)
        }
    }

    /// The kind in Python's words, for messages.
    var kind: String {
        switch self {
        case .undefined: "undefined"
        case .none: "None"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float"
        case .string: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dictionary: "dict"
        case .namespace: "namespace"
        case .macro: "macro"
        case .loop: "loop"
        case .function, .method: "function"
        }
    }

    /// Whether a condition of it holds.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let values), .tuple(let values): !values.isEmpty
        case .dictionary(let dictionary): !dictionary.entries.isEmpty
        case .namespace, .macro, .loop, .function, .method: true
        }
    }

    /// The whole number, truth values included.
    var asInteger: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    var asFloat: Double? {
        if case .float(let value) = self { return value }
        return asInteger.map(Double.init)
    }

    var asString: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The elements of a list or tuple.
    var asSequence: [JinjaValue]? {
        switch self {
        case .list(let values), .tuple(let values): values
        default: nil
        }
    }
}

/// Keys and values in the order in which they came.
struct JinjaDictionary {
    private(set) var entries: [(key: JinjaValue, value: JinjaValue)] = []

    subscript(_ key: JinjaValue) -> JinjaValue? { entries.first { $0.key == key }?.value }

    subscript(_ key: String) -> JinjaValue? { self[.string(key)] }

    mutating func set(_ key: JinjaValue, _ value: JinjaValue) {
        if let index = entries.firstIndex(where: { $0.key == key }) {
            entries[index].value = value
        } else {
            entries.append((key, value))
        }
    }
}

/// Named values that a template may change from inside a loop.
final class JinjaNamespace {
    var attributes: [String: JinjaValue]

    init(_ attributes: [String: JinjaValue]) { self.attributes = attributes }
}

/// A macro and the names around it.
final class JinjaMacro {
    let definition: JinjaMacroDefinition
    let scope: JinjaScope

    init(_ definition: JinjaMacroDefinition, _ scope: JinjaScope) {
        self.definition = definition
        self.scope = scope
    }
}

/// The variable `loop`.
final class JinjaLoop {
    let items: [JinjaValue]
    var index = 0
    /// What `loop.changed` was asked about last.
    var last: [JinjaValue]?

    init(_ items: [JinjaValue]) { self.items = items }
}

/// Names and their values; what is not here is looked for outside.
final class JinjaScope {
    let parent: JinjaScope?
    var values: [String: JinjaValue] = [:]

    init(within parent: JinjaScope?) { self.parent = parent }

    func value(of name: String) -> JinjaValue? {
        var scope: JinjaScope? = self
        while let here = scope {
            if let value = here.values[name] { return value }
            scope = here.parent
        }
        return nil
    }
}

/// Python's `==`.
extension JinjaValue: Equatable {
    static func == (left: JinjaValue, right: JinjaValue) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): true
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a == b
        case (.dictionary(let a), .dictionary(let b)):
            a.entries.count == b.entries.count && a.entries.allSatisfy { b[$0.key] == $0.value }
        case (.namespace(let a), .namespace(let b)): a === b
        case (.macro(let a), .macro(let b)): a === b
        case (.loop(let a), .loop(let b)): a === b
        case (.function(let a), .function(let b)): a == b
        default:
            if let a = left.asInteger, let b = right.asInteger {
                a == b
            } else if let a = left.asFloat, let b = right.asFloat {
                a == b
            } else {
                false
            }
        }
    }
}
