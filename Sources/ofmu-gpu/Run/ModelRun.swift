import Backends
import Evaluation
import Files
import Models
import Reporting
import Text
import Unlearning

/// A run on a real model: reads, checks, asks, unlearns, asks again, writes.
struct ModelRun {
    let options: RunCommand

    private var console: Console { options.output.console }

    func run() throws {
        let backend = try options.device.backend()
        let place = RunPlace(options.place)
        // In place, the model itself may be what an exchange left beside its folder.
        if !options.plan { try finishExchange(of: place.path) }
        let opened = try OpenedModel(path: place.source(options.model ?? ""))
        let encoder = try options.text.encoder(for: opened)
        let settings = try options.unlearning.settings(vocabulary: opened.model.dimensions.vocabulary)
        let forget = try DataRows(options.forget ?? "", encoder, opened.model.dimensions)
        let retain = try options.retain.map { try DataRows($0, encoder, opened.model.dimensions) }
        let overlap = try retain.flatMap { try checkOverlap(forget, $0) }
        let notes = opened.notes(encoder) + forget.notes + (retain?.notes ?? [])
        for note in notes { console.note(note) }
        if options.plan { return try plan(opened, settings, forget, retain, backend) }

        let data = [dataFile("forget", forget)] + (retain.map { [dataFile("retain", $0)] } ?? [])
        let request = RunIdentity(
            settings: "\(settings)", text: encoder.settings, moving: options.moving.choice, data: data)
        if place.holdsResult(of: request, from: opened.folder.path) { return try place.acknowledge(console) }
        let parameters = opened.model.specifications.reduce(0) { $0 + $1.count }
        // The model, and in the checkpoint its parameters twice.
        try place.check(resumes: options.resume, bytes: 4 * 3 * parameters)
        let date = ReportParts.date
        let loaded = try ModelLoader.load(opened.folder, moving: options.moving.choice, seed: settings.seed)
        try place.exporter.check(loaded)
        let identity = request.json(loaded)
        if options.resume { try place.checkCheckpoint(identity) }
        let session = try LanguageModelSession(loaded, on: backend)
        let judge = Judge(
            forget: options.evaluation.sample(forget.examples), retain: options.evaluation.sample(retain?.examples ?? []),
            encoder: encoder,
            options: AnswerEvaluator.Options(maximumTokens: options.evaluation.answerTokens), console: console)
        var stages: [(name: String, verdict: Judge.Verdict)] = []
        func ask(_ name: String) throws {
            guard options.evaluation.evaluate > 0 else { return }
            stages.append((name, try judge.ask(session, name)))
        }

        // The model as it was, also when a run is resumed: its parameters are still the original ones here.
        try ask("before")
        try stages.first.map { try $0.verdict.check() }
        let unlearner = try self.unlearner(session, settings, forget, retain)
        if options.resume {
            try unlearner.resume(from: place.checkpoint, identity: identity)
            console.note("Resuming in round \(unlearner.state.round + 1)")
        }
        let firstRound = unlearner.state.round
        let saving = Saving(path: place.checkpoint, identity: identity, interval: options.checkpointEvery)
        try UnlearningDriver(console: console, saving: saving).run(unlearner)
        // Whatever happens while questions are asked and the model is written, the run need not be repeated.
        try unlearner.save(to: saving.path, identity: identity)
        try ask("after")

        var report = RunReport(
            title: "Unlearning \(lastComponent(of: opened.folder.path))", date: date, settings: settings,
            device: "\(backend.name): \(backend.summary)", rounds: unlearner.state.history)
        report.data = data
        report.model = ReportParts.model(opened.folder.path, session, moving: movingText)
        report.versions = ReportParts.versions
        report.stages = stages.map { .init(name: $0.name, forget: $0.verdict.forget, retain: $0.verdict.retain) }
        report.samples = ReportParts.samples(stages, forget: 3, retain: 3)
        report.cost.gradientEquivalents = unlearner.state.gradientEquivalents
        report.cost.seconds = unlearner.state.seconds
        if case .finished(let reason) = unlearner.state.phase { report.stopReason = reason }
        report.shortfall = unlearner.shortfall
        if let overlap { report.notes.append(overlap) }
        report.notes += notes
        if options.resume { report.notes.append("The run was interrupted and resumed in round \(firstRound + 1).") }
        let result = try session.download()
        report.change = try WeightChange(sinceLoading: result, writtenAs: options.place.dtype)
        try place.export(result, identity, extra: opened.rebuiltTokenizerFiles + report.extraFiles)
        try place.finish {
            try report.show(console)
            try console.say("Wrote the model and report.md to \(place.path)\(report.change?.complaint.map { ", but " + $0 } ?? "").")
        }
        if let shortfall = unlearner.shortfall {
            throw CommandError.targetUnmet("\(shortfall) More --rounds, a lower --forget-target or a larger --retain-floor may help.")
        }
    }

    /// What is forgotten must not be kept: the same rows are refused, similar ones counted and said.
    /// - Returns: what the report should say of them.
    private func checkOverlap(_ forget: DataRows, _ retain: DataRows) throws -> String? {
        let overlap = RowOverlap(forget: forget.examples, retain: retain.examples)
        guard !overlap.isWhole else {
            throw CommandError.badInput(
                "\(forget.path) and \(retain.path) hold the same rows: what should be forgotten would be kept. "
                    + "Give --retain a file without them.")
        }
        guard let first = overlap.same.first ?? overlap.near.first else { return nil }
        let text =
            "Of \(overlap.retainCount) retain rows, \(overlap.same.count) are the same as a forget row and \(overlap.near.count) nearly "
            + "the same\(overlap.holdsAll ? ", and no forget row is missing" : ""): they are kept and forgotten at once. The first is in line \(retain.examples[first.retain].line), "
            + "like line \(forget.examples[first.forget].line) of the forget rows."
        console.warn(text)
        try console.emit([
            "event": "overlap", "retain": .integer(overlap.retainCount), "same": .integer(overlap.same.count),
            "near": .integer(overlap.near.count),
        ])
        return text
    }

    private var movingText: String {
        options.moving.lora.map { "low-rank adapters of rank \($0)" } ?? options.moving.moving
    }

    private func dataFile(_ role: String, _ rows: DataRows) -> RunReport.DataFile {
        RunReport.DataFile(role: role, path: rows.path, examples: rows.examples.count, sha256: rows.sha256)
    }

    private func unlearner(
        _ session: LanguageModelSession, _ settings: UnlearningSettings, _ forget: DataRows, _ retain: DataRows?
    ) throws(UnlearningError) -> Unlearner<LanguageModelLoss> {
        let context = session.model.dimensions.context
        return try Unlearner(
            session.loss, session.moving, forget: ExampleSet(forget.encoded, context: context),
            retain: ExampleSet(retain?.encoded ?? [], context: context), settings, on: session.backend)
    }

    /// A dry run: one step of each kind on a copy of nothing, and what follows from it.
    private func plan(
        _ opened: OpenedModel, _ settings: UnlearningSettings, _ forget: DataRows, _ retain: DataRows?, _ backend: any Backend
    ) throws {
        let session = try opened.session(on: backend, moving: options.moving.choice, seed: settings.seed)
        console.note("Timing one step of each kind on \(backend.name)")
        let cost = try unlearner(session, settings, forget, retain).forecast(measures: true)
        let approximations = settings.approximations.isEmpty ? "none" : settings.approximations.joined(separator: "; ")
        let lines = [
            ("Model", "\(opened.folder.path) (\(opened.model.architecture))"),
            ("Moving", "\(movingText), \(NumberText.grouped(session.split.moving.count)) parameters"),
            ("Forget", "\(forget.path): \(forget.encoded.count) examples, batches of \(settings.forgetBatch)"),
            ("Retain", retain.map { "\($0.path): \($0.encoded.count) examples, batches of \(settings.retainBatch)" } ?? "none"),
            ("Method", "\(settings.method.rawValue), at most \(cost.rounds) rounds of \(settings.innerSteps) forget steps "
                + "(\(settings.innerStep))" + (cost.outer.map { " and \($0.count) restore steps (\(settings.outerStep))" } ?? "")),
            ("Weights", "beta \(settings.beta), rho \(settings.rho) growing by \(settings.rhoGrowth), \(settings.similarity.rawValue)"),
            ("Approximations", approximations),
            ("A round", cost.text),
            ("All rounds", cost.seconds.map { "about \(NumberText.duration($0 * Double(cost.rounds)))" } ?? "-"),
        ]
        for (label, value) in lines { try console.say(Format.padded(label, 16) + value) }
        try console.emit([
            "event": "plan", "model": .string(opened.folder.path), "device": .string(backend.name),
            "moving_parameters": .integer(session.split.moving.count), "forget_examples": .integer(forget.encoded.count),
            "retain_examples": .integer(retain?.encoded.count ?? 0), "settings": .string("\(settings)"),
            "approximations": .string(approximations), "rounds": .integer(cost.rounds), "round": cost.json,
        ])
    }
}
