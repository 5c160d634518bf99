/// Reads a template's words as statements.
struct JinjaParser {
    private let tokens: [JinjaToken]
    private var at = 0
    private var nesting = 0
    /// Loops around the present place, in the present macro.
    private var loops = 0

    init(_ tokens: [JinjaToken]) { self.tokens = tokens }

    static func statements(of source: String) throws(JinjaError) -> [JinjaStatement] {
        var parser = JinjaParser(try JinjaLexer.tokens(of: source))
        let result = try parser.body(until: [])
        guard case .end = parser.current.kind else { throw parser.unexpected("text or a block") }
        return result
    }

    // MARK: Words

    var current: JinjaToken { at < tokens.count ? tokens[at] : JinjaToken(kind: .end, line: tokens.last?.line ?? 1) }
    var next: JinjaToken { at + 1 < tokens.count ? tokens[at + 1] : JinjaToken(kind: .end, line: current.line) }

    mutating func advance() { at += 1 }

    func isSymbol(_ text: String) -> Bool { current.kind == .symbol(text) }

    func isName(_ text: String) -> Bool { current.kind == .name(text) }

    mutating func take(_ symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func takeName(_ name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String) throws(JinjaError) {
        guard take(symbol) else { throw unexpected("\"\(symbol)\"") }
    }

    mutating func name(_ what: String = "a name") throws(JinjaError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected(what) }
        advance()
        return name
    }

    func unexpected(_ expected: String) -> JinjaError {
        JinjaError(.syntax, line: current.line, "\(expected) is expected, but \(current.words) stands there")
    }

    func unsupported(_ what: String, line: Int? = nil) -> JinjaError {
        JinjaError(.unsupported, line: line ?? current.line, "\(what) is not supported")
    }

    /// Reads something nested, within the bound.
    mutating func nested<Result>(
        _ read: (inout JinjaParser) throws(JinjaError) -> Result
    ) throws(JinjaError) -> Result {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= JinjaLimit.nesting else {
            throw JinjaError(.limit, line: current.line, "more than \(JinjaLimit.nesting) constructs stand inside each other")
        }
        return try read(&self)
    }

    // MARK: Statements

    /// Statements up to a block that begins with one of `ends`, whose name is left to be read.
    private mutating func body(until ends: [String]) throws(JinjaError) -> [JinjaStatement] {
        try nested { (parser) throws(JinjaError) in
            var result: [JinjaStatement] = []
            while true {
                let line = parser.current.line
                switch parser.current.kind {
                case .end:
                    if ends.isEmpty { return result }
                    throw JinjaError(.syntax, line: line, "the template ends before \(ends.joined(separator: " or "))")
                case .data(let text):
                    parser.advance()
                    result.append(JinjaStatement(.text(text), line))
                case .variableBegin:
                    parser.advance()
                    result.append(JinjaStatement(.output(try parser.tuple()), line))
                    guard parser.current.kind == .variableEnd else { throw parser.unexpected("\"}}\"") }
                    parser.advance()
                case .blockBegin:
                    if case .name(let name) = parser.next.kind, ends.contains(name) {
                        parser.advance()
                        return result
                    }
                    parser.advance()
                    result.append(try parser.block())
                default: throw parser.unexpected("text or a block")
                }
            }
        }
    }

    private mutating func endBlock() throws(JinjaError) {
        guard current.kind == .blockEnd else { throw unexpected("\"%}\"") }
        advance()
    }

    /// A body and the block that ends it.
    private mutating func closedBody(_ end: String) throws(JinjaError) -> [JinjaStatement] {
        try endBlock()
        let result = try body(until: [end])
        advance()
        return result
    }

    private mutating func block() throws(JinjaError) -> JinjaStatement {
        let line = current.line
        let tag = try name("the name of a block")
        let kind: JinjaStatement.Kind
        switch tag {
        case "if": kind = try condition()
        case "for": kind = try loop()
        case "set": kind = try assignment()
        case "macro":
            let name = try name()
            kind = .macro(try macro(name, end: "endmacro"))
        case "call":
            let parameters = isSymbol("(") ? try self.parameters() : []
            let call = try expression()
            guard case .call = call.kind else { throw unexpected("a call") }
            kind = .callBlock(call, JinjaMacroDefinition(name: "caller", parameters: parameters, body: try macroBody("endcall")))
        case "filter":
            let text = JinjaExpression(.name(JinjaStatement.captured), line)
            let filtered = try filter(text, line)
            let last = try filters(filtered)
            kind = .capture(nil, try closedBody("endfilter"), filtered: last)
        case "with":
            var given: [(JinjaTarget, JinjaExpression)] = []
            while current.kind != .blockEnd {
                if !given.isEmpty { try expect(",") }
                let target = try target()
                try expect("=")
                given.append((target, try expression()))
            }
            kind = .scope(given.map { (target: $0.0, value: $0.1) }, try closedBody("endwith"))
        case "generation": kind = .scope([], try closedBody("endgeneration"))
        case "break", "continue":
            guard loops > 0 else { throw JinjaError(.syntax, line: line, "\"\(tag)\" stands outside of a loop") }
            kind = tag == "break" ? .leaveLoop : .nextTurn
        default: throw unsupported("the block \"\(tag)\"", line: line)
        }
        try endBlock()
        return JinjaStatement(kind, line)
    }

    private mutating func condition() throws(JinjaError) -> JinjaStatement.Kind {
        var branches: [(condition: JinjaExpression, body: [JinjaStatement])] = []
        while true {
            let test = try tuple(choices: true)
            try endBlock()
            branches.append((test, try body(until: ["elif", "else", "endif"])))
            let tag = try name()
            if tag == "endif" { return .condition(branches, otherwise: []) }
            if tag == "else" { return .condition(branches, otherwise: try closedBody("endif")) }
        }
    }

    private mutating func loop() throws(JinjaError) -> JinjaStatement.Kind {
        let target = try target(within: "in")
        guard takeName("in") else { throw unexpected("\"in\"") }
        let sequence = try tuple(choices: false)
        let condition = takeName("if") ? try expression() : nil
        if isName("recursive") { throw unsupported("a recursive loop") }
        try endBlock()
        loops += 1
        let turns = try body(until: ["else", "endfor"])
        loops -= 1
        var otherwise: [JinjaStatement] = []
        if try name() == "else" { otherwise = try closedBody("endfor") }
        return .loop(
            JinjaLoopStatement(
                target: target, sequence: sequence, condition: condition, body: turns, otherwise: otherwise))
    }

    private mutating func assignment() throws(JinjaError) -> JinjaStatement.Kind {
        let line = current.line
        let target = try target()
        if take("=") { return .assign(target, try tuple(choices: true)) }
        let filtered = try filters(JinjaExpression(.name(JinjaStatement.captured), line))
        return .capture(target, try closedBody("endset"), filtered: filtered)
    }

    /// One name, an attribute of a namespace, or several of them.
    private mutating func target(within end: String? = nil) throws(JinjaError) -> JinjaTarget {
        func one(_ parser: inout JinjaParser) throws(JinjaError) -> JinjaTarget {
            if parser.take("(") {
                let inner = try parser.nested { (parser) throws(JinjaError) in try parser.target() }
                try parser.expect(")")
                return inner
            }
            let name = try parser.name()
            if end == nil, parser.take(".") { return .attribute(of: name, try parser.name()) }
            return .name(name)
        }
        var targets = [try one(&self)]
        var isTuple = false
        while take(",") {
            isTuple = true
            guard case .name(let name) = current.kind, name != end else {
                if isSymbol("(") {
                    targets.append(try one(&self))
                    continue
                }
                break
            }
            targets.append(try one(&self))
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    // MARK: Macros

    private mutating func macro(_ name: String, end: String) throws(JinjaError) -> JinjaMacroDefinition {
        let parameters = try parameters()
        return JinjaMacroDefinition(name: name, parameters: parameters, body: try macroBody(end))
    }

    private mutating func macroBody(_ end: String) throws(JinjaError) -> [JinjaStatement] {
        let outer = loops
        loops = 0
        defer { loops = outer }
        return try closedBody(end)
    }

    private mutating func parameters() throws(JinjaError) -> [(name: String, fallback: JinjaExpression?)] {
        try expect("(")
        var result: [(name: String, fallback: JinjaExpression?)] = []
        while !isSymbol(")") {
            if !result.isEmpty { try expect(",") }
            let name = try name()
            let fallback = take("=") ? try expression() : nil
            if fallback == nil, result.last?.fallback != nil {
                throw JinjaError(.syntax, line: current.line, "a parameter without a value follows one that has one")
            }
            result.append((name, fallback))
        }
        advance()
        return result
    }
}
