import ArgumentParser
import Files
import Inference
import Runs

/// Writes any model that can be read as a Hugging Face folder.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a model as a Hugging Face folder that transformers can load.",
        discussion: """
            The folder holds config.json, model.safetensors and the tokenizer's files, rebuilt if the model is a GGUF file. \
            Quantised weights are written out as numbers.

            Example: ofmu-gpu export --model SmolLM2-135M-Instruct.Q4_1.gguf --out smollm2
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write; it must not exist or be empty.", valueName: "folder"))
    var out: String

    @Option(name: .long, help: "How numbers are stored: f32, f16 or bf16.")
    var dtype = ModelExporter.Precision.f32

    @Flag(name: .long, help: "Replace a model that is already in the folder.")
    var replace = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        try finishExchange(of: out)
        let opened = try model.open()
        // What will be refused is refused before the weights are read.
        try AtomicFolder.check(out, replacing: replace)
        let loaded = try ModelLoader.load(opened.folder)
        try ModelExporter(precision: dtype, replacing: replace)
            .export(loaded, to: out, extra: opened.rebuiltTokenizerFiles)
        try RunError.telling("The model is complete in \(out).") {
            try console.say("Wrote \(out).")
            try console.emit(["event": "exported", "folder": .string(out), "dtype": .string(dtype.rawValue)])
        }
    }
}

extension ModelExporter.Precision: ExpressibleByArgument {}
