// Jinja's filters: what stands behind `|`.
extension JinjaEvaluator {
    func filter(_ name: String, _ value: JinjaValue, _ arguments: JinjaCallArguments) throws(JinjaError) -> JinjaValue {
        try spend(1 + cost(value))
        if let result = try textFilter(name, value, arguments) { return result }
        if let result = try numberFilter(name, value, arguments) { return result }
        if let result = try listFilter(name, value, arguments) { return result }
        throw unsupported("the filter \(name)")
    }

    private func textFilter(
        _ name: String, _ value: JinjaValue, _ arguments: JinjaCallArguments
    ) throws(JinjaError) -> JinjaValue? {
        func bound(_ names: String...) throws(JinjaError) -> [JinjaValue?] { try arguments.bound(names, name, self) }
        switch name {
        case "trim":
            let characters = try bound("chars")[0]
            return .string(try text(of: value).pythonStripped(characters?.asString))
        case "upper": return .string(try text(of: value).uppercased())
        case "lower": return .string(try text(of: value).lowercased())
        case "capitalize": return .string(try text(of: value).pythonCapitalized)
        case "title": return .string(titled(try text(of: value)))
        case "string": return .string(try text(of: value))
        case "replace":
            let values = try bound("old", "new", "count")
            guard let old = values[0], let new = values[1] else { throw fault("replace needs two texts") }
            return .string(try replaced(text(of: value), text(of: old), by: text(of: new), most: values[2]?.asInteger ?? -1))
        case "indent": return .string(try indented(text(of: value), bound("width", "first", "blank")))
        case "format": return .string(try operators.formatted(text(of: value), arguments.positional))
        case "tojson":
            let values = try bound("ensure_ascii", "indent", "separators", "sort_keys")
            return .string(try JinjaJSON(values, self).text(of: value))
        default: return nil
        }
    }

    /// Jinja's own rule: the first letter after a blank, a hyphen or an opening bracket.
    private func titled(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            let separates = scalar.isPythonSpace || ["-", "(", "{", "[", "<"].contains(scalar)
            result += startsWord && !separates ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            startsWord = separates
        }
        return result
    }

    private func indented(_ text: String, _ values: [JinjaValue?]) throws(JinjaError) -> String {
        let margin: String
        if let text = values[0]?.asString {
            margin = text
        } else {
            margin = String(repeating: " ", count: min(max(values[0]?.asInteger ?? 4, 0), 1024))
        }
        let blank = values[2]?.isTrue ?? false
        var lines = text.pythonReplaced("\r\n", "\n").pythonReplaced("\r", "\n").pythonSplit("\n")
        guard lines.count <= JinjaLimit.text / (margin.utf8.count + 1) else {
            throw JinjaError(.limit, line: line, "a text of more than \(JinjaLimit.text) bytes would be made")
        }
        for index in lines.indices where index > 0 ? blank || !lines[index].isEmpty : values[1]?.isTrue ?? false {
            lines[index] = margin + lines[index]
        }
        return lines.joined(separator: "\n")
    }

    private func numberFilter(
        _ name: String, _ value: JinjaValue, _ arguments: JinjaCallArguments
    ) throws(JinjaError) -> JinjaValue? {
        func bound(_ names: String...) throws(JinjaError) -> [JinjaValue?] { try arguments.bound(names, name, self) }
        switch name {
        case "int":
            let values = try bound("default", "base")
            let fallback = values[0] ?? .integer(0)
            if let text = value.asString {
                let base = values[1]?.asInteger ?? 10
                guard (2...36).contains(base) else { throw unsupported("the base \(base)") }
                let digits = text.pythonStripped().pythonReplaced("_", "")
                if let whole = Int(digits, radix: base) { return .integer(whole) }
                guard base == 10, let real = Double(digits) else { return fallback }
                return Int(exactly: real.rounded(.towardZero)).map { .integer($0) } ?? fallback
            }
            guard let real = value.asFloat else { return fallback }
            return value.asInteger.map { .integer($0) } ?? Int(exactly: real.rounded(.towardZero)).map { .integer($0) } ?? fallback
        case "float":
            let fallback = try bound("default")[0] ?? .float(0)
            if let text = value.asString {
                return Double(text.pythonStripped().pythonReplaced("_", "")).map { .float($0) } ?? fallback
            }
            return value.asFloat.map { .float($0) } ?? fallback
        case "abs":
            if let whole = value.asInteger {
                guard whole != Int.min else { throw unsupported("a number beyond 64 bits") }
                return .integer(abs(whole))
            }
            guard let real = value.asFloat else { throw fault("abs takes a number, not \(value.kind)") }
            return .float(abs(real))
        case "round":
            let values = try bound("precision", "method")
            let method = values[1]?.asString ?? "common"
            guard let real = value.asFloat else { throw fault("round takes a number, not \(value.kind)") }
            guard (values[0]?.asInteger ?? 0) == 0 else { throw unsupported("round to decimal places") }
            switch method {
            case "common": return value.asInteger.map { .integer($0) } ?? .float(real.rounded(.toNearestOrEven))
            case "ceil": return .float(real.rounded(.up))
            case "floor": return .float(real.rounded(.down))
            default: throw fault("round knows no method \(method)")
            }
        default: return nil
        }
    }
}
