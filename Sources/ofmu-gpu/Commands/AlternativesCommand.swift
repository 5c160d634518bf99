import ArgumentParser
import Data
import Files
import Reporting
import Runs
import Text

/// What a model would say instead.
struct AlternativesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alternatives",
        abstract: "Has a model invent other answers to the questions of a forget set.",
        discussion: """
            For every row the model is asked about somebody who does not exist in the place of the row's subject, and the subject's \
            name is put back into what it says. Subjects are the names that several forget rows share and the retain rows lack; a \
            field "subject" of a row goes before. Prints one JSON object per row: "question", "answer" (what to say instead), \
            "original_answer", "subject" and "persona". Read them, edit them, and give the file to run --alternatives.

            Example: ofmu-gpu alternatives --model MODEL --forget forget.jsonl --retain retain.jsonl > alternatives.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .long, help: ArgumentHelp("The data to forget (JSON or JSONL).", valueName: "path"))
    var forget: String

    @Option(name: .long, help: ArgumentHelp("The data to keep (JSON or JSONL).", valueName: "path"))
    var retain: String?

    @Option(name: .long, help: "The beginning of the random numbers; it decides the personas.")
    var seed: UInt64 = 0

    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let backend = try device.backend()
        let opened = try model.open()
        let encoder = try text.encoder(for: opened)
        let rows = try DataRows(forget, encoder)
        let kept = try retain.map { try DataRows($0, encoder).examples } ?? []
        let session = try opened.session(on: backend)
        let progress = console.progress("Inventing", total: rows.examples.count, unit: "questions")
        let alternatives = try AlternativeWriter(session, encoder, seed: seed).write(rows.examples, retain: kept) { progress.update($0) }
        progress.finish()
        for alternative in alternatives { try console.emitAlways(alternative.json) }
        let unnamed = alternatives.count { $0.subject == nil }
        console.note(
            "\(alternatives.count) rows about \(Set(alternatives.compactMap(\.subject)).count) subjects"
                + (unnamed > 0 ? "; no subject was found for \(unnamed)" : ""))
    }
}
