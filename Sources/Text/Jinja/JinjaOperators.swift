import Glibc

/// Python's operators.
struct JinjaOperators {
    /// The line for errors.
    let line: Int

    func fault(_ problem: String) -> JinjaError { JinjaError(.fault, line: line, problem) }

    private func overflow() -> JinjaError { JinjaError(.unsupported, line: line, "a number beyond 64 bits is not supported") }

    private func tooLong() -> JinjaError {
        JinjaError(.limit, line: line, "a text or list of more than \(JinjaLimit.text) parts would be made")
    }

    /// The result of an operator other than `~`.
    func arithmetic(_ symbol: String, _ left: JinjaValue, _ right: JinjaValue) throws(JinjaError) -> JinjaValue {
        for value in [left, right] {
            if case .undefined(let name) = value { throw fault("\(name) is undefined") }
        }
        if let a = left.asInteger, let b = right.asInteger { return try whole(symbol, a, b) }
        if let a = left.asFloat, let b = right.asFloat { return try real(symbol, a, b) }
        switch (symbol, left, right) {
        case ("+", .string(let a), .string(let b)):
            guard a.utf8.count + b.utf8.count <= JinjaLimit.text else { throw tooLong() }
            return .string(a + b)
        case ("+", .list(let a), .list(let b)): return .list(try checked(a + b))
        case ("+", .tuple(let a), .tuple(let b)): return .tuple(try checked(a + b))
        case ("*", .string(let text), _) where right.asInteger != nil:
            return .string(try repeated(text, right.asInteger ?? 0))
        case ("*", _, .string(let text)) where left.asInteger != nil:
            return .string(try repeated(text, left.asInteger ?? 0))
        case ("*", .list(let values), _) where right.asInteger != nil:
            let count = max(0, right.asInteger ?? 0)
            guard values.isEmpty || count <= JinjaLimit.range / values.count else { throw tooLong() }
            return .list(Array(repeatElement(values, count: count).joined()))
        case ("%", .string(let format), _): return .string(try formatted(format, right.asTuple ?? [right]))
        default: throw fault("\(left.kind) \(symbol) \(right.kind) has no meaning")
        }
    }

    private func checked(_ values: [JinjaValue]) throws(JinjaError) -> [JinjaValue] {
        guard values.count <= JinjaLimit.text else { throw tooLong() }
        return values
    }

    private func repeated(_ text: String, _ count: Int) throws(JinjaError) -> String {
        guard count > 0, !text.isEmpty else { return "" }
        guard count <= JinjaLimit.text / text.utf8.count else { throw tooLong() }
        return String(repeating: text, count: count)
    }

    private func whole(_ symbol: String, _ a: Int, _ b: Int) throws(JinjaError) -> JinjaValue {
        let (value, over): (Int, Bool)
        switch symbol {
        case "+": (value, over) = a.addingReportingOverflow(b)
        case "-": (value, over) = a.subtractingReportingOverflow(b)
        case "*": (value, over) = a.multipliedReportingOverflow(by: b)
        case "/":
            guard b != 0 else { throw fault("a division by zero") }
            return .float(Double(a) / Double(b))
        case "//", "%":
            guard b != 0 else { throw fault("a division by zero") }
            let (quotient, first) = a.dividedReportingOverflow(by: b)
            guard !first else { throw overflow() }
            let rest = a % b
            let isBelow = rest != 0 && (rest < 0) != (b < 0)
            return .integer(symbol == "%" ? (isBelow ? rest + b : rest) : (isBelow ? quotient - 1 : quotient))
        default:
            guard b >= 0 else { return try real(symbol, Double(a), Double(b)) }
            var result = 1
            if a == 0 || a == 1 { return .integer(b == 0 ? 1 : a) }
            if a == -1 { return .integer(b % 2 == 0 ? 1 : -1) }
            guard b < 64 else { throw overflow() }
            for _ in 0..<b {
                let (product, over) = result.multipliedReportingOverflow(by: a)
                guard !over else { throw overflow() }
                result = product
            }
            return .integer(result)
        }
        guard !over else { throw overflow() }
        return .integer(value)
    }

    private func real(_ symbol: String, _ a: Double, _ b: Double) throws(JinjaError) -> JinjaValue {
        switch symbol {
        case "+": return .float(a + b)
        case "-": return .float(a - b)
        case "*": return .float(a * b)
        case "**":
            guard a >= 0 || b == b.rounded(), a != 0 || b >= 0 else { throw fault("\(a) ** \(b) has no meaning") }
            return .float(pow(a, b))
        default:
            guard b != 0 else { throw fault("a division by zero") }
            if symbol == "/" { return .float(a / b) }
            var rest = fmod(a, b)
            if rest != 0, (rest < 0) != (b < 0) { rest += b }
            // A remainder of nothing has the sign of the divisor.
            if rest == 0 { rest = copysign(0, b) }
            return .float(symbol == "%" ? rest : ((a - rest) / b).rounded())
        }
    }

    /// `"%s is %d" % values`; other directives are refused.
    func formatted(_ format: String, _ values: [JinjaValue]) throws(JinjaError) -> String {
        var result = String.UnicodeScalarView()
        var rest = values[...]
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                result.append(scalar)
                continue
            }
            guard let directive = scalars.popFirst() else { throw fault("a format ends in %") }
            if directive == "%" {
                result.append("%")
                continue
            }
            guard directive == "s" || directive == "d" else {
                throw JinjaError(.unsupported, line: line, "the format %\(directive) is not supported")
            }
            guard let value = rest.popFirst() else { throw fault("a format has more places than values") }
            let text =
                directive == "s"
                ? value.text : (value.asInteger ?? value.asFloat.flatMap { Int(exactly: $0.rounded(.towardZero)) }).map { "\($0)" }
            guard let text else { throw fault("%\(directive) cannot write \(value.kind)") }
            result.append(contentsOf: text.unicodeScalars)
        }
        guard rest.isEmpty else { throw fault("a format has fewer places than values") }
        return String(result)
    }

    // MARK: Comparison

    func holds(_ comparator: String, _ left: JinjaValue, _ right: JinjaValue) throws(JinjaError) -> Bool {
        switch comparator {
        case "==": return left == right
        case "!=": return left != right
        case "in": return try contains(right, left)
        case "not in": return try !contains(right, left)
        case "<": return try precedes(left, right)
        case ">": return try precedes(right, left)
        case "<=": return try left == right ? ordered(left, right) : precedes(left, right)
        default: return try left == right ? ordered(left, right) : precedes(right, left)
        }
    }

    /// Whether the two can be ordered at all; for what is equal, the answer to `<=`.
    private func ordered(_ left: JinjaValue, _ right: JinjaValue) throws(JinjaError) -> Bool {
        _ = try precedes(left, right)
        return true
    }

    /// Python's `<`.
    func precedes(_ left: JinjaValue, _ right: JinjaValue) throws(JinjaError) -> Bool {
        if let a = left.asInteger, let b = right.asInteger { return a < b }
        if let a = left.asFloat, let b = right.asFloat { return a < b }
        switch (left, right) {
        // The order of UTF-8 bytes is that of scalars.
        case (.string(let a), .string(let b)): return a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (x, y) in zip(a, b) where x != y { return try precedes(x, y) }
            return a.count < b.count
        case (.undefined(let name), _), (_, .undefined(let name)): throw fault("\(name) is undefined")
        default: throw fault("\(left.kind) and \(right.kind) have no order")
        }
    }

    func contains(_ container: JinjaValue, _ value: JinjaValue) throws(JinjaError) -> Bool {
        switch container {
        case .undefined: return false
        case .string(let text):
            guard let part = value.asString else { throw fault("\(value.kind) cannot be looked for in a text") }
            return text.pythonContains(part)
        case .list(let values), .tuple(let values): return values.contains(value)
        case .dictionary(let dictionary): return dictionary[value] != nil
        default: throw fault("nothing can be looked for in \(container.kind)")
        }
    }
}

extension JinjaValue {
    fileprivate var asTuple: [JinjaValue]? {
        if case .tuple(let values) = self { values } else { nil }
    }
}
