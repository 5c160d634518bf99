// Jinja's tests: what stands behind `is`.
extension JinjaEvaluator {
    func test(_ name: String, _ value: JinjaValue, _ arguments: [JinjaValue]) throws(JinjaError) -> Bool {
        func argument() throws(JinjaError) -> JinjaValue {
            guard arguments.count == 1 else { throw fault("the test \(name) takes one value") }
            return arguments[0]
        }
        func whole() throws(JinjaError) -> Int {
            guard let number = value.asInteger else { throw fault("the test \(name) takes a whole number, not \(value.kind)") }
            return number
        }
        switch name {
        case "defined": if case .undefined = value { return false } else { return true }
        case "undefined": if case .undefined = value { return true } else { return false }
        case "none": if case .none = value { return true } else { return false }
        case "boolean": if case .bool = value { return true } else { return false }
        case "true": if case .bool(true) = value { return true } else { return false }
        case "false": if case .bool(false) = value { return true } else { return false }
        case "integer": if case .integer = value { return true } else { return false }
        case "float": if case .float = value { return true } else { return false }
        case "number": return value.asFloat != nil
        case "string": return value.asString != nil
        case "mapping": if case .dictionary = value { return true } else { return false }
        case "sequence":
            switch value {
            case .string, .list, .tuple, .dictionary, .undefined: return true
            default: return false
            }
        case "iterable":
            switch value {
            case .string, .list, .tuple, .dictionary, .undefined, .loop: return true
            default: return false
            }
        case "callable":
            switch value {
            case .macro, .function, .method, .undefined: return true
            default: return false
            }
        case "odd": return try whole() % 2 != 0
        case "even": return try whole() % 2 == 0
        case "divisibleby":
            guard let divisor = try argument().asInteger, divisor != 0 else { throw fault("divisibleby takes a whole number but 0") }
            return divisor == -1 ? true : try whole() % divisor == 0
        case "lower": return try text(of: value) == text(of: value).lowercased() && hasCased(value)
        case "upper": return try text(of: value) == text(of: value).uppercased() && hasCased(value)
        case "eq", "equalto", "==": return value == (try argument())
        case "ne", "!=": return value != (try argument())
        case "lt", "lessthan", "<": return try operators.holds("<", value, argument())
        case "le", "<=": return try operators.holds("<=", value, argument())
        case "gt", "greaterthan", ">": return try operators.holds(">", value, argument())
        case "ge", ">=": return try operators.holds(">=", value, argument())
        case "in": return try operators.holds("in", value, argument())
        case "sameas":
            let other = try argument()
            switch (value, other) {
            case (.bool(let a), .bool(let b)): return a == b
            case (.none, .none): return true
            case (.namespace, .namespace): return value == other
            case (.bool, _), (_, .bool), (.none, _), (_, .none): return false
            default: throw unsupported("the test sameas of \(value.kind)")
            }
        default: throw unsupported("the test \(name)")
        }
    }

    private func hasCased(_ value: JinjaValue) -> Bool {
        value.text?.unicodeScalars.contains { $0.properties.isCased } ?? false
    }
}
