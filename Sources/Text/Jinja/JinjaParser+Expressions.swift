// Expressions, from the loosest binding to the tightest.
extension JinjaParser {
    /// An expression, or several between commas as a tuple. Without `choices`, `if` ends it.
    mutating func tuple(choices: Bool = true, isClosed: Bool = false) throws(JinjaError) -> JinjaExpression {
        let line = current.line
        var parts: [JinjaExpression] = []
        var isTuple = false
        while true {
            if endsTuple { break }
            parts.append(choices ? try expression() : try either())
            guard isSymbol(",") else { break }
            advance()
            isTuple = true
        }
        if !isTuple, let only = parts.first { return only }
        if parts.isEmpty, !isClosed { throw unexpected("an expression") }
        return JinjaExpression(.tuple(parts), line)
    }

    private var endsTuple: Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .end: true
        default: isSymbol(")")
        }
    }

    mutating func expression() throws(JinjaError) -> JinjaExpression {
        try nested { (parser) throws(JinjaError) in
            var result = try parser.either()
            var length = 0
            while parser.isName("if") {
                let line = parser.current.line
                parser.advance()
                let condition = try parser.either()
                let otherwise = parser.takeName("else") ? try parser.expression() : nil
                result = JinjaExpression(.choice(then: result, condition: condition, otherwise: otherwise), line)
                try parser.count(&length)
            }
            return result
        }
    }

    /// One more part of a chain.
    private func count(_ length: inout Int) throws(JinjaError) {
        length += 1
        guard length <= JinjaLimit.chain else {
            throw JinjaError(.limit, line: current.line, "an expression has more than \(JinjaLimit.chain) parts")
        }
    }

    private mutating func either() throws(JinjaError) -> JinjaExpression {
        var left = try both()
        var length = 0
        while isName("or") {
            let line = current.line
            advance()
            left = JinjaExpression(.either(left, try both()), line)
            try count(&length)
        }
        return left
    }

    private mutating func both() throws(JinjaError) -> JinjaExpression {
        var left = try negation()
        var length = 0
        while isName("and") {
            let line = current.line
            advance()
            left = JinjaExpression(.both(left, try negation()), line)
            try count(&length)
        }
        return left
    }

    private mutating func negation() throws(JinjaError) -> JinjaExpression {
        guard isName("not") else { return try comparison() }
        let line = current.line
        advance()
        return try nested { (parser) throws(JinjaError) in JinjaExpression(.not(try parser.negation()), line) }
    }

    private mutating func comparison() throws(JinjaError) -> JinjaExpression {
        let line = current.line
        let first = try sum()
        var rest: [(comparator: String, operand: JinjaExpression)] = []
        while true {
            if case .symbol(let text) = current.kind, ["==", "!=", "<", "<=", ">", ">="].contains(text) {
                advance()
                rest.append((text, try sum()))
            } else if isName("in") {
                advance()
                rest.append(("in", try sum()))
            } else if isName("not"), next.kind == .name("in") {
                advance()
                advance()
                rest.append(("not in", try sum()))
            } else {
                return rest.isEmpty ? first : JinjaExpression(.comparison(first, rest), line)
            }
        }
    }

    private mutating func chain(
        _ symbols: [String], _ operand: (inout JinjaParser) throws(JinjaError) -> JinjaExpression
    ) throws(JinjaError) -> JinjaExpression {
        var left = try operand(&self)
        var length = 0
        while case .symbol(let text) = current.kind, symbols.contains(text) {
            let line = current.line
            advance()
            left = JinjaExpression(.arithmetic(left, text, try operand(&self)), line)
            try count(&length)
        }
        return left
    }

    private mutating func sum() throws(JinjaError) -> JinjaExpression {
        try chain(["+", "-"]) { (parser) throws(JinjaError) in
            try parser.chain(["~"]) { (parser) throws(JinjaError) in
                try parser.chain(["*", "/", "//", "%"]) { (parser) throws(JinjaError) in
                    try parser.chain(["**"]) { (parser) throws(JinjaError) in try parser.unary() }
                }
            }
        }
    }

    private mutating func unary(filtering: Bool = true) throws(JinjaError) -> JinjaExpression {
        let line = current.line
        var result: JinjaExpression
        if isSymbol("-") || isSymbol("+") {
            let isNegative = isSymbol("-")
            advance()
            result = try nested { (parser) throws(JinjaError) in
                JinjaExpression(.sign(try parser.unary(filtering: false), isNegative: isNegative), line)
            }
        } else {
            result = try primary()
        }
        result = try postfix(result)
        return filtering ? try filters(result) : result
    }

    private mutating func primary() throws(JinjaError) -> JinjaExpression {
        let line = current.line
        switch current.kind {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return JinjaExpression(.constant(.bool(true)), line)
            case "false", "False": return JinjaExpression(.constant(.bool(false)), line)
            case "none", "None": return JinjaExpression(.constant(.none), line)
            default: return JinjaExpression(.name(name), line)
            }
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return JinjaExpression(.constant(.string(text)), line)
        case .integer(let value):
            advance()
            return JinjaExpression(.constant(.integer(value)), line)
        case .float(let value):
            advance()
            return JinjaExpression(.constant(.float(value)), line)
        case .symbol("("):
            advance()
            let inner = try nested { (parser) throws(JinjaError) in try parser.tuple(isClosed: true) }
            try expect(")")
            return inner
        case .symbol("["):
            advance()
            return JinjaExpression(.list(try elements("]")), line)
        case .symbol("{"):
            advance()
            return JinjaExpression(.dictionary(try members()), line)
        default: throw unexpected("an expression")
        }
    }

    private mutating func elements(_ end: String) throws(JinjaError) -> [JinjaExpression] {
        var result: [JinjaExpression] = []
        while !isSymbol(end) {
            if !result.isEmpty {
                try expect(",")
                if isSymbol(end) { break }
            }
            result.append(try expression())
        }
        advance()
        return result
    }

    private mutating func members() throws(JinjaError) -> [(key: JinjaExpression, value: JinjaExpression)] {
        var result: [(key: JinjaExpression, value: JinjaExpression)] = []
        while !isSymbol("}") {
            if !result.isEmpty {
                try expect(",")
                if isSymbol("}") { break }
            }
            let key = try expression()
            try expect(":")
            result.append((key, try expression()))
        }
        advance()
        return result
    }

    private mutating func postfix(_ start: JinjaExpression) throws(JinjaError) -> JinjaExpression {
        var result = start
        var length = 0
        while true {
            let line = current.line
            if take(".") {
                if case .integer(let index) = current.kind {
                    advance()
                    result = JinjaExpression(.item(result, JinjaExpression(.constant(.integer(index)), line)), line)
                } else {
                    result = JinjaExpression(.attribute(result, try name()), line)
                }
            } else if take("[") {
                result = JinjaExpression(try subscripted(result), line)
            } else if isSymbol("(") {
                result = JinjaExpression(.call(result, try arguments()), line)
            } else {
                return result
            }
            try count(&length)
        }
    }

    private mutating func subscripted(_ object: JinjaExpression) throws(JinjaError) -> JinjaExpression.Kind {
        var parts: [JinjaExpression?] = []
        var part: JinjaExpression?
        while true {
            if take("]") { break }
            if take(":") {
                parts.append(part)
                part = nil
            } else if isSymbol(",") {
                throw unsupported("a subscript of several values")
            } else {
                guard part == nil else { throw unexpected("\"]\"") }
                part = try expression()
            }
        }
        if parts.isEmpty {
            guard let part else { throw unexpected("an expression") }
            return .item(object, part)
        }
        parts.append(part)
        guard parts.count <= 3 else { throw unexpected("\"]\"") }
        return .slice(object, from: parts[0], to: parts[1], step: parts.count == 3 ? parts[2] : nil)
    }

    private mutating func arguments() throws(JinjaError) -> JinjaArguments {
        try expect("(")
        var result = JinjaArguments()
        var isFirst = true
        while !isSymbol(")") {
            if !isFirst {
                try expect(",")
                if isSymbol(")") { break }
            }
            isFirst = false
            if isSymbol("*") || isSymbol("**") { throw unsupported("a call with * or **") }
            if case .name(let name) = current.kind, next.kind == .symbol("=") {
                advance()
                advance()
                result.named.append((name, try expression()))
            } else if result.named.isEmpty {
                result.positional.append(try expression())
            } else {
                throw JinjaError(.syntax, line: current.line, "an argument without a name follows one with a name")
            }
        }
        advance()
        return result
    }

    /// The filters and tests behind an expression, and calls between them.
    mutating func filters(_ start: JinjaExpression) throws(JinjaError) -> JinjaExpression {
        var result = start
        var length = 0
        while true {
            let line = current.line
            if take("|") {
                result = try filter(result, line)
            } else if takeName("is") {
                result = try test(result, line)
            } else if isSymbol("(") {
                result = JinjaExpression(.call(result, try arguments()), line)
            } else {
                return result
            }
            try count(&length)
        }
    }

    mutating func filter(_ operand: JinjaExpression, _ line: Int) throws(JinjaError) -> JinjaExpression {
        var name = try name("a filter")
        while take(".") { name += "." + (try self.name()) }
        return JinjaExpression(.filter(operand, name, isSymbol("(") ? try arguments() : JinjaArguments()), line)
    }

    private mutating func test(_ operand: JinjaExpression, _ line: Int) throws(JinjaError) -> JinjaExpression {
        let isNegated = takeName("not")
        let name: String
        if case .symbol(let text) = current.kind, ["==", "!=", "<", "<=", ">", ">="].contains(text) {
            throw unsupported("the test \"\(text)\" without a name")
        } else {
            name = try self.name("a test")
        }
        var arguments = JinjaArguments()
        switch current.kind {
        case .symbol("("): arguments = try self.arguments()
        case .name("is"): throw JinjaError(.syntax, line: line, "a test follows a test")
        case .name(let word) where ["else", "or", "and", "if", "not", "in"].contains(word): break
        case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
            let operand = try primary()
            arguments.positional = [try postfix(operand)]
        default: break
        }
        let result = JinjaExpression(.test(operand, name, arguments), line)
        return isNegated ? JinjaExpression(.not(result), line) : result
    }
}
