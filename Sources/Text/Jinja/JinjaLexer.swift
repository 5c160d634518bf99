/// One word of a template.
struct JinjaToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// Text outside of all marks.
        case data(String)
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    var kind: Kind
    var line: Int

    /// The token as a message names it.
    var words: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "{{"
        case .variableEnd: "}}"
        case .blockBegin: "{%"
        case .blockEnd: "%}"
        case .name(let name): "\"\(name)\""
        case .string: "a string"
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .symbol(let text): "\"\(text)\""
        case .end: "the end of the template"
        }
    }
}

/// Cuts a template into words, with transformers' settings: a line break right after a block mark is dropped
/// (`trim_blocks`), and so are blanks in front of a block mark that begins its line (`lstrip_blocks`).
struct JinjaLexer {
    private let source: [Unicode.Scalar]
    private var at = 0
    private var line = 1
    private var tokens: [JinjaToken] = []
    /// Whether the text begins at the start of a line, as far as blanks before the next mark are concerned.
    private var beginsLine = true

    init(_ text: String) throws(JinjaError) {
        guard text.utf8.count <= JinjaLimit.source else {
            throw JinjaError(.limit, line: 1, "the template has \(text.utf8.count) bytes; at most \(JinjaLimit.source) are read")
        }
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        var afterReturn = false
        for scalar in text.unicodeScalars {
            // All line ends are read as one kind.
            if !(scalar == "\n" && afterReturn) { scalars.append(scalar == "\r" ? "\n" : scalar) }
            afterReturn = scalar == "\r"
        }
        if scalars.last == "\n" { scalars.removeLast() }
        source = scalars
    }

    static func tokens(of text: String) throws(JinjaError) -> [JinjaToken] {
        var lexer = try JinjaLexer(text)
        while lexer.at < lexer.source.count { try lexer.section() }
        lexer.add(.end)
        return lexer.tokens
    }

    // MARK: Text and marks

    /// Text up to the next mark, and what the mark opens.
    private mutating func section() throws(JinjaError) {
        let start = at
        while at < source.count, !isMark(at) { at += 1 }
        guard at < source.count else { return data(source[start...]) }
        let mark = source[at + 1]
        let sign = at + 2 < source.count ? source[at + 2] : " "
        var text = source[start..<at]
        let isSigned = sign == "-" || sign == "+"
        let skipped = text.count
        if sign == "-" {
            while let last = text.last, last.isPythonSpace { text.removeLast() }
        } else if sign != "+", mark != "{" {
            let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? (beginsLine ? text.startIndex : nil)
            if let lineStart, text[lineStart...].allSatisfy(\.isPythonSpace) { text = text[..<lineStart] }
        }
        let lines = source[start..<start + skipped].count { $0 == "\n" }
        data(text, lines: lines)
        let opening = line
        at += 2
        switch mark {
        case "#":
            at += isSigned ? 1 : 0
            try comment(opening)
        case "{":
            at += isSigned ? 1 : 0
            add(.variableBegin)
            try code(closing: "}", end: .variableEnd, opening)
        default:
            at += isSigned ? 1 : 0
            if try !raw(opening) {
                add(.blockBegin)
                try code(closing: "%", end: .blockEnd, opening)
            }
        }
    }

    private func isMark(_ index: Int) -> Bool {
        source[index] == "{" && index + 1 < source.count && ["{", "%", "#"].contains(source[index + 1])
    }

    private mutating func data(_ text: ArraySlice<Unicode.Scalar>, lines: Int? = nil) {
        if !text.isEmpty { add(.data(String(text))) }
        line += lines ?? text.count { $0 == "\n" }
    }

    private mutating func add(_ kind: JinjaToken.Kind) { tokens.append(JinjaToken(kind: kind, line: line)) }

    /// Steps over a closing mark's white space.
    private mutating func afterMark(_ sign: Unicode.Scalar?, trimsLine: Bool) {
        let start = at
        if sign == "-" {
            while at < source.count, source[at].isPythonSpace { at += 1 }
        } else if trimsLine, sign != "+", at < source.count, source[at] == "\n" {
            at += 1
        }
        line += source[start..<at].count { $0 == "\n" }
        beginsLine = at > start && source[at - 1] == "\n"
    }

    private mutating func comment(_ opening: Int) throws(JinjaError) {
        while at < source.count {
            if source[at] == "#", at + 1 < source.count, source[at + 1] == "}" {
                let sign = source[at - 1]
                at += 2
                return afterMark(sign == "-" || sign == "+" ? sign : nil, trimsLine: true)
            }
            if source[at] == "\n" { line += 1 }
            at += 1
        }
        throw JinjaError(.syntax, line: opening, "a comment that begins here does not end")
    }

    /// Takes `{% raw %}` to `{% endraw %}` as text, and says whether that is what stood here.
    private mutating func raw(_ opening: Int) throws(JinjaError) -> Bool {
        func word(_ name: String, from index: Int) -> (sign: Unicode.Scalar?, end: Int)? {
            var index = index
            while index < source.count, source[index].isPythonSpace { index += 1 }
            guard source[index...].starts(with: name.unicodeScalars) else { return nil }
            index += name.unicodeScalars.count
            while index < source.count, source[index].isPythonSpace { index += 1 }
            var sign: Unicode.Scalar?
            if index < source.count, source[index] == "-" || source[index] == "+" {
                sign = source[index]
                index += 1
            }
            guard source[index...].starts(with: "%}".unicodeScalars) else { return nil }
            return (sign, index + 2)
        }
        guard let begin = word("raw", from: at), begin.sign != "+" else { return false }
        line += source[at..<begin.end].count { $0 == "\n" }
        at = begin.end
        afterMark(begin.sign, trimsLine: true)
        let start = at
        while at + 1 < source.count {
            if source[at] == "{", source[at + 1] == "%" {
                let sign = at + 2 < source.count && (source[at + 2] == "-" || source[at + 2] == "+") ? source[at + 2] : nil
                if let end = word("endraw", from: at + (sign == nil ? 2 : 3)) {
                    var text = source[start..<at]
                    let lines = text.count { $0 == "\n" }
                    if sign == "-" { while let last = text.last, last.isPythonSpace { text.removeLast() } }
                    if sign == nil, let lineStart = text.lastIndex(of: "\n").map({ $0 + 1 }),
                        text[lineStart...].allSatisfy(\.isPythonSpace)
                    {
                        text = text[..<lineStart]
                    }
                    data(text, lines: lines)
                    at = end.end
                    afterMark(end.sign, trimsLine: true)
                    return true
                }
            }
            at += 1
        }
        throw JinjaError(.syntax, line: opening, "a raw block that begins here does not end")
    }

    // MARK: Code

    private static let symbols = [
        "//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ".",
        ":", "|", ",", ";",
    ].map { Array($0.unicodeScalars) }

    /// Words up to the closing mark.
    private mutating func code(
        closing: Unicode.Scalar, end: JinjaToken.Kind, _ opening: Int
    ) throws(JinjaError) {
        var open = 0
        while at < source.count {
            let scalar = source[at]
            if scalar.isPythonSpace {
                if scalar == "\n" { line += 1 }
                at += 1
                continue
            }
            if open == 0 {
                let signed = scalar == "-" || (scalar == "+" && closing == "%")
                let mark = signed ? at + 1 : at
                if mark + 1 < source.count, source[mark] == closing, source[mark + 1] == "}" {
                    add(end)
                    at = mark + 2
                    return afterMark(signed ? scalar : nil, trimsLine: closing == "%")
                }
            }
            if scalar == "'" || scalar == "\"" {
                try string(scalar)
            } else if scalar.isASCIIDigit {
                try number()
            } else if scalar == "_" || scalar.properties.isXIDStart {
                let start = at
                while at < source.count, source[at].properties.isXIDContinue { at += 1 }
                add(.name(String(source[start..<at])))
            } else if let symbol = Self.symbols.first(where: { source[at...].starts(with: $0) }) {
                if scalar == "(" || scalar == "[" || scalar == "{" { open += 1 }
                if scalar == ")" || scalar == "]" || scalar == "}" { open = max(0, open - 1) }
                add(.symbol(String(symbol)))
                at += symbol.count
            } else {
                throw JinjaError(.syntax, line: line, "the character U+\(String(scalar.value, radix: 16)) has no meaning here")
            }
        }
        throw JinjaError(.syntax, line: opening, "a mark that opens here is not closed")
    }

    private mutating func string(_ quote: Unicode.Scalar) throws(JinjaError) {
        let opening = line
        at += 1
        let start = at
        while at < source.count, source[at] != quote { at += source[at] == "\\" ? 2 : 1 }
        guard at < source.count else { throw JinjaError(.syntax, line: opening, "a string that begins here does not end") }
        add(.string(JinjaEscapes.resolved(source[start..<at])))
        line += source[start..<at].count { $0 == "\n" }
        at += 1
    }

    private mutating func number() throws(JinjaError) {
        let start = at
        func digits() { while at < source.count, source[at].isASCIIDigit || source[at] == "_" { at += 1 } }
        digits()
        var isFloat = false
        if at + 1 < source.count, source[at] == ".", source[at + 1].isASCIIDigit {
            isFloat = true
            at += 1
            digits()
        }
        if at < source.count, source[at] == "e" || source[at] == "E" {
            let signed = at + 1 < source.count && (source[at + 1] == "-" || source[at + 1] == "+")
            let first = at + (signed ? 2 : 1)
            if first < source.count, source[first].isASCIIDigit {
                isFloat = true
                at = first
                digits()
            }
        }
        let text = String(source[start..<at].filter { $0 != "_" })
        if isFloat, let value = Double(text) { return add(.float(value)) }
        guard !isFloat, let value = Int(text) else {
            throw JinjaError(.unsupported, line: line, "the number \(text) is too large")
        }
        add(.integer(value))
    }
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
