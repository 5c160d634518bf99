import Backends
import Data
import Evaluation
import Files
import Inference
import Text

/// The evaluation of one model: reads, checks, measures, compares with a reference, writes.
package struct EvaluationRun {
    private let request: EvaluationRequest
    private let listener: any JobListener

    package init(_ request: EvaluationRequest, _ listener: any JobListener) {
        self.request = request
        self.listener = listener
    }

    /// - Parameter place: the folder that appears when all is done.
    /// - Throws: before anything is computed, an error that names a wrong file, row or field.
    package func run(on backend: any Backend, writingTo place: EvaluationPlace) throws -> EvaluationReport {
        try place.check()
        let opened = try OpenedModel(path: request.model)
        let encoder = try request.text.encoder(for: opened)
        for note in opened.notes(encoder) { listener.note(note) }
        let data = try EvaluationData(request, encoder)
        for note in data.notes { listener.note(note) }
        if request.robustness.measuresDepth {
            for item in data.sets.questions[.forget] ?? [] { _ = try EntitySpan.narrowed(item.example, encoder) }
        }
        let reference = try request.reference.map { try ReferenceSource(path: $0) }
        try reference?.checkTokenizer(opened.tokenizer)
        let judge = try request.judge.map { try OpenedModel(path: $0) }
        let original = try request.original.map { try OpenedModel(path: $0) }
        try original.map { try ReferenceSource.model($0).checkTokenizer(opened.tokenizer) }

        let start = SteadyClock.seconds
        let session = try opened.session(on: backend)
        let evaluator = SuiteEvaluator(session, encoder: encoder)
        var measured = try measure(evaluator, data, "")
        let seconds = SteadyClock.seconds - start
        try probe(&measured, session, data, encoder: encoder, original: original, reference: reference)
        try judge.map { try judged(&measured, data, by: $0, on: backend) }
        let targets: ReferenceResults?
        var curves: MeasuredRobustness?
        switch reference {
        case .results(let results, _)?: targets = results
        case .model(let model)?:
            let session = try model.session(on: backend), encoder = try request.text.encoder(for: model)
            let level = measured.robustness.original
            var measured = try measure(SuiteEvaluator(session, encoder: encoder), data, " of the reference")
            try probe(&measured, session, data, encoder: encoder)
            measured.robustness.original = level
            curves = measured.robustness
            try judge.map { try judged(&measured, data, by: $0, on: backend) }
            targets = ReferenceResults(name: model.folder.path, EvaluationSuite.asked(of: measured).results(measured, seed: request.seed))
        case nil: targets = nil
        }
        let report = EvaluationReport(
            model: request.model, tokenizer: ReferenceSource.digest(opened.tokenizer), text: encoder.settings, data: data.files,
            reference: targets?.name, measured: measured,
            results: EvaluationSuite.asked(of: measured).results(measured, reference: targets, seed: request.seed), seconds: seconds,
            device: backend.name, referenceRobustness: curves)
        try place.write(report)
        return report
    }

    private func measure(_ evaluator: SuiteEvaluator, _ data: EvaluationData, _ whose: String) throws -> MeasuredModel {
        var label = ""
        defer { if !label.isEmpty { try? listener.hear(.ended) } }
        var lost: FileError?
        let measured = try listener.whileIdle {
            try evaluator.measure(data.sets, request.options) { stage, done, total in
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
        }
        if let lost { throw lost }
        return measured
    }

    /// - Parameters:
    ///   - original: the model before it forgot.
    ///   - reference: for the depth.
    private func probe(
        _ measured: inout MeasuredModel, _ session: LanguageModelSession, _ data: EvaluationData, encoder: Encoder,
        original: OpenedModel? = nil, reference: ReferenceSource? = nil
    ) throws {
        var innocent: LanguageModelSession?
        if request.robustness.measuresDepth, original != nil, case .model(let model)? = reference {
            innocent = try model.session(on: session.backend)
        }
        measured.robustness = try request.robustness.measure(
            session, data.sets, encoder: encoder, original: try original?.session(on: session.backend), reference: innocent
        ) { listener.note($0) }
    }

    private func judged(_ measured: inout MeasuredModel, _ data: EvaluationData, by judge: OpenedModel, on backend: any Backend) throws {
        let evaluator = SuiteEvaluator(try judge.session(on: backend), encoder: try request.text.encoder(for: judge))
        for role in [EvaluationRole.forget, .holdout] {
            guard var items = measured.sets[role], let questions = data.sets.questions[role] else { continue }
            try listener.whileIdle { try evaluator.judge(&items, questions) }
            measured.sets[role] = items
        }
    }
}
