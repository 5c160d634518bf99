import Backends
import Data
import Evaluation
import Files
import Inference
import Models
import Reporting
import Text
import Unlearning

/// What is known of a run's model and data when its settings are chosen.
public struct RunFacts: Sendable {
    /// Tokens of the model.
    public let vocabulary: Int
    /// Whether other answers to the forget rows can be had: each asks something, or a file gives them.
    public let hasAlternatives: Bool
    /// Whether there is a model that never saw the forget rows.
    public let hasReference: Bool
}

/// What a run is asked to do.
public struct UnlearningRequest {
    /// A GGUF file or a Hugging Face folder.
    public var model: String
    /// Files of rows; nil where the method does without rows to keep.
    public var forget: String
    /// A file of rows to keep.
    public var retain: String?
    /// A file of other answers to the forget rows' questions, in their order; nil to have the model invent them where the method asks
    /// for any.
    public var alternatives: String?
    /// A model that never saw the forget rows, for methods that compare with one: a GGUF file or a Hugging Face folder.
    public var reference: String?
    /// How rows become tokens.
    public var text: TextChoice
    /// Which parameters may change.
    public var trainable: TrainableParameters
    /// How much is asked before and after.
    public var judging: Judging
    /// The settings for this model and these rows.
    public var settings: (_ facts: RunFacts) throws -> UnlearningSettings

    /// A request with the automatic template, all parameters, and 40 questions of each set, unless it says otherwise.
    public init(
        model: String, forget: String, retain: String?, alternatives: String? = nil, reference: String? = nil,
        text: TextChoice = TextChoice(), trainable: TrainableParameters = .all,
        judging: Judging = Judging(), settings: @escaping (_ facts: RunFacts) throws -> UnlearningSettings
    ) {
        self.model = model
        self.forget = forget
        self.retain = retain
        self.alternatives = alternatives
        self.reference = reference
        self.text = text
        self.trainable = trainable
        self.judging = judging
        self.settings = settings
    }
}

/// A request whose model is opened and whose rows are read and found to fit; no weights are read yet.
public struct PreparedRun {
    let opened: OpenedModel
    let encoder: Encoder
    /// The settings for this model.
    public let settings: UnlearningSettings
    let trainable: TrainableParameters
    let judging: Judging
    let forget: DataRows
    let retain: DataRows?
    let alternatives: DataRows?
    /// The path of a model to compare with.
    let reference: String?
    /// What the report should say of rows that are in both sets.
    let overlap: String?
    /// Remarks about the model and single rows.
    let notes: [String]
    let listener: any JobListener

    /// Opens and checks everything that can be checked without reading weights.
    /// - Throws: an error that names the file, row or key that is wrong.
    public init(_ request: UnlearningRequest, _ listener: any JobListener) throws {
        opened = try OpenedModel(path: request.model)
        encoder = try request.text.encoder(for: opened)
        let (forget, encoder) = (try DataRows(request.forget, encoder), encoder)
        settings = try request.settings(
            RunFacts(
                vocabulary: opened.model.dimensions.vocabulary,
                hasAlternatives: request.alternatives != nil || forget.examples.allSatisfy(\.asksSomething),
                hasReference: request.reference != nil))
        let retain = try request.retain.map { try DataRows($0, encoder) }
        alternatives = try request.alternatives.map { try DataRows($0, encoder) }
        try alternatives.map { try Self.check($0, against: forget) }
        if settings.needsReference, request.reference == nil {
            throw RunError.badInput(
                "The method \(settings.method.name) compares with a model that never saw the forget rows. Name it with --reference.")
        }
        reference = settings.needsReference ? request.reference : nil
        overlap = try retain.flatMap { try Self.checkOverlap(forget, $0, listener) }
        trainable = request.trainable
        judging = request.judging
        (self.forget, self.retain, self.listener) = (forget, retain, listener)
        notes =
            opened.notes(encoder) + forget.notes + (retain?.notes ?? []) + Self.notes(settings, forgetExamples: forget.examples.count)
        for note in notes { listener.note(note) }
    }

    /// The files as the report and the identity name them.
    var data: [RunReport.DataFile] {
        let file = { (role: String, rows: DataRows) in
            RunReport.DataFile(role: role, path: rows.path, examples: rows.examples.count, sha256: rows.sha256)
        }
        return [file("forget", forget)] + (retain.map { [file("retain", $0)] } ?? [])
            + (alternatives.map { [file("alternatives", $0)] } ?? [])
    }

    /// - Parameter invented: other answers, where no file gives them.
    func unlearner(_ session: LanguageModelSession, invented: [Alternative]) throws -> Unlearner<LanguageModelLoss> {
        let context = session.model.dimensions.context
        let written = try invented.map { try encoder.truncating.encode(forget.examples[$0.index].answered($0.alternative)) }
        let others = alternatives?.encoded ?? written
        return try Unlearner(
            session.loss, session.trainable, forget: ExampleSet(forget.encoded, context: context),
            retain: ExampleSet(retain?.encoded ?? [], context: context),
            alternatives: others.isEmpty ? nil : ExampleSet(others, context: context),
            reference: try reference.map { try model(at: $0, beside: session) }, settings, on: session.backend)
    }

    private func model(at path: String, beside session: LanguageModelSession) throws -> ReferenceModel<LanguageModelLoss> {
        let other = try OpenedModel(path: path)
        let (own, others) = (opened.model.dimensions.vocabulary, other.model.dimensions.vocabulary)
        guard own == others, opened.tokenizer.description.tokens == other.tokenizer.description.tokens else {
            throw RunError.badInput(
                "The reference \(path) has another tokenizer (\(others) tokens, not \(own), or others): its predictions cannot be compared."
            )
        }
        let known = try other.session(on: session.backend)
        return ReferenceModel(known.loss, known.trainable)
    }

    /// As many alternatives to each row, in the rows' order, and none that is the answer to be forgotten.
    private static func check(_ alternatives: DataRows, against forget: DataRows) throws(RunError) {
        let (count, rows) = (alternatives.examples.count, forget.examples.count)
        guard count > 0, count % rows == 0 else {
            throw .badInput(
                "\(alternatives.path) has \(count) rows for \(rows) forget rows. It must have one for each, in the same order, or the same "
                    + "number of such rounds.")
        }
        for (index, row) in alternatives.examples.enumerated() {
            let (own, other) = (forget.examples[index % rows].questionAndAnswer, row.questionAndAnswer)
            guard own.question == other.question else {
                throw .badInput(
                    "\(alternatives.path), line \(row.position.line), asks something else than line "
                        + "\(forget.examples[index % rows].position.line) of the forget rows.")
            }
            guard own.answer != other.answer else {
                throw .badInput(
                    "\(alternatives.path), line \(row.position.line), gives the answer that should be forgotten.")
            }
        }
    }

    /// Whether rates and weights from longer runs will do little in this one.
    private static func notes(_ settings: UnlearningSettings, forgetExamples: Int) -> [String] {
        let updates = settings.roundCount(forgetExamples: forgetExamples) * settings.stepsPerRound
        guard updates < UnlearningSettings.fewUpdates else { return [] }
        return [
            "The run makes at most \(updates) updates of the model. With fewer than \(UnlearningSettings.fewUpdates), rates and weights that were "
                + "published for longer runs do little: ask for more --forget-passes or --rounds, or smaller batches."
        ]
    }

    /// What is forgotten must not be kept: the same rows are refused, similar ones counted and said.
    /// - Returns: what the report should say of them.
    private static func checkOverlap(_ forget: DataRows, _ retain: DataRows, _ listener: any JobListener) throws -> String? {
        let overlap = RowOverlap(forget: forget.examples, retain: retain.examples)
        guard !overlap.isWhole else {
            throw RunError.badInput(
                "\(forget.path) and \(retain.path) hold the same rows: what should be forgotten would be kept. "
                    + "Give --retain a file without them.")
        }
        guard let first = overlap.same.first ?? overlap.near.first else { return nil }
        let text =
            "Of \(overlap.retainCount) retain rows, \(overlap.same.count) are the same as a forget row and \(overlap.near.count) nearly "
            + "the same\(overlap.holdsAll ? ", and no forget row is missing" : ""): they are kept and forgotten at once. The first is in line \(retain.examples[first.retain].position.line), "
            + "like line \(forget.examples[first.forget].position.line) of the forget rows."
        try? listener.hear(.warning(text))
        try listener.hear(.overlap(overlap))
        return text
    }
}

extension TrainableParameters {
    /// For people: "all", the patterns, or the adapters' rank.
    var title: String {
        switch self {
        case .all: "all"
        case .matching(let patterns): patterns.joined(separator: ",")
        case .lora(let adapter): "low-rank adapters of rank \(adapter.rank)"
        }
    }
}
