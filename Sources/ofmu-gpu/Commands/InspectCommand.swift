import ArgumentParser
import Backends
import Data
import Files
import Graph
import Inference
import Models
import Runs
import Text

/// What a model file holds.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Describes a model: architecture, parameters, stored types, tokenizer and chat template.",
        discussion: """
            The names and shapes of the tensors are checked as in every other command; their numbers are not read, unless --logits \
            asks for the model's output on a text. --dump then writes that text's "ids" (I32 [T]) and "logits" (F32 [T, V]) as \
            safetensors, to compare with other programs.

            Examples:
              ofmu-gpu inspect SmolLM2-135M-Instruct.Q4_1.gguf
              ofmu-gpu inspect MODEL --logits "Hello" --dump logits.safetensors
            """)

    @Argument(help: ArgumentHelp("A GGUF file or a Hugging Face folder.", valueName: "model"))
    var place: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The same, named as in the other commands.", valueName: "path"))
    var model: String?

    @Option(name: .long, help: "Run the model on this text, taken without a chat template.")
    var logits: String?

    @Option(name: .long, help: ArgumentHelp("Where to write the ids and logits.", valueName: "file"))
    var dump: String?

    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if (place == nil) == (model == nil) {
            throw ValidationError(
                place == nil ? "Name the model: a GGUF file or a Hugging Face folder." : "Name the model once, not twice.")
        }
        if dump != nil, logits == nil { throw ValidationError("--dump needs --logits TEXT: what to run the model on.") }
    }

    func run() throws {
        let console = output.console
        if let dump { try AtomicFile.check(dump) }
        let opened = try OpenedModel(path: place ?? model ?? "")
        let description = ModelDescription(opened)
        for (label, value) in description.lines {
            try console.say(Format.padded(label, 16) + value.withShortQuotes().visible(oneLine: true))
        }
        guard let logits else { return try console.emit(description.json) }

        let ids = opened.tokenizer.encode(logits, addSpecialTokens: false)
        try opened.model.dimensions.limits.check(ids)
        let session = try opened.session(on: device.backend())
        let values = try session.logits(ids)
        let vocabulary = opened.model.dimensions.vocabulary
        if let bad = firstNonFinite(in: values) {
            throw ModelError.notFinite("The model's scores after token \(bad / vocabulary + 1) are not finite")
        }
        if let dump {
            var file = TensorDump()
            file.add("ids", [ids.count], ids)
            file.add("logits", [ids.count, vocabulary], values)
            try file.write(to: dump)
        }
        let best = values.suffix(vocabulary).enumerated().max { $0.element < $1.element }?.offset ?? 0
        let next = opened.tokenizer.decode([Int32(best)], skipSpecialTokens: false)
        let words = "\(ids.count) tokens; the likeliest next one is \(best), \"\(next)\"."
        var json = description.json.asObject ?? JSONObject()
        json["logits"] = [
            "tokens": .integer(ids.count), "next_id": .integer(best), "next_text": .string(next),
            "dump": dump.map { .string($0) } ?? .null,
        ]
        try RunError.telling(dump.map { "The ids and logits are complete in \($0)." }) {
            try console.say(words)
            try console.emit(.object(json))
        }
    }
}
