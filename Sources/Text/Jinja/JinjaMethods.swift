/// The methods of texts, lists, dictionaries and loops.
enum JinjaMethods {
    private static let text: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "upper", "lower", "title",
        "capitalize", "replace", "join", "find", "rfind", "index", "rindex", "count", "isdigit", "isalpha", "isalnum",
        "isspace", "isupper", "islower", "isnumeric", "removeprefix", "removesuffix", "partition", "rpartition",
        // Known, so that their use is refused by name.
        "format", "encode", "zfill", "center", "ljust", "rjust", "casefold", "swapcase", "expandtabs", "translate",
    ]
    private static let list: Set<String> = ["index", "count"]
    private static let changes: Set<String> = [
        "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "setdefault", "popitem", "copy",
    ]
    private static let dictionary: Set<String> = ["items", "keys", "values", "get"]
    private static let loop: Set<String> = ["cycle", "changed"]

    static func names(of value: JinjaValue) -> Set<String> {
        switch value {
        case .string: text
        case .tuple: list
        case .list: list.union(["append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "copy"])
        case .dictionary: dictionary.union(["update", "setdefault", "pop", "popitem", "clear", "copy"])
        case .loop: loop
        default: []
        }
    }

    static func isChange(_ name: String) -> Bool { changes.contains(name) }
}

extension JinjaEvaluator {
    func call(
        method name: String, of object: JinjaValue, _ arguments: JinjaCallArguments
    ) throws(JinjaError) -> JinjaValue {
        try spend(cost(object))
        switch object {
        case .string(let text): return try call(textMethod: name, text, arguments)
        case .loop(let loop):
            if name == "changed" {
                defer { loop.last = arguments.positional }
                return .bool(loop.last != arguments.positional)
            }
            guard !arguments.positional.isEmpty else { throw fault("loop.cycle needs values") }
            return arguments.positional[loop.index % arguments.positional.count]
        case _ where name == "copy": return object
        case _ where JinjaMethods.isChange(name):
            throw fault("\(name) would change a \(object.kind), which chat templates may not do")
        case .dictionary(let dictionary):
            switch name {
            case "items": return .list(dictionary.entries.map { .tuple([$0.key, $0.value]) })
            case "keys": return .list(dictionary.entries.map(\.key))
            case "values": return .list(dictionary.entries.map(\.value))
            default:
                let bound = try arguments.bound(["key", "default"], name, self)
                guard let key = bound[0] else { throw fault("get needs a key") }
                return dictionary[key] ?? bound[1] ?? .none
            }
        default:
            guard let values = object.asSequence, let value = try arguments.bound(["value"], name, self)[0] else {
                throw fault("\(name) needs a value")
            }
            if name == "count" { return .integer(values.count { $0 == value }) }
            guard let index = values.firstIndex(of: value) else { throw fault("the value is not in the \(object.kind)") }
            return .integer(index)
        }
    }

    private func call(
        textMethod name: String, _ text: String, _ arguments: JinjaCallArguments
    ) throws(JinjaError) -> JinjaValue {
        func bound(_ names: String...) throws(JinjaError) -> [JinjaValue?] { try arguments.bound(names, name, self) }
        /// A text, or nil where Python takes None.
        func optional(_ value: JinjaValue?) throws(JinjaError) -> String? {
            switch value {
            case nil, .none?: return nil
            case .string(let text)?: return text
            case let other?: throw fault("\(name) takes a text, not \(other.kind)")
            }
        }
        func needed(_ value: JinjaValue?) throws(JinjaError) -> String {
            guard let text = try optional(value) else { throw fault("\(name) needs a text") }
            return text
        }
        func whole(_ value: JinjaValue?) throws(JinjaError) -> Int {
            guard let value else { return -1 }
            guard let number = value.asInteger else { throw fault("\(name) takes a whole number, not \(value.kind)") }
            return number
        }
        func all(_ holds: (Unicode.Scalar) -> Bool) throws(JinjaError) -> JinjaValue {
            _ = try bound()
            return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(holds))
        }
        func ends(_ holds: (String) -> Bool) throws(JinjaError) -> JinjaValue {
            let value = try bound("affix")[0]
            if case .tuple(let choices)? = value {
                for choice in choices where holds(try needed(choice)) { return .bool(true) }
                return .bool(false)
            }
            return .bool(holds(try needed(value)))
        }
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try optional(bound("chars")[0])
            return .string(text.pythonStripped(characters, left: name != "rstrip", right: name != "lstrip"))
        case "split", "rsplit":
            let values = try bound("sep", "maxsplit")
            let limit = try whole(values[1])
            guard let separator = try optional(values[0]) else {
                return .list(text.pythonWords(limit: limit, fromEnd: name == "rsplit").map { .string($0) })
            }
            guard !separator.isEmpty else { throw fault("a text is split at an empty text") }
            return .list(text.pythonSplit(separator, limit: limit, fromEnd: name == "rsplit").map { .string($0) })
        case "partition", "rpartition":
            let mark = try needed(bound("sep")[0])
            guard !mark.isEmpty else { throw fault("a text is split at an empty text") }
            let parts = text.pythonSplit(mark, limit: 1, fromEnd: name == "rpartition")
            if parts.count == 2 { return .tuple([.string(parts[0]), .string(mark), .string(parts[1])]) }
            let empty = JinjaValue.string("")
            return .tuple(name == "partition" ? [.string(text), empty, empty] : [empty, empty, .string(text)])
        case "splitlines":
            _ = try bound()
            var lines = text.pythonReplaced("\r\n", "\n").pythonReplaced("\r", "\n").pythonSplit("\n")
            if lines.last == "" { lines.removeLast() }
            return .list(lines.map { .string($0) })
        case "startswith": return try ends { text.utf8.starts(with: $0.utf8) }
        case "endswith": return try ends { text.utf8.reversed().starts(with: $0.utf8.reversed()) }
        case "removeprefix":
            let affix = try needed(bound("prefix")[0])
            return .string(
                text.utf8.starts(with: affix.utf8) ? String(decoding: text.utf8.dropFirst(affix.utf8.count), as: UTF8.self) : text)
        case "removesuffix":
            let affix = try needed(bound("suffix")[0])
            let has = text.utf8.reversed().starts(with: affix.utf8.reversed())
            return .string(has ? String(decoding: text.utf8.dropLast(affix.utf8.count), as: UTF8.self) : text)
        case "upper": return .string(text.uppercased())
        case "lower": return .string(text.lowercased())
        case "title": return .string(text.pythonTitled)
        case "capitalize": return .string(text.pythonCapitalized)
        case "replace":
            let values = try bound("old", "new", "count")
            return .string(try replaced(text, needed(values[0]), by: needed(values[1]), most: whole(values[2])))
        case "join":
            guard let values = try bound("iterable")[0] else { throw fault("join needs a list") }
            var parts: [String] = []
            for value in try items(of: values) { parts.append(try needed(value)) }
            return try joined(parts, text)
        case "find", "rfind": return .integer(text.pythonFind(try needed(bound("sub")[0]), last: name == "rfind") ?? -1)
        case "index", "rindex":
            guard let place = text.pythonFind(try needed(bound("sub")[0]), last: name == "rindex") else {
                throw fault("the text to look for is not there")
            }
            return .integer(place)
        case "count":
            let part = try needed(bound("sub")[0])
            return .integer(part.isEmpty ? text.unicodeScalars.count + 1 : text.pythonSplit(part).count - 1)
        case "isdigit": return try all { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
        case "isnumeric": return try all { $0.properties.numericType != nil }
        case "isalpha": return try all(\.isLetter)
        case "isalnum": return try all { $0.isLetter || $0.properties.numericType != nil }
        case "isspace": return try all(\.isPythonSpace)
        case "isupper", "islower":
            _ = try bound()
            let cased = text.unicodeScalars.filter(\.properties.isCased)
            return .bool(!cased.isEmpty && cased.allSatisfy { name == "isupper" ? $0.properties.isUppercase : $0.properties.isLowercase })
        default: throw unsupported("the method \(name) of a text")
        }
    }

    /// `text` with `old` replaced, within the bound.
    func replaced(_ text: String, _ old: String, by new: String, most limit: Int) throws(JinjaError) -> String {
        let places = old.isEmpty ? text.utf8.count + 1 : text.utf8.count / old.utf8.count
        // Every place may turn into the new text: the bound holds before the work is done.
        guard new.isEmpty || places <= JinjaLimit.text / new.utf8.count || new.utf8.count <= old.utf8.count else {
            throw JinjaError(.limit, line: line, "a text of more than \(JinjaLimit.text) bytes would be made")
        }
        try spend((text.utf8.count + places * new.utf8.count) / 64)
        return text.pythonReplaced(old, new, limit: limit)
    }

    func joined(_ parts: [String], _ separator: String) throws(JinjaError) -> JinjaValue {
        let bytes = parts.reduce(0) { $0 + $1.utf8.count + separator.utf8.count }
        guard bytes <= JinjaLimit.text else {
            throw JinjaError(.limit, line: line, "a text of more than \(JinjaLimit.text) bytes would be made")
        }
        try spend(bytes / 64)
        return .string(parts.joined(separator: separator))
    }
}

extension Unicode.Scalar {
    /// Whether Python's `str.isalpha` holds.
    var isLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
