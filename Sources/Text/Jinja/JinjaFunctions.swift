/// The functions that every template knows.
enum JinjaFunctions {
    static let names: Set<String> = ["range", "dict", "namespace", "raise_exception", "strftime_now"]
}

extension JinjaEvaluator {
    func call(function name: String, _ arguments: JinjaCallArguments) throws(JinjaError) -> JinjaValue {
        switch name {
        case "range": return .list(try range(arguments))
        case "raise_exception":
            let message = try arguments.bound(["message"], name, self)[0]
            throw JinjaError(.raised, line: line, message?.text ?? "")
        case "strftime_now":
            guard let format = try arguments.bound(["format"], name, self)[0]?.asString else {
                throw fault("strftime_now needs a format")
            }
            wroteDate = true
            guard let text = date.formatted(format) else { throw unsupported("a date written as \"\(format)\"") }
            return .string(text)
        default:
            var entries = JinjaDictionary()
            if let source = arguments.positional.first {
                guard arguments.positional.count == 1, case .dictionary(let dictionary) = source else {
                    throw unsupported("\(name) of anything but one dictionary and named values")
                }
                entries = dictionary
            }
            try checkStored(arguments.named.map(\.value))
            for (key, value) in arguments.named { entries.set(.string(key), value) }
            if name == "dict" { return .dictionary(entries) }
            var attributes: [String: JinjaValue] = [:]
            for (key, value) in entries.entries { if let key = key.asString { attributes[key] = value } }
            return .namespace(JinjaNamespace(attributes))
        }
    }

    private func range(_ arguments: JinjaCallArguments) throws(JinjaError) -> [JinjaValue] {
        guard arguments.named.isEmpty, (1...3).contains(arguments.positional.count) else {
            throw fault("range takes one to three whole numbers")
        }
        var bounds: [Int] = []
        for value in arguments.positional {
            guard let number = value.asInteger else { throw fault("range takes whole numbers, not \(value.kind)") }
            bounds.append(number)
        }
        let start = bounds.count > 1 ? bounds[0] : 0, end = bounds.count > 1 ? bounds[1] : bounds[0]
        let step = bounds.count > 2 ? bounds[2] : 1
        guard step != 0 else { throw fault("range has the step 0") }
        guard step > 0 ? start < end : start > end else { return [] }
        let (distance, over) = end.subtractingReportingOverflow(start)
        guard !over, distance != Int.min, step != Int.min, abs(distance) / abs(step) < JinjaLimit.range else {
            throw JinjaError(.limit, line: line, "range has more than \(JinjaLimit.range) numbers")
        }
        try spend(abs(distance) / abs(step))
        return stride(from: start, to: end, by: step).map { .integer($0) }
    }
}

extension JinjaLoop {
    /// The value of `loop.name`; methods are called elsewhere.
    func attribute(_ name: String) -> JinjaValue? {
        switch name {
        case "index": .integer(index + 1)
        case "index0": .integer(index)
        case "revindex": .integer(items.count - index)
        case "revindex0": .integer(items.count - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(index == items.count - 1)
        case "length": .integer(items.count)
        // Counts the levels of recursive loops, which there are none of.
        case "depth": .integer(1)
        case "depth0": .integer(0)
        case "previtem": index > 0 ? items[index - 1] : .undefined("there is no previous item, so it")
        case "nextitem": index + 1 < items.count ? items[index + 1] : .undefined("there is no next item, so it")
        default: nil
        }
    }
}
