import Files

/// Values as text, as Python's `str` and `repr` write them.
extension JinjaValue {
    /// What `{{ }}` writes; `nil` for values that Python writes with an address.
    var text: String? {
        switch self {
        case .undefined: ""
        case .string(let text): text
        default: represented
        }
    }

    /// What stands for the value inside a list.
    var represented: String? {
        switch self {
        case .undefined: "Undefined"
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): "\(value)"
        case .float(let value): value.pythonText
        case .string(let text): Self.quoted(text)
        case .list(let values): Self.joined(values, "[", "]")
        case .tuple(let values): Self.joined(values, "(", values.count == 1 ? ",)" : ")")
        case .dictionary(let dictionary): Self.represented(dictionary)
        case .namespace, .macro, .loop, .function, .method: nil
        }
    }

    private static func joined(_ values: [JinjaValue], _ open: String, _ close: String) -> String? {
        var parts: [String] = []
        for value in values {
            guard let part = value.represented else { return nil }
            parts.append(part)
        }
        return open + parts.joined(separator: ", ") + close
    }

    private static func represented(_ dictionary: JinjaDictionary) -> String? {
        var parts: [String] = []
        for (key, value) in dictionary.entries {
            guard let name = key.represented, let part = value.represented else { return nil }
            parts.append(name + ": " + part)
        }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    private static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in scalars {
            switch scalar {
            case quote, "\\":
                result.append("\\")
                result.append(scalar)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            default:
                if scalar.isPrintable {
                    result.append(scalar)
                } else {
                    result.append(contentsOf: escape(scalar).unicodeScalars)
                }
            }
        }
        result.append(quote)
        return String(result)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + scalar.value.hexadecimal(digits: width)
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}

extension Double {
    /// As Python writes it.
    var pythonText: String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        return description
    }
}

/// The methods of Python's `str` that count in scalars, and white space as Python sees it.
extension String {
    /// Without the scalars of `characters` (white space by default) at the chosen ends.
    package func pythonStripped(_ characters: String? = nil, left: Bool = true, right: Bool = true) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        let isOut = { (scalar: Unicode.Scalar) in set.map { $0.contains(scalar) } ?? scalar.isPythonSpace }
        var scalars = Substring(self).unicodeScalars
        if left { while let first = scalars.first, isOut(first) { scalars.removeFirst() } }
        if right { while let last = scalars.last, isOut(last) { scalars.removeLast() } }
        return String(scalars)
    }

    /// The first scalar in capitals, the others small.
    var pythonCapitalized: String {
        guard let first = unicodeScalars.first else { return self }
        return first.properties.titlecaseMapping + String(unicodeScalars.dropFirst()).lowercased()
    }

    /// Every letter after something that is none in capitals, the others small.
    var pythonTitled: String {
        var result = ""
        var inWord = false
        for scalar in unicodeScalars {
            result += inWord ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            inWord = scalar.properties.isCased
        }
        return result
    }

    /// The parts between occurrences of `separator`, at most `limit` cuts from the chosen end.
    func pythonSplit(_ separator: String, limit: Int = -1, fromEnd: Bool = false) -> [String] {
        let all = cut(at: separator)
        guard limit >= 0, all.count > limit + 1 else { return all }
        if fromEnd {
            let kept = all.count - limit
            return [all[..<kept].joined(separator: separator)] + all[kept...]
        }
        return all[..<limit] + [all[limit...].joined(separator: separator)]
    }

    /// The words between white space, at most `limit` cuts from the chosen end.
    func pythonWords(limit: Int = -1, fromEnd: Bool = false) -> [String] {
        var rest = Substring(self).unicodeScalars
        var words: [String] = []
        while true {
            if fromEnd {
                while let last = rest.last, last.isPythonSpace { rest.removeLast() }
            } else {
                while let first = rest.first, first.isPythonSpace { rest.removeFirst() }
            }
            if rest.isEmpty { break }
            if limit >= 0, words.count == limit {
                words.append(String(rest).pythonStripped(left: fromEnd, right: false))
                break
            }
            if fromEnd {
                let start = rest.lastIndex { $0.isPythonSpace }.map { rest.index(after: $0) } ?? rest.startIndex
                words.append(String(rest[start...]))
                rest = rest[..<start]
            } else {
                let end = rest.firstIndex { $0.isPythonSpace } ?? rest.endIndex
                words.append(String(rest[..<end]))
                rest = rest[end...]
            }
        }
        return fromEnd ? words.reversed() : words
    }

    /// The text with `old` replaced, at most `limit` times.
    func pythonReplaced(_ old: String, _ new: String, limit: Int = -1) -> String {
        if old.isEmpty {
            var result = ""
            var left = limit < 0 ? Int.max : limit
            for scalar in unicodeScalars {
                if left > 0 { result += new }
                left -= left > 0 ? 1 : 0
                result.unicodeScalars.append(scalar)
            }
            return left > 0 ? result + new : result
        }
        let parts = cut(at: old)
        guard limit >= 0, parts.count > limit + 1 else { return parts.joined(separator: new) }
        return parts[...limit].joined(separator: new) + old + parts[(limit + 1)...].joined(separator: old)
    }

    /// The offset in scalars at which `text` first (or last) stands.
    func pythonFind(_ text: String, last: Bool = false) -> Int? {
        let parts = cut(at: text)
        if text.isEmpty { return last ? unicodeScalars.count : 0 }
        guard parts.count > 1 else { return nil }
        if last {
            return unicodeScalars.count - parts[parts.count - 1].unicodeScalars.count - text.unicodeScalars.count
        }
        return parts[0].unicodeScalars.count
    }

    func pythonContains(_ text: String) -> Bool { text.isEmpty || cut(at: text).count > 1 }

    /// Cuts at every occurrence, from left to right; by bytes, which is the same as by scalars.
    private func cut(at separator: String) -> [String] {
        let text = Array(utf8), mark = Array(separator.utf8)
        guard let first = mark.first else { return [self] }
        var parts: [String] = []
        var start = 0, index = 0
        while index + mark.count <= text.count {
            if text[index] == first, text[index..<index + mark.count].elementsEqual(mark) {
                parts.append(String(decoding: text[start..<index], as: UTF8.self))
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        return parts + [String(decoding: text[start...], as: UTF8.self)]
    }
}
