extension JSONValue {
    /// Reads one JSON document (RFC 8259, UTF-8, at most 512 levels deep, an optional byte order mark first).
    ///
    /// An escaped surrogate without its partner becomes U+FFFD, as a Swift string cannot hold it.
    /// - Throws: `JSONError` with line and column for anything that is not strict JSON, malformed UTF-8 and
    ///   the words NaN and Infinity (which Python writes) included.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    /// Reads one JSON document from bytes held in an array; see `init(parsing: UnsafeRawBufferPointer)`.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONValue(parsing: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Reads one JSON document from a string; see `init(parsing: UnsafeRawBufferPointer)`.
    public init(parsing text: String) throws(JSONError) {
        self = try JSONValue(parsing: Array(text.utf8))
    }
}

/// A recursive-descent reader over the bytes of one document.
struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    var at = 0
    var depth = 0
    /// Where the elements of the outermost array start, if someone wants to know.
    var elementStarts: [Int]?
    /// Deeper documents are refused rather than left to exhaust the stack.
    static let deepest = 512

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONError) -> JSONValue {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
        skipSpace()
        guard at < bytes.count else { throw failure("the document is empty") }
        let result = try value()
        skipSpace()
        guard at == bytes.count else { throw failure("unexpected \(found()) after the end of the document") }
        return result
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard at < bytes.count else { throw failure("the document ends where a value should stand") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default:
            if starts(with: "NaN") { throw notANumber("NaN") }
            if starts(with: "Infinity") { throw notANumber("Infinity") }
            throw failure("expected a value, found \(found())")
        }
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        try enter()
        var members: [(key: String, value: JSONValue)] = []
        skipSpace()
        if take("}") { return leave(JSONObject()) }
        while true {
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                throw failure("expected a key in double quotes, found \(found())")
            }
            let key = try string()
            skipSpace()
            guard take(":") else { throw failure("expected ':' after the key \"\(key)\", found \(found())") }
            skipSpace()
            members.append((key, try value()))
            skipSpace()
            if take("}") { return leave(JSONObject(members)) }
            guard take(",") else { throw failure("expected ',' or '}' in an object, found \(found())") }
            skipSpace()
        }
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return leave(elements) }
        while true {
            if depth == 1 { elementStarts?.append(at) }
            elements.append(try value())
            skipSpace()
            if take("]") { return leave(elements) }
            guard take(",") else { throw failure("expected ',' or ']' in an array, found \(found())") }
            skipSpace()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard starts(with: text) else { throw failure("expected a value, found \(found())") }
        at += text.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = at
        let negative = take("-")
        if starts(with: "Infinity") { throw notANumber("-Infinity") }
        let firstDigit = at
        var whole = 0
        var fits = true
        while at < bytes.count, isDigit(bytes[at]) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
            // Digits are subtracted so that Int.min can be reached; the sign is turned at the end.
            let (difference, second) = product.subtractingReportingOverflow(Int(bytes[at] &- UInt8(ascii: "0")))
            fits = fits && !overflow && !second
            whole = difference
            at += 1
        }
        guard at > firstDigit else { throw failure("expected a digit after '-', found \(found())") }
        if bytes[firstDigit] == UInt8(ascii: "0"), at > firstDigit + 1 {
            throw failure("a number may not start with a zero", at: start)
        }
        var integral = true
        if take(".") {
            integral = false
            try digits(after: "the decimal point")
        }
        if take("e") || take("E") {
            integral = false
            if !take("+") { _ = take("-") }
            try digits(after: "the exponent mark")
        }
        if integral, fits, !(negative && whole == 0) {
            if negative { return .integer(whole) }
            if whole != Int.min { return .integer(-whole) }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw failure("the number \(text) is too large for a double", at: start)
        }
        return .number(value)
    }

    private mutating func digits(after what: String) throws(JSONError) {
        let start = at
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
        guard at > start else { throw failure("expected a digit after \(what), found \(found())") }
    }

    private mutating func string() throws(JSONError) -> String {
        let opening = at
        at += 1
        let start = at
        // Most strings hold no escape and are taken over in one piece.
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                let text = try validated(UnsafeRawBufferPointer(rebasing: bytes[start..<at]), from: start)
                at += 1
                return text
            }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            at += 1
        }
        var content = [UInt8](bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                let text = try content.withUnsafeBufferPointer { buffer throws(JSONError) in
                    try validated(UnsafeRawBufferPointer(buffer), from: start)
                }
                at += 1
                return text
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw failure("the control character \(found()) must be escaped in a string")
            default:
                content.append(byte)
                at += 1
            }
        }
        throw failure("the string that starts here has no closing quote", at: opening)
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
        let start = at
        at += 1
        guard at < bytes.count else { throw failure("the document ends inside an escape") }
        let letter = bytes[at]
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let unit = try hexUnit(from: start)
            var code = UInt32(unit)
            if (0xD800..<0xDC00).contains(unit), starts(with: "\\u") {
                at += 2
                let second = try hexUnit(from: start)
                if (0xDC00..<0xE000).contains(second) { code = 0x10000 + (UInt32(unit - 0xD800) << 10 | UInt32(second - 0xDC00)) }
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw failure("\\u\(unit.hexadecimal(digits: 4)) is half of a character whose other half is missing", at: start)
            }
            content.append(contentsOf: String(scalar).utf8)
        default: throw failure("unknown escape in a string", at: start)
        }
    }

    private mutating func hexUnit(from start: Int) throws(JSONError) -> UInt16 {
        guard at + 4 <= bytes.count else { throw failure("\\u needs four hexadecimal digits", at: start) }
        var unit: UInt16 = 0
        for offset in 0..<4 {
            let digit: UInt8
            switch bytes[at + offset] {
            case let byte where isDigit(byte): digit = byte - UInt8(ascii: "0")
            case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte):
                digit = byte - UInt8(ascii: "a") + 10
            case let byte where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte):
                digit = byte - UInt8(ascii: "A") + 10
            default: throw failure("\\u needs four hexadecimal digits", at: start)
            }
            unit = unit << 4 | UInt16(digit)
        }
        at += 4
        return unit
    }

    private func validated(_ content: UnsafeRawBufferPointer, from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw failure("the string that starts here is not valid UTF-8", at: start)
        }
        return text
    }
}
