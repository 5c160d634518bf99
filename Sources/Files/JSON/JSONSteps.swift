// Small steps over the bytes, and errors.
extension JSONParser {
    mutating func enter() throws(JSONError) {
        guard depth < Self.deepest else { throw failure("nested more than \(Self.deepest) levels deep") }
        depth += 1
        at += 1
    }

    mutating func leave<Result>(_ result: Result) -> Result {
        depth -= 1
        return result
    }

    mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard at < bytes.count, UInt32(bytes[at]) == mark.value else { return false }
        at += 1
        return true
    }

    func starts(with text: StaticString) -> Bool {
        guard at + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { word in
            word.indices.allSatisfy { bytes[at + $0] == word[$0] }
        }
    }

    func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// What stands at the current position, for a message.
    func found() -> String {
        guard at < bytes.count else { return "the end of the document" }
        let byte = bytes[at]
        guard (0x21..<0x7F).contains(byte) else { return "byte 0x\(String(byte, radix: 16, uppercase: true))" }
        return "'\(Character(Unicode.Scalar(byte)))'"
    }

    func notANumber(_ word: String) -> JSONError {
        failure("\(word) is not JSON (Python writes it for a value that is not finite); write a number or null")
    }

    func failure(_ problem: String, at position: Int? = nil) -> JSONError {
        let end = min(position ?? at, bytes.count)
        var line = 1
        var column = 1
        for byte in bytes[0..<end] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONError(line: line, column: column, problem: problem)
    }
}
