/// Why a template cannot be read or a conversation cannot be written with it.
struct JinjaError: Error, Equatable {
    enum Kind {
        /// The text is no template.
        case syntax
        /// A construct that this interpreter lacks.
        case unsupported
        /// The template itself refuses the conversation, by `raise_exception`.
        case raised
        /// An operation that Python refuses as well: an undefined value used, a text added to a number.
        case fault
        /// Too large, too deep or too slow.
        case limit
    }

    var kind: Kind
    /// The template's line, from 1.
    var line: Int
    var problem: String

    init(_ kind: Kind, line: Int, _ problem: String) {
        self.kind = kind
        self.line = line
        self.problem = problem
    }
}

/// Bounds, so that no template takes memory or time without end. Real templates stay far below all of them.
enum JinjaLimit {
    /// Bytes of a template.
    static let source = 1 << 20
    /// Brackets and blocks inside each other, and the length of a chain such as `a + b + c`.
    static let nesting = 100
    static let chain = 200
    /// Expressions, statements and calls under way at once.
    static let depth = 300
    /// Operations of one rendering, texts counted by their length.
    static let steps = 4_000_000
    /// Bytes of one text.
    static let text = 8 << 20
    /// Numbers of one `range`; Jinja's sandbox has the same bound.
    static let range = 100_000
    /// Lists within lists.
    static let values = 40
}
