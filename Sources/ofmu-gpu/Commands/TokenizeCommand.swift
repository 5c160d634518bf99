import ArgumentParser
import Files
import Runs
import Text

/// Prints the ids of texts.
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Prints the token ids of a text, one JSON array a line.",
        discussion: """
            The text is taken as it is, without a chat template. Special tokens written in it, such as <|im_end|>, count as such.

            Example: ofmu-gpu tokenize --model MODEL --text "Hello, world!"
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .long, help: "The text.")
    var text: String?

    @Option(name: .long, help: ArgumentHelp("A file with one text on each line.", valueName: "path"))
    var file: String?

    @Flag(name: .long, help: "Add the tokens the model wants around a text, such as a begin token.")
    var special = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (text == nil) != (file == nil) else { throw ValidationError("Give either --text or --file.") }
    }

    func run() throws {
        let console = output.console
        let tokenizer = try model.open().tokenizer
        if let text { try print(tokenizer.encode(text, addSpecialTokens: special), console) }
        guard let file else { return }
        // Bytes, not a String: malformed UTF-8 is the tokenizer's business.
        var lines = try readInput(file)
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // The end of the last line begins no other.
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines { try print(tokenizer.encode(bytes: Array(line), addSpecialTokens: special), console) }
    }

    private func print(_ ids: [Int32], _ console: Console) throws {
        try console.emitAlways(.array(ids.map { .integer(Int($0)) }))
    }
}
