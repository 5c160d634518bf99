/// A chat template, read and ready to be rendered.
///
/// The part of Jinja that chat templates use, with the settings and functions of transformers' `apply_chat_template`. What is left
/// out is refused when it is reached, never passed over.
struct JinjaTemplate: Sendable {
    private let statements: [JinjaStatement]

    /// - Throws: `JinjaError` of kind `syntax`, `unsupported` or `limit`.
    init(_ source: String) throws(JinjaError) { statements = try JinjaParser.statements(of: source) }

    /// The text that a template writes, and whether it wrote the date.
    func render(
        _ context: [(name: String, value: JinjaValue)], date: TemplateDate
    ) throws(JinjaError) -> (text: String, wroteDate: Bool) {
        let evaluator = JinjaEvaluator(context, date: date)
        let text = try evaluator.run(statements)
        return (text, evaluator.wroteDate)
    }
}
