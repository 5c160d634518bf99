import Backends
import Data
import Evaluation
import Files
import Inference
import Text

/// The evaluation of one model: reads, checks, measures, compares with a reference, writes. What is measured is kept at once, so that a
/// process that ends early loses a batch.
package struct EvaluationRun {
    private let request: EvaluationRequest
    private let listener: any JobListener

    package init(_ request: EvaluationRequest, _ listener: any JobListener) {
        self.request = request
        self.listener = listener
    }

    /// - Parameters:
    ///   - place: the folder that appears when all is done.
    ///   - resumes: whether to go on with what an interrupted call had measured.
    /// - Throws: before anything is computed, an error that names a wrong file, row or field.
    package func run(on backend: any Backend, writingTo place: EvaluationPlace, resumes: Bool = false) throws -> EvaluationReport {
        try place.check(resumes: resumes)
        let models = try EvaluationModels(request)
        let encoder = try request.text.encoder(for: models.evaluated)
        for note in models.evaluated.notes(encoder) { listener.note(note) }
        let data = try EvaluationData(request, encoder)
        for note in data.notes { listener.note(note) }
        if request.robustness.measuresDepth {
            for item in data.sets.questions[.forget] ?? [] { _ = try EntitySpan.narrowed(item.example, encoder) }
        }
        let ledger = try EvaluationCheckpoint(
            place.checkpoint, resumes: resumes, identity: request.identity(models, data, encoder))
        if resumes { listener.note("\(place.checkpoint) holds \(ledger.count) results") }

        // Nothing is under way that would have to be saved: what is measured is in the checkpoint.
        let report = try listener.whileIdle { try makeReport(models, encoder, data: data, ledger: ledger, on: backend) }
        try place.write(report)
        return report
    }

    private func makeReport(
        _ models: EvaluationModels, _ encoder: Encoder, data: EvaluationData, ledger: EvaluationCheckpoint, on backend: any Backend
    ) throws -> EvaluationReport {
        let session = try models.evaluated.session(on: backend)
        var measured = try measure(session, encoder, data: data, ledger: ledger)
        let seconds = try ledger.result(of: "Seconds") { ledger.seconds }
        try probe(
            &measured, models.evaluated, session, data: data, ledger: ledger, encoder: encoder, original: models.original,
            reference: models.referenceModel)
        try models.judge.map { try judged(&measured, data: data, by: $0, ledger: ledger, on: backend) }
        let targets: ReferenceResults?
        var curves: MeasuredRobustness?
        switch models.reference {
        case .results(let results, _)?: targets = results
        case .model(let model)?:
            let session = try model.session(on: backend), encoder = try request.text.encoder(for: model)
            let level = measured.robustness.original
            var measured = try measure(session, encoder, data: data, ledger: ledger, whose: Self.ofReference)
            try probe(&measured, model, session, data: data, ledger: ledger, encoder: encoder, whose: Self.ofReference)
            measured.robustness.original = level
            curves = measured.robustness
            try models.judge.map { try judged(&measured, data: data, by: $0, ledger: ledger, on: backend, whose: Self.ofReference) }
            targets = ReferenceResults(name: model.folder.path, EvaluationSuite.asked(of: measured).results(measured, seed: request.seed))
        case nil: targets = nil
        }
        return EvaluationReport(
            model: request.model, tokenizer: ReferenceSource.digest(models.evaluated.tokenizer), text: encoder.settings, data: data.files,
            reference: targets?.name, measured: measured,
            results: EvaluationSuite.asked(of: measured).results(measured, reference: targets, seed: request.seed), seconds: seconds,
            device: backend.name, referenceRobustness: curves)
    }

    private static let ofReference = " of the reference"

    private func measure(
        _ session: LanguageModelSession, _ encoder: Encoder, data: EvaluationData, ledger: EvaluationCheckpoint, whose: String = ""
    ) throws -> MeasuredModel {
        let evaluator = SuiteEvaluator(session, encoder: encoder, ledger: ledger, whose: whose)
        var label = ""
        defer { if !label.isEmpty { try? listener.hear(.ended) } }
        var lost: FileError?
        let measured = try evaluator.measure(data.sets, request.options) { stage, done, total in
            guard lost == nil else { return }
            do throws(FileError) {
                if stage != label {
                    if !label.isEmpty { try listener.hear(.ended) }
                    try listener.hear(.began(stage + whose, total: total, unit: "texts"))
                    label = stage
                }
                try listener.hear(.advanced(done))
            } catch {
                lost = error
            }
        }
        if let lost { throw lost }
        return measured
    }

    /// - Parameters:
    ///   - original: the model before it forgot.
    ///   - reference: for the depth.
    private func probe(
        _ measured: inout MeasuredModel, _ opened: OpenedModel, _ session: LanguageModelSession, data: EvaluationData,
        ledger: EvaluationCheckpoint, encoder: Encoder, original: OpenedModel? = nil, reference: OpenedModel? = nil, whose: String = ""
    ) throws {
        var innocent: LanguageModelSession?
        if request.robustness.measuresDepth, original != nil { innocent = try reference?.session(on: session.backend) }
        let adapted = try request.robustness.relearning.flatMap { relearning in
            try relearning.rank.map { _ in
                try opened.session(on: session.backend, trainable: relearning.trainable, seed: relearning.seed)
            }
        }
        measured.robustness = try request.robustness.measure(
            session, data.sets, encoder: encoder, original: try original?.session(on: session.backend), reference: innocent,
            learner: adapted, ledger: ledger, whose: whose
        ) { listener.note($0) }
    }

    private func judged(
        _ measured: inout MeasuredModel, data: EvaluationData, by judge: OpenedModel, ledger: EvaluationCheckpoint,
        on backend: any Backend, whose: String = ""
    ) throws {
        let evaluator = SuiteEvaluator(
            try judge.session(on: backend), encoder: try request.text.encoder(for: judge), ledger: ledger, whose: whose)
        for role in [EvaluationRole.forget, .holdout] {
            guard var items = measured.sets[role], let questions = data.sets.questions[role] else { continue }
            try evaluator.judge(&items, questions, label: "Judging answers to the \(role.title)")
            measured.sets[role] = items
        }
    }
}
