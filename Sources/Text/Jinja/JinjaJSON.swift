import Files

/// The filter `tojson`, which transformers defines as Python's `json.dumps`.
struct JinjaJSON {
    private let escapesBeyondASCII: Bool
    private let indent: String?
    private let betweenItems: String
    private let afterKey: String
    private let sortsKeys: Bool
    private let evaluator: JinjaEvaluator

    /// - Parameter values: ensure_ascii, indent, separators, sort_keys.
    init(_ values: [JinjaValue?], _ evaluator: JinjaEvaluator) throws(JinjaError) {
        self.evaluator = evaluator
        escapesBeyondASCII = values[0]?.isTrue ?? false
        switch values[1] {
        case nil, .none?: indent = nil
        case .string(let text)?: indent = text
        case let other?:
            guard let width = other.asInteger else { throw evaluator.fault("tojson is indented by \(other.kind)") }
            indent = String(repeating: " ", count: min(max(width, 0), 64))
        }
        switch values[2] {
        case nil, .none?: (betweenItems, afterKey) = (indent == nil ? ", " : ",", ": ")
        case let given?:
            guard let pair = given.asSequence, pair.count == 2, let item = pair[0].asString, let key = pair[1].asString else {
                throw evaluator.fault("the separators of tojson are two texts")
            }
            (betweenItems, afterKey) = (item, key)
        }
        sortsKeys = values[3]?.isTrue ?? false
    }

    func text(of value: JinjaValue, level: Int = 0) throws(JinjaError) -> String {
        try evaluator.spend()
        switch value {
        case .none: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .integer(let number): return "\(number)"
        case .float(let number):
            return number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.pythonText
        case .string(let text): return try quoted(text)
        case .list(let values), .tuple(let values):
            var parts: [String] = []
            for value in values { parts.append(try text(of: value, level: level + 1)) }
            return wrapped(parts, "[", "]", level: level)
        case .dictionary(let dictionary):
            var entries: [(key: String, value: JinjaValue)] = []
            for (key, value) in dictionary.entries { entries.append((try name(of: key), value)) }
            if sortsKeys { entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
            var parts: [String] = []
            for (key, value) in entries {
                parts.append(try quoted(key) + afterKey + text(of: value, level: level + 1))
            }
            return wrapped(parts, "{", "}", level: level)
        default: throw evaluator.fault("\(value.kind) cannot be written as JSON")
        }
    }

    private func name(of key: JinjaValue) throws(JinjaError) -> String {
        switch key {
        case .string(let text): return text
        case .none, .bool, .integer, .float: return try text(of: key)
        default: throw evaluator.fault("a key of JSON cannot be \(key.kind)")
        }
    }

    private func wrapped(_ parts: [String], _ open: String, _ close: String, level: Int) -> String {
        guard let indent, !parts.isEmpty else { return open + parts.joined(separator: betweenItems) + close }
        let outer = "\n" + String(repeating: indent, count: level), inner = outer + indent
        return open + inner + parts.joined(separator: betweenItems + inner) + outer + close
    }

    private func quoted(_ text: String) throws(JinjaError) -> String {
        try evaluator.spend(text.utf8.count / 64)
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            default:
                if scalar.value < 0x20 || (escapesBeyondASCII && scalar.value > 0x7E) {
                    for unit in String(scalar).utf16 {
                        result += "\\u" + unit.hexadecimal(digits: 4)
                    }
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
