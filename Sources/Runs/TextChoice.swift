import Files
import Inference
import Text

/// How rows of data become tokens.
public struct TextChoice {
    /// Nil for the model's own template.
    public var family: ChatFamily?
    /// The day that the model's template writes; nil for today.
    public var date: TemplateDate?
    /// The most tokens of an example; nil for the model's context.
    public var maximumLength: Int?
    /// Longer examples are cut off instead of refused.
    public var truncates = false

    /// The model's own template and no limit but its context, unless it says otherwise.
    public init(family: ChatFamily? = nil, date: TemplateDate? = nil, maximumLength: Int? = nil, truncates: Bool = false) {
        self.family = family
        self.date = date
        self.maximumLength = maximumLength
        self.truncates = truncates
    }

    /// The encoder for a model's data.
    /// - Throws: `TextError.conversation` if the model's template cannot be rendered and none was named.
    package func encoder(for opened: OpenedModel) throws -> Encoder {
        let description = opened.tokenizer.description
        let template = try family.map { ChatTemplate($0, for: description) } ?? ChatTemplate(for: description, date: date ?? .today)
        return Encoder(
            tokenizer: opened.tokenizer, template: template, limits: opened.model.dimensions.limits, maximumLength: maximumLength,
            overlong: truncates ? .truncate : .refuse)
    }
}
