// What expressions are worth.
extension JinjaEvaluator {
    func evaluate(_ expression: JinjaExpression) throws(JinjaError) -> JinjaValue {
        try spend()
        line = expression.line
        return try deeper { () throws(JinjaError) in try value(of: expression) }
    }

    private func value(of expression: JinjaExpression) throws(JinjaError) -> JinjaValue {
        switch expression.kind {
        case .constant(let constant): return JinjaValue(constant)
        case .name(let name):
            // What a template sets hides a function of that name; what nobody sets is no fault until something is asked of it.
            if let value = scope.value(of: name) { return value }
            return JinjaFunctions.names.contains(name) ? .function(name) : .undefined("'\(name)'")
        case .list(let parts): return .list(try elements(parts))
        case .tuple(let parts): return .tuple(try elements(parts))
        case .dictionary(let members):
            var dictionary = JinjaDictionary()
            for (key, value) in members {
                let key = try hashable(evaluate(key))
                let value = try evaluate(value)
                try spend(dictionary.entries.count / 8)
                try checkStored([value])
                dictionary.set(key, value)
            }
            return .dictionary(dictionary)
        case .attribute(let object, let name): return try attribute(evaluate(object), name)
        case .item(let object, let key):
            let object = try evaluate(object)
            return try item(object, evaluate(key))
        case .slice(let object, let from, let to, let step):
            let object = try evaluate(object)
            return try slice(object, from: bound(from), to: bound(to), step: bound(step))
        case .call: return try evaluate(call: expression)
        case .filter(let operand, let name, let arguments):
            if name == "safe" { throw unsupported("the filter safe inside an expression") }
            let operand = try evaluate(operand)
            return try filter(name, operand, evaluate(arguments))
        case .test(let operand, let name, let arguments):
            let operand = try evaluate(operand)
            return .bool(try test(name, operand, evaluate(arguments).positional))
        case .not(let operand): return .bool(try !evaluate(operand).isTrue)
        case .sign(let operand, let isNegative):
            let value = try evaluate(operand)
            return try operators.arithmetic(isNegative ? "-" : "+", .integer(0), numeric(value))
        case .both(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .either(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .arithmetic(let left, let symbol, let right): return try arithmetic(left, symbol, right)
        case .comparison(let first, let rest):
            var left = try evaluate(first)
            for (comparator, operand) in rest {
                let right = try evaluate(operand)
                try spend(cost(left) + cost(right))
                guard try operators.holds(comparator, left, right) else { return .bool(false) }
                left = right
            }
            return .bool(true)
        case .choice(let then, let condition, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(then) }
            guard let otherwise else { return .undefined("the value of an if without else") }
            return try evaluate(otherwise)
        }
    }

    private func arithmetic(
        _ left: JinjaExpression, _ symbol: String, _ right: JinjaExpression
    ) throws(JinjaError) -> JinjaValue {
        let a = try evaluate(left)
        let b = try evaluate(right)
        if symbol == "~" { return try operators.arithmetic("+", .string(text(of: a)), .string(text(of: b))) }
        let result = try operators.arithmetic(symbol, a, b)
        try spend(cost(result))
        return result
    }

    /// What a value costs to make or to look through.
    func cost(_ value: JinjaValue) -> Int {
        switch value {
        case .string(let text): text.utf8.count / 64
        case .list(let values), .tuple(let values): values.count / 8
        case .dictionary(let dictionary): dictionary.entries.count / 8
        default: 0
        }
    }

    private func elements(_ parts: [JinjaExpression]) throws(JinjaError) -> [JinjaValue] {
        var values: [JinjaValue] = []
        for part in parts { values.append(try evaluate(part)) }
        try checkStored(values)
        return values
    }

    private func numeric(_ value: JinjaValue) throws(JinjaError) -> JinjaValue {
        guard value.asFloat != nil else { throw fault("a sign stands before \(value.kind)") }
        return value
    }

    /// A value that can be a key or be looked for among others.
    func hashable(_ value: JinjaValue) throws(JinjaError) -> JinjaValue {
        switch value {
        case .list, .dictionary: throw fault("a \(value.kind) cannot be a key or told apart from others")
        default: return value
        }
    }

    private func bound(_ expression: JinjaExpression?) throws(JinjaError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .none = value { return nil }
        guard let number = value.asInteger else { throw fault("a slice is bounded by \(value.kind)") }
        return number
    }

    // MARK: Parts of values

    /// What a loop over the value takes, one after the other.
    func items(of value: JinjaValue) throws(JinjaError) -> [JinjaValue] {
        try spend(cost(value))
        switch value {
        case .undefined: return []
        case .list(let values), .tuple(let values): return values
        case .string(let text):
            try spend(text.utf8.count)
            return text.unicodeScalars.map { .string(String($0)) }
        case .dictionary(let dictionary): return dictionary.entries.map(\.key)
        default: throw fault("\(value.kind) has no elements")
        }
    }

    /// `object.name`: an attribute or method, then an item of that name.
    func attribute(_ object: JinjaValue, _ name: String) throws(JinjaError) -> JinjaValue {
        if case .undefined(let what) = object { throw fault("\(what) is undefined and has no \(name)") }
        guard !name.hasPrefix("_") else { throw unsupported("the attribute \(name)") }
        switch object {
        case .namespace(let namespace): return namespace.attributes[name] ?? .undefined("namespace.\(name)")
        case .loop(let loop):
            if JinjaMethods.names(of: object).contains(name) { return .method(of: object, name) }
            guard let value = loop.attribute(name) else { return .undefined("loop.\(name)") }
            return value
        default:
            if JinjaMethods.names(of: object).contains(name) { return .method(of: object, name) }
            if case .dictionary(let dictionary) = object, let value = dictionary[name] { return value }
            return .undefined("\(object.kind) object's '\(name)'")
        }
    }

    /// `object[key]`: an item, then an attribute of that name.
    func item(_ object: JinjaValue, _ key: JinjaValue) throws(JinjaError) -> JinjaValue {
        switch object {
        case .undefined(let what): throw fault("\(what) is undefined and has no items")
        case .dictionary(let dictionary):
            if let value = dictionary[key] { return value }
        case .list(let values), .tuple(let values):
            guard let index = key.asInteger else { break }
            let place = index < 0 ? index + values.count : index
            return values.indices.contains(place) ? values[place] : .undefined("item \(index) of a \(object.kind)")
        case .string(let text):
            guard let index = key.asInteger else { break }
            let scalars = text.unicodeScalars
            try spend(text.utf8.count / 8)
            let place = index < 0 ? index + scalars.count : index
            guard place >= 0, place < scalars.count else { return .undefined("item \(index) of a text") }
            return .string(String(scalars[scalars.index(scalars.startIndex, offsetBy: place)]))
        default: break
        }
        // Jinja's rule, not Python's: what is absent is undefined.
        if case .string(let name) = key, !name.isEmpty { return try attribute(object, name) }
        return .undefined("an item of \(object.kind)")
    }

    private func slice(_ object: JinjaValue, from: Int?, to: Int?, step: Int?) throws(JinjaError) -> JinjaValue {
        func chosen<Element>(_ elements: [Element]) throws(JinjaError) -> [Element] {
            let step = step ?? 1
            guard step != 0 else { throw fault("a slice has the step 0") }
            try spend(elements.count / 8)
            let count = elements.count
            // Backwards, the place before the first element is an end too.
            let bounds = step > 0 ? 0...count : -1...(count - 1)
            func place(_ index: Int?, or fallback: Int) -> Int {
                guard let index else { return fallback }
                let place = index < 0 ? max(index, -count - 1) + count : index
                return min(max(place, bounds.lowerBound), bounds.upperBound)
            }
            let start = place(from, or: step > 0 ? 0 : count - 1), end = place(to, or: step > 0 ? count : -1)
            // Steps longer than the list are cut, so that none runs past the largest integer.
            return stride(from: start, to: end, by: min(max(step, -count - 1), count + 1)).map { elements[$0] }
        }
        switch object {
        case .undefined(let what): throw fault("\(what) is undefined and has no items")
        case .list(let values): return .list(try chosen(values))
        case .tuple(let values): return .tuple(try chosen(values))
        case .string(let text): return .string(String(try chosen(Array(text.unicodeScalars))))
        default: return .undefined("a slice of \(object.kind)")
        }
    }

    // MARK: Calls

    func evaluate(_ arguments: JinjaArguments) throws(JinjaError) -> JinjaCallArguments {
        var result = JinjaCallArguments()
        for value in arguments.positional { result.positional.append(try evaluate(value)) }
        for (name, value) in arguments.named { result.named.append((name, try evaluate(value))) }
        return result
    }

    func evaluate(call expression: JinjaExpression, caller: JinjaValue? = nil) throws(JinjaError) -> JinjaValue {
        guard case .call(let callee, let arguments) = expression.kind else { return try evaluate(expression) }
        let function = try evaluate(callee)
        let given = try evaluate(arguments)
        // Arguments may stand on other lines; a complaint is about the call.
        line = expression.line
        switch function {
        case .macro(let macro): return try call(macro, given, caller: caller)
        case .function(let name): return try call(function: name, given)
        case .method(let object, let name): return try call(method: name, of: object, given)
        case .undefined(let what): throw fault("\(what) is undefined and cannot be called")
        default: throw fault("\(function.kind) cannot be called")
        }
    }
}

/// The values a function is called with.
struct JinjaCallArguments {
    var positional: [JinjaValue] = []
    var named: [(name: String, value: JinjaValue)] = []

    /// The values in the order of `names`, absent ones as nil.
    func bound(_ names: [String], _ what: String, _ evaluator: JinjaEvaluator) throws(JinjaError) -> [JinjaValue?] {
        guard positional.count <= names.count else {
            throw evaluator.fault("\(what) takes at most \(names.count) values, not \(positional.count)")
        }
        var result = positional.map(Optional.some) + Array(repeating: nil, count: names.count - positional.count)
        for (name, value) in named {
            guard let index = names.firstIndex(of: name), index >= positional.count else {
                throw evaluator.fault("\(what) takes no \(name) here")
            }
            result[index] = value
        }
        return result
    }
}
