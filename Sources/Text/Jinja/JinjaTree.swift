/// A part of a template that has a value.
struct JinjaExpression: Sendable {
    indirect enum Kind: Sendable {
        case constant(JinjaConstant)
        case name(String)
        case list([JinjaExpression])
        case tuple([JinjaExpression])
        case dictionary([(key: JinjaExpression, value: JinjaExpression)])
        case attribute(JinjaExpression, String)
        case item(JinjaExpression, JinjaExpression)
        case slice(JinjaExpression, from: JinjaExpression?, to: JinjaExpression?, step: JinjaExpression?)
        case call(JinjaExpression, JinjaArguments)
        case filter(JinjaExpression, String, JinjaArguments)
        case test(JinjaExpression, String, JinjaArguments)
        case not(JinjaExpression)
        case sign(JinjaExpression, isNegative: Bool)
        case both(JinjaExpression, JinjaExpression)
        case either(JinjaExpression, JinjaExpression)
        case arithmetic(JinjaExpression, String, JinjaExpression)
        case comparison(JinjaExpression, [(comparator: String, operand: JinjaExpression)])
        case choice(then: JinjaExpression, condition: JinjaExpression, otherwise: JinjaExpression?)
    }

    var kind: Kind
    var line: Int

    init(_ kind: Kind, _ line: Int) {
        self.kind = kind
        self.line = line
    }
}

/// A value that stands in the template itself.
enum JinjaConstant: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
}

/// What stands between the parentheses of a call.
struct JinjaArguments: Sendable {
    var positional: [JinjaExpression] = []
    var named: [(name: String, value: JinjaExpression)] = []
}

/// What a value is given to.
enum JinjaTarget: Sendable {
    case name(String)
    case attribute(of: String, String)
    case tuple([JinjaTarget])
}

/// A part of a template that does something.
struct JinjaStatement: Sendable {
    indirect enum Kind: Sendable {
        case text(String)
        case output(JinjaExpression)
        case condition([(condition: JinjaExpression, body: [JinjaStatement])], otherwise: [JinjaStatement])
        case loop(JinjaLoopStatement)
        case assign(JinjaTarget, JinjaExpression)
        /// The text of a body, after filters, given to a name; without a name it is written.
        case capture(JinjaTarget?, [JinjaStatement], filtered: JinjaExpression)
        case macro(JinjaMacroDefinition)
        /// A macro called with a body that it can write by `caller()`.
        case callBlock(JinjaExpression, JinjaMacroDefinition)
        /// A body whose names stay inside, with names given first.
        case scope([(target: JinjaTarget, value: JinjaExpression)], [JinjaStatement])
        case leaveLoop
        case nextTurn
    }

    /// The name under which the filters of a `capture` find its text; no template can write it.
    static let captured = "<captured>"

    var kind: Kind
    var line: Int

    init(_ kind: Kind, _ line: Int) {
        self.kind = kind
        self.line = line
    }
}

struct JinjaLoopStatement: Sendable {
    var target: JinjaTarget
    var sequence: JinjaExpression
    /// Turns without it are left out.
    var condition: JinjaExpression?
    var body: [JinjaStatement]
    /// Written when there was no turn.
    var otherwise: [JinjaStatement]
}

struct JinjaMacroDefinition: Sendable {
    var name: String
    var parameters: [(name: String, fallback: JinjaExpression?)]
    var body: [JinjaStatement]
}
