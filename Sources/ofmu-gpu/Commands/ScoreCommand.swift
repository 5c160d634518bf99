import ArgumentParser
import Files
import Inference
import Reporting
import Runs
import Text
import Unlearning

/// How well a model knows each answer of a data set.
struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Computes the loss of every answer in a data file.",
        discussion: """
            Prints one JSON object per row: "index" from 0, "line" in the file, "loss" (the mean cross-entropy of the answer's \
            tokens, in nats), "tokens" (how many the answer has) and "probability" (exp of minus the loss). The means go to \
            standard error.

            A row holds question and answer, or prompt and completion, or messages, or text; the file is a JSON array or has one \
            object on each line.

            Example: ofmu-gpu score --model MODEL --data forget.jsonl > scores.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The data file (JSON or JSONL).", valueName: "path"))
    var data: String

    @Option(name: .long, help: "How many rows are computed together.")
    var batchSize = 8

    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try UnlearningSettings.batchLimits.check("--batch-size", batchSize)
    }

    func run() throws {
        let console = output.console
        let backend = try device.backend()
        let opened = try model.open()
        let rows = try DataRows(data, text.encoder(for: opened))
        for note in rows.notes { console.note(note) }
        let session = try opened.session(on: backend)
        let progress = console.progress("Scoring", total: rows.encoded.count, unit: "rows")
        let scores = try LossEvaluator(session).scores(rows.encoded, batchSize: batchSize) { progress.update($0) }
        progress.finish()
        if let bad = scores.firstIndex(where: { !$0.loss.isFinite }) {
            throw RunError.badInput(
                "\(data), line \(rows.examples[bad].position.line): the loss is \(scores[bad].loss), because numbers within the model overflow. "
                    + "Check the model; nothing was scored.")
        }
        for (index, score) in scores.enumerated() {
            try console.emitAlways([
                "index": .integer(index), "line": .integer(rows.examples[index].position.line), "loss": .number(score.loss),
                "tokens": .integer(score.tokens), "probability": .number(score.probability),
            ])
        }
        let count = Double(scores.count)
        let loss = scores.reduce(0) { $0 + $1.loss } / count
        let probability = scores.reduce(0) { $0 + $1.probability } / count
        let tokens = scores.reduce(0) { $0 + $1.tokens }
        console.note(
            "\(scores.count) rows, \(tokens) answer tokens: mean loss \(NumberText.fixed(loss, 4)), "
                + "mean probability \(NumberText.fixed(probability, 4)) on \(backend.name)")
    }
}
