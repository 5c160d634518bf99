extension JSONValue {
    /// This document as text; `pretty` puts every member on its own line, indented by two spaces.
    ///
    /// Doubles are written with the fewest digits that read back as the same double. JSON has no word for
    /// NaN and the infinities: they become `null`. Text beyond ASCII stays as it is, in UTF-8.
    public func serialized(pretty: Bool = false) -> String {
        var writer = JSONWriter(pretty: pretty)
        writer.write(self)
        return String(decoding: writer.output, as: UTF8.self)
    }
}

/// Appends the text of values to one growing buffer.
private struct JSONWriter {
    let pretty: Bool
    var output: [UInt8] = []
    private var level = 0

    init(pretty: Bool) {
        self.pretty = pretty
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(value.description)
        case .number(let value): append(value.isFinite ? value.description : "null")
        case .string(let text): write(text)
        case .array(let elements):
            list(elements, from: "[", to: "]") { $0.write($1) }
        case .object(let object):
            list(object.members, from: "{", to: "}") {
                $0.write($1.key)
                $0.append($0.pretty ? ": " : ":")
                $0.write($1.value)
            }
        }
    }

    private mutating func list<Element>(
        _ elements: [Element], from opening: String, to closing: String,
        each: (inout JSONWriter, Element) -> Void
    ) {
        append(opening)
        if !elements.isEmpty {
            level += 1
            for (index, element) in elements.enumerated() {
                if index > 0 { append(",") }
                newLine()
                each(&self, element)
            }
            level -= 1
            newLine()
        }
        append(closing)
    }

    private mutating func write(_ text: String) {
        append("\"")
        var earlier: UInt8 = 0
        for byte in text.utf8 {
            defer { earlier = byte }
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x08: append("\\b")
            case 0x09: append("\\t")
            case 0x0A: append("\\n")
            case 0x0C: append("\\f")
            case 0x0D: append("\\r")
            case 0..<0x20, 0x7F: escape(byte)
            // The other control characters, U+0080 to U+009F: JSON allows them, but a terminal obeys them too.
            case 0x80..<0xA0 where earlier == 0xC2:
                output.removeLast()
                escape(byte)
            default: output.append(byte)
            }
        }
        append("\"")
    }

    private mutating func escape(_ unit: UInt8) {
        append("\\u" + unit.hexadecimal(digits: 4))
    }

    private mutating func newLine() {
        guard pretty else { return }
        output.append(0x0A)
        for _ in 0..<level { append("  ") }
    }

    private mutating func append(_ text: String) {
        output.append(contentsOf: text.utf8)
    }
}
