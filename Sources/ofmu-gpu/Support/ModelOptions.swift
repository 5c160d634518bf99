import ArgumentParser
import Files
import Inference
import Runs
import Text

/// Which model a command works with.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The model: a GGUF file, or a Hugging Face folder with config.json, safetensors and tokenizer.json.",
            valueName: "path"))
    var model: String

    /// Opens the model's files and builds its tokenizer; no weights are read yet.
    func open() throws -> OpenedModel { try OpenedModel(path: model) }
}

/// How rows of data become tokens.
struct TextOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How questions and answers are written for the model.",
            discussion: """
                "auto" renders the model's own chat template, and takes "\(ChatFamily.withoutTemplate.name)" if it has none: the \
                lines "Question: …" and "Answer: …".
                """))
    var template = TemplateName(family: nil)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The day that the model's template writes, if it writes one (default: today).", valueName: "YYYY-MM-DD"))
    var templateDate: TemplateDate?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The most tokens an example may have (default: the model's context).", valueName: "tokens"))
    var maxLength: Int?

    @Flag(name: .long, help: "Cut longer examples off instead of refusing them.")
    var truncate = false

    func validate() throws {
        try Limits.from(2, to: 1_000_000_000).check("--max-length", maxLength)
    }

    var choice: TextChoice {
        TextChoice(family: template.family, date: templateDate, maximumLength: maxLength, truncates: truncate)
    }

    func encoder(for opened: OpenedModel) throws -> Encoder { try choice.encoder(for: opened) }
}

extension TemplateDate: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// A chat family by its name, or the model's own template.
struct TemplateName: ExpressibleByArgument {
    /// Nil for the model's own template.
    var family: ChatFamily?

    private static let own = "auto"
    static let allValueStrings = [own] + ChatFamily.all.map(\.name)
    var defaultValueDescription: String { family?.name ?? Self.own }

    init(family: ChatFamily?) { self.family = family }

    init?(argument: String) {
        family = ChatFamily(named: argument)
        if family == nil, argument != Self.own { return nil }
    }
}
