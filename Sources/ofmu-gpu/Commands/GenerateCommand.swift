import ArgumentParser
import Data
import Evaluation
import Files
import Inference
import Runs
import Text
import Unlearning

/// Asks a model.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Asks a model a question, or all questions of a data file.",
        discussion: """
            A prompt is put through the model's chat template unless --raw is given. With --data every row's question is asked, \
            and its own answer is shown beside the model's.

            Examples:
              ofmu-gpu generate --model MODEL --prompt "Who wrote Faust?"
              ofmu-gpu generate --model MODEL --data forget.jsonl --json > answers.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: "The question, or with --raw the text to continue.")
    var prompt: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("A data file whose questions are asked.", valueName: "path"))
    var data: String?

    @Flag(name: .long, help: "Continue the prompt as it is, without a chat template.")
    var raw = false

    @Option(name: .long, help: "The most tokens an answer may have.")
    var maxTokens = 128

    @Option(name: .long, help: "0 always takes the likeliest token; 1 draws by the model's probabilities.")
    var temperature = 0.0

    @Option(name: .long, help: "Draw only from the likeliest tokens that together have this probability, 0 to 1.")
    var topP = 1.0

    @Option(name: .long, help: "The beginning of the random numbers; the same seed gives the same answer.")
    var seed: UInt64 = 0

    @Option(name: .long, help: "How many questions of a data file are asked together.")
    var batchSize = 8

    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (prompt == nil) != (data == nil) else { throw ValidationError("Give either --prompt or --data.") }
        guard !raw || prompt != nil else { throw ValidationError("--raw goes with --prompt.") }
        try OptionLimits.tokens.check("--max-tokens", maxTokens)
        try Limits.from(0, to: 1000).check("--temperature", temperature)
        try Limits.above(0, to: 1).check("--top-p", topP)
        try UnlearningSettings.batchLimits.check("--batch-size", batchSize)
    }

    func run() throws {
        let backend = try device.backend()
        let opened = try model.open()
        if let prompt { return try ask(prompt, opened, on: { try opened.session(on: backend) }) }
        guard let data else { return }
        let encoder = try text.encoder(for: opened)
        // The answers in the file are not run, so only the questions have to fit.
        let examples = try ExampleFile.read(data)
        let prompts = try examples.map(encoder.prompt)
        try ask(examples, prompts, opened, stops: encoder.stopIDs, with: Generator(opened.session(on: backend)))
    }

    private func options(_ stops: [Int32], first: Int = 0) -> Generator.Options {
        Generator.Options(
            maximum: maxTokens, sampler: Sampler(temperature: temperature, topP: topP), seed: seed &+ UInt64(first),
            stops: Set(stops), batchSize: batchSize)
    }

    /// One question, answered as it is made.
    private func ask(
        _ prompt: String, _ opened: OpenedModel, on session: () throws -> LanguageModelSession
    ) throws {
        let console = output.console
        let tokenizer = opened.tokenizer
        let encoder = try raw ? nil : text.encoder(for: opened)
        let ids = try encoder?.prompt(question: prompt) ?? tokenizer.encode(prompt)
        try opened.model.dimensions.limits.check(ids)
        let generator = Generator(try session())
        var stream = TextStream(tokenizer)
        var failure: FileError?
        let answers = try generator.generate([ids], options(encoder?.stopIDs ?? opened.stopIDs)) { _, id in
            do throws(FileError) { try console.stream(stream.text(after: id)) } catch { failure = error }
        }
        if let failure { throw failure }
        try console.say(stream.rest())
        try console.emit([
            "index": 0, "prompt": .string(prompt), "text": .string(tokenizer.decode(answers[0])),
            "tokens": .integer(answers[0].count),
        ])
    }

    /// Every question of a data file, some at a time so that answers appear early.
    private func ask(
        _ examples: [Example], _ prompts: [[Int32]], _ opened: OpenedModel, stops: [Int32], with generator: Generator
    ) throws {
        let console = output.console
        let progress = console.progress("Asking", total: prompts.count, unit: "questions")
        for start in stride(from: 0, to: prompts.count, by: batchSize) {
            let end = min(start + batchSize, prompts.count)
            let answers = try generator.generate(Array(prompts[start..<end]), options(stops, first: start))
            progress.finish()
            for (index, ids) in zip(start..<end, answers) {
                let example = examples[index]
                let answer = opened.tokenizer.decode(ids)
                let (question, expected) = example.questionAndAnswer
                try console.say("Q: \(question)\nA: \(answer)\n   (data: \(expected))\n")
                try console.emit([
                    "index": .integer(index), "line": .integer(example.position.line), "prompt": .string(question),
                    "text": .string(answer), "tokens": .integer(ids.count),
                    "expected": .string(expected),
                ])
            }
            progress.update(end)
        }
    }
}
