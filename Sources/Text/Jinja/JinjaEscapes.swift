/// Backslashes in a template's strings, as Python reads them.
enum JinjaEscapes {
    /// The text of a string literal.
    static func resolved(_ literal: ArraySlice<Unicode.Scalar>) -> String {
        guard literal.contains("\\") else { return String(literal) }
        var result = String.UnicodeScalarView()
        var at = literal.startIndex
        while at < literal.endIndex {
            let scalar = literal[at]
            at += 1
            guard scalar == "\\", at < literal.endIndex else {
                result.append(scalar)
                continue
            }
            let letter = literal[at]
            at += 1
            if let simple = simple[letter] {
                result.append(simple)
            } else if letter == "\n" {
                continue
            } else if let length = ["x": 2, "u": 4, "U": 8][letter], let code = number(literal, at, length, radix: 16) {
                result.append(code)
                at += length
            } else if ("0"..."7").contains(letter) {
                var end = at
                while end < literal.endIndex, end < at + 2, ("0"..."7").contains(literal[end]) { end += 1 }
                if let code = number(literal, at - 1, end - at + 1, radix: 8) { result.append(code) }
                at = end
            } else {
                // An escape without meaning stays as it is.
                result.append("\\")
                result.append(letter)
            }
        }
        return String(result)
    }

    private static let simple: [Unicode.Scalar: Unicode.Scalar] = [
        "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}",
        "v": "\u{B}",
    ]

    private static func number(
        _ text: ArraySlice<Unicode.Scalar>, _ start: Int, _ length: Int, radix: Int
    ) -> Unicode.Scalar? {
        guard start + length <= text.endIndex else { return nil }
        let digits = String(text[start..<start + length])
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) else { return nil }
        return UInt32(digits, radix: radix).flatMap(Unicode.Scalar.init)
    }
}

extension Unicode.Scalar {
    /// Whether Python's `str.isspace` holds.
    var isPythonSpace: Bool { properties.isWhitespace || ("\u{1C}"..."\u{1F}").contains(self) }

    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
