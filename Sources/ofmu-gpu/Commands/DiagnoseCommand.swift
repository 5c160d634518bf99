import ArgumentParser
import Data
import Files
import Inference
import Models
import Reporting
import Runs
import Text
import Unlearning

/// How hard a request to forget is.
struct DiagnoseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "Says how hard a request to forget is, before anything is changed.",
        discussion: """
            On one batch of each set: losses, gradient norms, the cosine between the two gradients (overall and per layer), the \
            norm of the gradient of the forget objective Phi, Phi's curvature along it, and what a round will cost. A cosine near \
            1 means that forgetting and keeping pull the same parameters in opposite ways.

            --dump writes the two batches (forget.ids, forget.labels, retain.ids, retain.labels) and, for every parameter NAME, \
            g_f/NAME, g_r/NAME, grad_phi/NAME and hessian_phi_v/NAME as safetensors, for checking against other programs.

            Example: ofmu-gpu diagnose --model MODEL --forget forget.jsonl --retain retain.jsonl
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .long, help: ArgumentHelp("The data to forget (JSON or JSONL).", valueName: "path"))
    var forget: String

    @Option(name: .long, help: ArgumentHelp("The data to keep (JSON or JSONL).", valueName: "path"))
    var retain: String

    @OptionGroup var penalty: SettingOptions<PenaltySettings>

    @Option(name: .long, help: "Examples in each batch; they are taken evenly from the whole file.")
    var batchSize = 4

    @Option(name: .long, help: ArgumentHelp("Where to write the batches and vectors.", valueName: "file"))
    var dump: String?

    @OptionGroup var trainable: TrainableOptions
    @OptionGroup var text: TextOptions
    @OptionGroup var device: DeviceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try UnlearningSettings.batchLimits.check("--batch-size", batchSize)
        try DataRows.checkStandardInput([forget, retain])
    }

    func run() throws {
        let console = output.console
        let backend = try device.backend()
        if let dump { try AtomicFile.check(dump) }
        var settings = UnlearningSettings()
        try settings.set(penalty.asked)
        let opened = try model.open()
        let encoder = try text.encoder(for: opened)
        let forgetBatch = try batch(forget, encoder, opened), retainBatch = try batch(retain, encoder, opened)
        let session = try opened.session(on: backend, trainable: trainable.choice)
        console.note("Computing the derivatives of \(NumberText.grouped(session.split.trainable.count)) parameters on \(backend.name)")
        let diagnosis = try Diagnosis(
            session, forget: forgetBatch, retain: retainBatch, similarity: settings.similarity, beta: settings.beta)
        try diagnosis.check()
        if let dump {
            try DiagnosisDump(diagnosis, session.split.trainable, forget: forgetBatch, retain: retainBatch).write(to: dump)
        }
        console.note("Timing one step of each kind")
        (settings.forgetBatch, settings.retainBatch) = (forgetBatch.examples.count, retainBatch.examples.count)
        let context = session.model.dimensions.context
        let cost = try Unlearner(
            session.loss, session.trainable, forget: ExampleSet(forgetBatch.examples, context: context),
            retain: ExampleSet(retainBatch.examples, context: context), settings, on: backend
        ).forecast(measures: true)
        try RunError.telling(dump.map { "The batches and vectors are complete in \($0)." }) {
            try report(diagnosis, cost, console)
            try console.emit(json(diagnosis, cost, settings, device: backend.name))
        }
    }

    private func batch(_ path: String, _ encoder: Encoder, _ opened: OpenedModel) throws -> TokenBatch {
        let rows = try DataRows(path, encoder)
        for note in rows.notes { output.console.note(note) }
        let count = min(batchSize, rows.encoded.count)
        return TokenBatch(
            (0..<count).map { rows.encoded[$0 * rows.encoded.count / count] }, context: opened.model.dimensions.context)
    }

    private func report(_ diagnosis: Diagnosis, _ cost: RunForecast, _ console: Console) throws {
        func line(_ label: String, _ value: String) throws { try console.say(Format.padded(label, 32) + value) }
        let number = { (value: Double) in NumberText.significant(value, 5) }
        try line("Loss, forget / retain", "\(number(diagnosis.forgetLoss)) / \(number(diagnosis.retainLoss)) nats")
        try line("Gradient norm, forget / retain", "\(number(diagnosis.whole.forgetNorm)) / \(number(diagnosis.whole.retainNorm))")
        try line("Cosine of the gradients", number(diagnosis.whole.cosine))
        try line("Norm of grad Phi", "\(number(diagnosis.penaltyNorm)) at beta \(number(diagnosis.beta))")
        try line("Curvature of Phi along it", number(diagnosis.curvature))
        try line("A round", cost.text)
        try console.say()
        try console.say(Format.padded("part", 30) + "    |g_f|       |g_r|    cosine")
        for part in diagnosis.layers {
            try console.say(
                Format.padded(part.name, 28) + Format.padded(NumberText.significant(part.forgetNorm, 4), 11, right: true)
                    + Format.padded(NumberText.significant(part.retainNorm, 4), 12, right: true)
                    + Format.padded(NumberText.fixed(part.cosine, 4), 10, right: true))
        }
    }

    private func json(_ diagnosis: Diagnosis, _ cost: RunForecast, _ settings: UnlearningSettings, device: String) -> JSONValue {
        let layers = diagnosis.layers.map { part -> JSONValue in
            [
                "name": .string(part.name), "forget_gradient_norm": .number(part.forgetNorm),
                "retain_gradient_norm": .number(part.retainNorm), "cosine": .number(part.cosine),
            ]
        }
        return [
            "device": .string(device), "batch_size": .integer(batchSize), "similarity": .string(settings.similarity.rawValue),
            "beta": .number(diagnosis.beta), "beta_setting": .string(settings.beta.description),
            "forget_loss": .number(diagnosis.forgetLoss), "retain_loss": .number(diagnosis.retainLoss),
            "forget_gradient_norm": .number(diagnosis.whole.forgetNorm),
            "retain_gradient_norm": .number(diagnosis.whole.retainNorm), "cosine": .number(diagnosis.whole.cosine),
            "phi_gradient_norm": .number(diagnosis.penaltyNorm), "phi_curvature": .number(diagnosis.curvature),
            "layers": .array(layers), "round": cost.json, "dump": dump.map { .string($0) } ?? .null,
        ]
    }
}

/// What shapes Φ.
enum PenaltySettings: SettingChoice {
    static var offered: [Setting<UnlearningSettings>] { UnlearningSettings.table.filter { ["beta", "similarity"].contains($0.name) } }
}
