// Text from files and models on its way to a terminal.
extension String {
    /// The text with everything written out that could drive a terminal or hide what is there: control characters, and marks that
    /// turn the direction of writing. Tabs stay, and line breaks unless `oneLine` is asked for.
    package func visible(oneLine: Bool = false) -> String {
        guard unicodeScalars.contains(where: { $0.isHidden && (oneLine || $0 != "\n") }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isHidden, oneLine || scalar != "\n" {
                text += scalar.escaped(asASCII: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text with every stretch in double quotes, and every other word, cut in its middle if it is longer than a message should
    /// quote: whoever chooses a name must not choose how long a message is.
    package func withShortQuotes(most: Int = 300) -> String {
        guard utf8.count > most else { return self }
        var text = String.UnicodeScalarView()
        var stretch = String.UnicodeScalarView()
        var isQuoted = false
        func flush() {
            text +=
                stretch.count > most
                ? stretch.prefix(2 * most / 3) + " … ".unicodeScalars + stretch.suffix(most / 4) : stretch[...]
            stretch = .init()
        }
        for scalar in unicodeScalars {
            let isQuote = scalar == "\""
            guard isQuote || (scalar == " " || scalar == "\n") && !isQuoted else {
                stretch.append(scalar)
                continue
            }
            flush()
            if isQuote { isQuoted.toggle() }
            text.append(scalar)
        }
        flush()
        // Many short pieces are no better than a long one.
        let whole = text.count
        return String(
            whole <= 20 * most ? text : text.prefix(15 * most) + " … ".unicodeScalars + text.suffix(4 * most))
    }
}

extension Unicode.Scalar {
    fileprivate var isHidden: Bool {
        switch value {
        case 0x09: false
        // C0, DEL and C1; then line and paragraph separators, and the marks, overrides and isolates of bidirectional text.
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x200E, 0x200F, 0x061C, 0x2066...0x2069: true
        default: false
        }
    }
}
