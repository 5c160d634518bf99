import Backends
import Data
import Evaluation
import Files
import Inference
import Models
import Reporting
import Runs
import Text
import Unlearning

/// The demonstration: makes up people, teaches them to a small decoder, has it forget some, and trains the reference that never
/// knew them.
package struct DemoRun {
    private let request: DemoRequest
    /// Nil to write nothing.
    private let place: RunPlace?
    private let precision: ModelExporter.Precision
    private let listener: any JobListener

    package init(
        _ request: DemoRequest, in place: RunPlace? = nil, precision: ModelExporter.Precision = .f32,
        _ listener: any JobListener = SilentListener()
    ) {
        self.request = request
        self.place = place
        self.precision = precision
        self.listener = listener
    }

    private var scale: DemoScale { request.scale }

    /// - Throws: `RunError.interrupted`; a demonstration is short enough to start again.
    package func run(on backend: any Backend) throws -> RunReport {
        try place?.check(resumes: false, bytes: 1 << 23)
        let seed = request.seed
        let data = try DemoData(
            people: scale.people, forgotten: scale.forgotten, questions: scale.questions, vocabulary: scale.vocabulary, seed: seed)
        let description = data.encoder.tokenizer.description
        var settings = try request.settings(description.tokens.count, scale.base)
        func fresh() throws -> LanguageModelSession {
            try LanguageModelSession(
                DemoModel.make(vocabulary: description.tokens.count, endID: description.endID, size: scale.size, seed: seed), on: backend)
        }
        let judge = Judge(
            request.judging, forget: data.forget, retain: data.retain, encoder: data.encoder, listener)
        try? listener.hear(
            .note(
                "\(scale.people) fictitious people with \(scale.questions) questions each, \(scale.forgotten) of them to be forgotten; "
                    + "on \(backend.name)"))

        let date = ReportParts.date
        let session = try fresh()
        try train(session, data.tokens(data.forget + data.retain), seed: seed, label: "Learning everybody")
        var stages: [ReportParts.Stage] = [("before", try judge.ask(session, "before"))]
        // How badly the model answers about people in no data is how badly it should answer about the forgotten.
        let strangers = try AnswerEvaluator(session, encoder: data.encoder)
            .evaluate(data.strangers, AnswerEvaluator.Options(generates: false))
        if request.target != .settings {
            settings.forgetTarget = .perExample(strangers.loss)
            if request.target == .strangers { settings.termCap = settings.forgetTarget.automaticCap }
        }
        let learned = try session.download()
        let context = session.model.dimensions.context
        let set = { (examples: [Example]) in ExampleSet(try data.tokens(examples), context: context) }
        let others = try settings.method.needsAlternatives ? invent(session, data, seed: seed) : []
        let unlearner = try Unlearner(
            session.loss, session.trainable, forget: set(data.forget), retain: set(data.retain),
            alternatives: others.isEmpty ? nil : set(others), settings, on: backend)
        try UnlearningDriver(listener).run(unlearner)
        stages.append(("after", try judge.ask(session, "after")))
        let reference = try fresh()
        try train(reference, data.tokens(data.retain), seed: seed, label: "Learning those to keep")
        stages.append(("retrained", try judge.ask(reference, "retrained")))

        var report = RunReport(
            title: "Demonstration: forgetting \(scale.forgotten) of \(scale.people) fictitious people", date: date,
            settings: settings, device: "\(backend.name): \(backend.summary)", rounds: unlearner.state.history)
        report.data = data.files.filter { $0.name.hasSuffix(".jsonl") }.map { file in
            RunReport.DataFile(
                role: file.name.hasPrefix("forget") ? "forget" : "retain", path: file.name,
                examples: file.name.hasPrefix("forget") ? data.forget.count : data.retain.count,
                sha256: SHA256.digest(Array(file.content.utf8)))
        }
        report.model = ReportParts.model("demonstration", session, trainable: "all")
        report.versions = ReportParts.versions
        report.notes = [
            "The retrained model began from the same parameters and was trained in the same way, without the forgotten people.",
            "Before unlearning, the mean answer loss about people in no training data was \(NumberText.fixed(strangers.loss)).",
        ]
        report.stages = stages.map { .init(name: $0.name, forget: $0.verdict.forget, retain: $0.verdict.retain) }
        report.samples = ReportParts.samples(stages, forget: 2, retain: 1)
        let result = try session.download()
        report.change = WeightChange(of: result, since: learned, writtenAs: precision)
        if case .finished(let reason) = unlearner.state.phase { report.stopReason = reason }
        if let place {
            let files = data.files.map { ModelExporter.ExtraFile(name: $0.name, bytes: Array($0.content.utf8)) }
            try place.exporter.export(result, to: place.path, extra: files + report.extraFiles)
            try place.finish()
        }
        return report
    }

    /// What the model says of others, as answers about those to be forgotten.
    private func invent(_ session: LanguageModelSession, _ data: DemoData, seed: UInt64) throws -> [Example] {
        try AlternativeWriter(session, data.encoder, seed: seed).write(data.forget, retain: data.retain)
            .map { data.forget[$0.index].answered($0.alternative) }
    }

    private func train(
        _ session: LanguageModelSession, _ examples: [TokenExample], seed: UInt64, label: String
    ) throws {
        var settings = TrainingSettings()
        settings.epochs = scale.epochs
        settings.batch = 16
        settings.rate = 3e-3
        settings.warmUp = 20
        settings.seed = seed
        let trainer = try Trainer(
            session.loss, session.trainable, examples: ExampleSet(examples, context: session.model.dimensions.context), settings,
            on: session.backend)
        // Beyond this there is nothing left to learn.
        try TrainingDriver(listener, label: label)
            .run(trainer, goal: 0.01)
    }
}
