// Filters of lists and dictionaries.
extension JinjaEvaluator {
    func listFilter(
        _ name: String, _ value: JinjaValue, _ arguments: JinjaCallArguments
    ) throws(JinjaError) -> JinjaValue? {
        func bound(_ names: String...) throws(JinjaError) -> [JinjaValue?] { try arguments.bound(names, name, self) }
        switch name {
        case "length", "count": return .integer(try length(of: value))
        case "default", "d":
            let values = try bound("default_value", "boolean")
            let isUsed = try test("undefined", value, []) || (values[1]?.isTrue ?? false) && !value.isTrue
            return isUsed ? values[0] ?? .string("") : value
        case "first": return try items(of: value).first ?? .undefined("the first of an empty list")
        case "last": return try items(of: value).last ?? .undefined("the last of an empty list")
        case "list": return .list(try items(of: value))
        case "reverse":
            if let text = value.asString { return .string(String(Array(text.unicodeScalars.reversed()))) }
            return .list(try items(of: value).reversed())
        case "join":
            let values = try bound("d", "attribute")
            var parts: [String] = []
            for item in try items(of: value) {
                parts.append(try text(of: values[1].map { (path) throws(JinjaError) in try self.value(at: path, of: item) } ?? item))
            }
            return try joined(parts, values[0].map { (separator) throws(JinjaError) in try text(of: separator) } ?? "")
        case "items":
            switch value {
            case .undefined: return .list([])
            case .dictionary(let dictionary): return .list(dictionary.entries.map { .tuple([$0.key, $0.value]) })
            default: throw fault("items takes a dictionary, not \(value.kind)")
            }
        case "dictsort": return try sortedEntries(value, bound("case_sensitive", "by", "reverse"))
        case "sort":
            let values = try bound("reverse", "case_sensitive", "attribute")
            let list = try items(of: value)
            let sorted = try self.sorted(list, by: values[2], caseSensitive: values[1], reversed: values[0]?.isTrue ?? false)
            return .list(sorted)
        case "unique":
            let values = try bound("case_sensitive", "attribute")
            var seen: [JinjaValue] = [], kept: [JinjaValue] = []
            for item in try items(of: value) {
                let key = try hashable(sortKey(item, values[1], caseSensitive: values[0]))
                try spend(1 + seen.count / 8)
                if !seen.contains(key) {
                    seen.append(key)
                    kept.append(item)
                }
            }
            return .list(kept)
        case "min", "max":
            let values = try bound("case_sensitive", "attribute")
            let list = try sorted(items(of: value), by: values[1], caseSensitive: values[0], reversed: name == "max")
            return list.first ?? .undefined("the \(name) of an empty list")
        case "sum":
            let values = try bound("attribute", "start")
            var total = values[1] ?? .integer(0)
            for item in try items(of: value) {
                let part = try values[0].map { (path) throws(JinjaError) in try self.value(at: path, of: item) } ?? item
                total = try operators.arithmetic("+", total, part)
            }
            return total
        case "map": return .list(try mapped(value, arguments))
        case "select", "reject", "selectattr", "rejectattr": return .list(try selected(name, value, arguments))
        case "batch":
            let values = try bound("linecount", "fill_with")
            guard let size = values[0]?.asInteger, size > 0 else { throw fault("batch takes a whole number above 0") }
            let list = try items(of: value)
            return .list(
                stride(from: 0, to: list.count, by: size).map { start in
                    let part = Array(list[start..<min(start + size, list.count)])
                    return .list(part + (values[1].map { Array(repeating: $0, count: min(size, list.count) - part.count) } ?? []))
                })
        case "attr":
            guard let path = try bound("name")[0]?.asString else { throw fault("attr takes a name") }
            return try attribute(value, path)
        default: return nil
        }
    }

    private func length(of value: JinjaValue) throws(JinjaError) -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text): return text.unicodeScalars.count
        case .list(let values), .tuple(let values): return values.count
        case .dictionary(let dictionary): return dictionary.entries.count
        default: throw fault("\(value.kind) has no length")
        }
    }

    /// What lies at a path such as "function.name" or 0; nothing on the way gives nothing.
    private func value(at path: JinjaValue, of item: JinjaValue) throws(JinjaError) -> JinjaValue {
        if path.asInteger != nil { return try self.item(item, path) }
        var value = item
        for part in try text(of: path).pythonSplit(".") {
            value = try self.item(value, Int(part).map { .integer($0) } ?? .string(part))
        }
        return value
    }

    private func mapped(_ value: JinjaValue, _ arguments: JinjaCallArguments) throws(JinjaError) -> [JinjaValue] {
        let list = try items(of: value)
        var result: [JinjaValue] = []
        if arguments.positional.isEmpty {
            let values = try arguments.bound(["attribute", "default"], "map", self)
            guard let path = values[0] else { throw fault("map needs a filter or an attribute") }
            for item in list {
                try spend()
                let found = try self.value(at: path, of: item)
                result.append(try test("undefined", found, []) ? values[1] ?? found : found)
            }
            return result
        }
        guard let name = arguments.positional[0].asString else { throw fault("map takes the name of a filter") }
        var rest = arguments
        rest.positional.removeFirst()
        for item in list { result.append(try deeper { () throws(JinjaError) in try filter(name, item, rest) }) }
        return result
    }

    private func selected(
        _ name: String, _ value: JinjaValue, _ arguments: JinjaCallArguments
    ) throws(JinjaError) -> [JinjaValue] {
        var rest = arguments.positional[...]
        var path: JinjaValue?
        if name.hasSuffix("attr") {
            path = rest.popFirst()
            if path == nil { throw fault("\(name) needs an attribute") }
        }
        let test = try rest.popFirst().map { (test) throws(JinjaError) in try text(of: test) }
        let isKept = name.hasPrefix("select")
        var result: [JinjaValue] = []
        for item in try items(of: value) {
            try spend()
            let part = try path.map { (path) throws(JinjaError) in try self.value(at: path, of: item) } ?? item
            let holds = try test.map { (name) throws(JinjaError) in try self.test(name, part, Array(rest)) } ?? part.isTrue
            if holds == isKept { result.append(item) }
        }
        return result
    }

    // MARK: Order

    private func sortKey(
        _ item: JinjaValue, _ path: JinjaValue?, caseSensitive: JinjaValue?
    ) throws(JinjaError) -> JinjaValue {
        let key = try path.map { (path) throws(JinjaError) in try value(at: path, of: item) } ?? item
        guard !(caseSensitive?.isTrue ?? false), let text = key.asString else { return key }
        return .string(text.lowercased())
    }

    private func sorted(
        _ list: [JinjaValue], by path: JinjaValue?, caseSensitive: JinjaValue?, reversed: Bool
    ) throws(JinjaError) -> [JinjaValue] {
        // Each goes behind those that do not come after it, so equal ones keep their order, also where the order is turned round.
        var result: [(key: JinjaValue, item: JinjaValue)] = []
        for item in list {
            let key = try sortKey(item, path, caseSensitive: caseSensitive)
            var low = 0, high = result.count
            while low < high {
                let middle = (low + high) / 2
                let other = result[middle].key
                try spend(1 + cost(key))
                let isBefore = try reversed ? operators.precedes(other, key) : operators.precedes(key, other)
                if isBefore { high = middle } else { low = middle + 1 }
            }
            result.insert((key, item), at: low)
        }
        return result.map(\.item)
    }

    private func sortedEntries(_ value: JinjaValue, _ values: [JinjaValue?]) throws(JinjaError) -> JinjaValue {
        guard case .dictionary(let dictionary) = value else { throw fault("dictsort takes a dictionary, not \(value.kind)") }
        let by = values[1]?.asString ?? "key"
        guard ["key", "value"].contains(by) else { throw fault("dictsort sorts by key or value, not by \(by)") }
        let pairs = dictionary.entries.map { JinjaValue.tuple([$0.key, $0.value]) }
        return .list(
            try sorted(pairs, by: .integer(by == "key" ? 0 : 1), caseSensitive: values[0], reversed: values[2]?.isTrue ?? false))
    }
}
