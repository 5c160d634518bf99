// From here to the end: the README's example of the library, which this file keeps compiling.
import Backends
import Data
import Inference
import Models
import Unlearning

/// Examples are token ids with labels; the module Text makes them from questions and answers.
func forget(_ path: String, _ forget: [TokenExample], _ retain: [TokenExample], into folder: String) throws {
    let session = try LanguageModelSession(ModelLoader.load(path: path), on: DeviceCatalogue.backend(named: "auto"))
    let context = session.model.dimensions.context
    var settings = UnlearningSettings()
    settings.forgetTarget = .perExample(5)  // Answers are pushed up to a loss of 5 nats.
    let unlearner = try Unlearner(
        session.loss, session.moving,
        forget: ExampleSet(forget, context: context), retain: ExampleSet(retain, context: context),
        settings, on: session.backend)
    try unlearner.run { print($0) }
    try ModelExporter(precision: .bf16).export(session.download(), to: folder)
}
