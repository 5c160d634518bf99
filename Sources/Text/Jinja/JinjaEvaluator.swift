/// Carries out a template's statements.
///
/// Every expression, statement and text is counted, so that no template runs or grows without end.
final class JinjaEvaluator {
    /// The day that `strftime_now` writes.
    let date: TemplateDate
    /// Whether the template asked for the date.
    var wroteDate = false
    var scope: JinjaScope
    /// The line that is being carried out.
    var line = 1
    private(set) var output = ""
    private var steps = 0
    private var depth = 0
    /// Scopes that macros hold: they hold the macros in turn and are emptied at the end.
    private var held: [JinjaScope] = []

    /// How a statement went on.
    private enum Flow {
        case next, leaveLoop, nextTurn
    }

    init(_ context: [(name: String, value: JinjaValue)], date: TemplateDate) {
        self.date = date
        scope = JinjaScope(within: nil)
        for (name, value) in context { scope.values[name] = value }
    }

    func run(_ statements: [JinjaStatement]) throws(JinjaError) -> String {
        defer { for scope in held { scope.values = [:] } }
        _ = try execute(statements)
        return output
    }

    // MARK: Bounds and errors

    func fault(_ problem: String) -> JinjaError { JinjaError(.fault, line: line, problem) }

    func unsupported(_ what: String) -> JinjaError { JinjaError(.unsupported, line: line, "\(what) is not supported") }

    var operators: JinjaOperators { JinjaOperators(line: line) }

    func spend(_ count: Int = 1) throws(JinjaError) {
        steps += count
        guard steps <= JinjaLimit.steps else {
            throw JinjaError(.limit, line: line, "the template has not ended after \(JinjaLimit.steps) steps")
        }
    }

    func deeper<Result>(_ body: () throws(JinjaError) -> Result) throws(JinjaError) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= JinjaLimit.depth else {
            throw JinjaError(.limit, line: line, "more than \(JinjaLimit.depth) calls and expressions are under way at once")
        }
        return try body()
    }

    /// The text of a value, as `{{ }}` writes it.
    func text(of value: JinjaValue) throws(JinjaError) -> String {
        guard let text = value.text else { throw unsupported("writing a \(value.kind)") }
        try spend(1 + text.utf8.count / 64)
        return text
    }

    private func write(_ text: String) throws(JinjaError) {
        try spend(1 + text.utf8.count / 64)
        guard output.utf8.count + text.utf8.count <= JinjaLimit.text else {
            throw JinjaError(.limit, line: line, "more than \(JinjaLimit.text) bytes are written")
        }
        output += text
    }

    /// What `body` writes, instead of it being written.
    private func captured(_ body: () throws(JinjaError) -> Void) throws(JinjaError) -> String {
        // In place of the output, so that everything below writes and is counted in the same way.
        let outer = output
        output = ""
        defer { output = outer }
        try body()
        return output
    }

    private func inside<Result>(
        _ inner: JinjaScope, _ body: () throws(JinjaError) -> Result
    ) throws(JinjaError) -> Result {
        let outer = scope
        scope = inner
        defer { scope = outer }
        return try body()
    }

    // MARK: Statements

    @discardableResult
    private func execute(_ statements: [JinjaStatement]) throws(JinjaError) -> Flow {
        for statement in statements {
            try spend()
            line = statement.line
            let flow = try deeper { () throws(JinjaError) in try execute(statement) }
            if flow != .next { return flow }
        }
        return .next
    }

    private func execute(_ statement: JinjaStatement) throws(JinjaError) -> Flow {
        switch statement.kind {
        case .text(let text): try write(text)
        case .output(let expression):
            // Text marked as safe is written like any other here; elsewhere it would not be.
            if case .filter(let inner, "safe", _) = expression.kind {
                try write(text(of: evaluate(inner)))
            } else {
                try write(text(of: evaluate(expression)))
            }
        case .condition(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue { return try execute(branch.body) }
            return try execute(otherwise)
        case .loop(let loop): try run(loop)
        case .assign(let target, let expression): try assign(evaluate(expression), to: target)
        case .capture(let target, let body, let filtered):
            let inner = JinjaScope(within: scope)
            let value = try inside(inner) { () throws(JinjaError) in
                inner.values[JinjaStatement.captured] = .string(try captured { () throws(JinjaError) in try execute(body) })
                return try evaluate(filtered)
            }
            if let target { try assign(value, to: target) } else { try write(text(of: value)) }
        case .macro(let definition): scope.values[definition.name] = macro(definition)
        case .callBlock(let call, let definition):
            try write(text(of: evaluate(call: call, caller: macro(definition))))
        case .scope(let given, let body):
            let inner = JinjaScope(within: scope)
            // A value sees what stands outside, not the names before it.
            for (target, value) in given {
                let value = try evaluate(value)
                try inside(inner) { () throws(JinjaError) in try assign(value, to: target) }
            }
            return try inside(inner) { () throws(JinjaError) in try execute(body) }
        case .leaveLoop: return .leaveLoop
        case .nextTurn: return .nextTurn
        }
        return .next
    }

    private func macro(_ definition: JinjaMacroDefinition) -> JinjaValue {
        if !held.contains(where: { $0 === scope }) { held.append(scope) }
        return .macro(JinjaMacro(definition, scope))
    }

    func assign(_ value: JinjaValue, to target: JinjaTarget) throws(JinjaError) {
        switch target {
        case .name(let name): scope.values[name] = value
        case .attribute(let name, let attribute):
            guard case .namespace(let namespace)? = scope.value(of: name) else {
                throw fault("\(name) is no namespace, so its \(attribute) cannot be set")
            }
            try checkStored([value])
            namespace.attributes[attribute] = value
        case .tuple(let targets):
            let values = try items(of: value)
            guard values.count == targets.count else {
                throw fault("\(values.count) values cannot be given to \(targets.count) names")
            }
            for (target, value) in zip(targets, values) { try assign(value, to: target) }
        }
    }

    /// Values inside others may not go too deep, nor hold what holds them.
    func checkStored(_ values: [JinjaValue], depth: Int = 1) throws(JinjaError) {
        try spend(values.count)
        guard depth <= JinjaLimit.values else {
            throw JinjaError(.limit, line: line, "lists stand more than \(JinjaLimit.values) deep inside each other")
        }
        for value in values {
            switch value {
            case .list(let inner), .tuple(let inner): try checkStored(inner, depth: depth + 1)
            case .dictionary(let dictionary): try checkStored(dictionary.entries.map(\.value), depth: depth + 1)
            case .namespace, .loop, .macro, .method: throw unsupported("a \(value.kind) inside another value")
            default: continue
            }
        }
    }

    private func run(_ loop: JinjaLoopStatement) throws(JinjaError) {
        var items = try items(of: evaluate(loop.sequence))
        if let condition = loop.condition {
            // Before the first turn, because `loop.length` and `loop.last` count what is kept.
            var kept: [JinjaValue] = []
            for item in items {
                try spend()
                let isKept = try inside(JinjaScope(within: scope)) { () throws(JinjaError) in
                    try assign(item, to: loop.target)
                    return try evaluate(condition).isTrue
                }
                if isKept { kept.append(item) }
            }
            items = kept
        }
        guard !items.isEmpty else {
            try inside(JinjaScope(within: scope)) { () throws(JinjaError) in _ = try execute(loop.otherwise) }
            return
        }
        let state = JinjaLoop(items)
        for (index, item) in items.enumerated() {
            try spend()
            state.index = index
            // A scope for each turn: what one sets is gone in the next, which is why templates use namespaces.
            let inner = JinjaScope(within: scope)
            inner.values["loop"] = .loop(state)
            let flow = try inside(inner) { () throws(JinjaError) in
                try assign(item, to: loop.target)
                return try execute(loop.body)
            }
            if flow == .leaveLoop { break }
        }
    }

    // MARK: Macros

    func call(
        _ macro: JinjaMacro, _ arguments: JinjaCallArguments, caller: JinjaValue? = nil
    ) throws(JinjaError) -> JinjaValue {
        let definition = macro.definition
        let inner = JinjaScope(within: macro.scope)
        guard arguments.positional.count <= definition.parameters.count else {
            throw fault(
                "the macro \(definition.name) takes \(definition.parameters.count) values, not \(arguments.positional.count)")
        }
        var named = arguments.named
        for (index, parameter) in definition.parameters.enumerated() {
            if index < arguments.positional.count {
                inner.values[parameter.name] = arguments.positional[index]
            } else if let given = named.firstIndex(where: { $0.name == parameter.name }) {
                inner.values[parameter.name] = named.remove(at: given).value
            } else if let fallback = parameter.fallback {
                // Inside, where it sees the parameters before it.
                inner.values[parameter.name] = try inside(inner) { () throws(JinjaError) in try evaluate(fallback) }
            } else {
                inner.values[parameter.name] = .undefined("parameter '\(parameter.name)' was not given; it")
            }
        }
        guard named.isEmpty else { throw fault("the macro \(definition.name) takes no \(named[0].name)") }
        if let caller { inner.values["caller"] = caller }
        return try deeper { () throws(JinjaError) in
            try inside(inner) { () throws(JinjaError) in
                .string(try captured { () throws(JinjaError) in try execute(definition.body) })
            }
        }
    }
}
