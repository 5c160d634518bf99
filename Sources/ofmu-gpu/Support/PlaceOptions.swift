import ArgumentParser
import Inference
import Runs

/// The options that say where.
struct PlaceOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The folder to write the model and the report to; it appears when all is done.", valueName: "folder"))
    var out: String?

    @Flag(name: .long, help: "Replace a model that is already in the folder.")
    var replace = false

    @Option(name: .long, help: "How the weights are stored: f32, f16 or bf16.")
    var dtype = ModelExporter.Precision.f32
}

extension RunPlace {
    init(_ options: PlaceOptions) {
        self.init(options.out ?? "", precision: options.dtype, replacing: options.replace)
    }
}
