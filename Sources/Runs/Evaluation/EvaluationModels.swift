/// The models of an evaluation, before their weights are read.
struct EvaluationModels {
    let evaluated: OpenedModel
    let reference: ReferenceSource?
    let judge: OpenedModel?
    let original: OpenedModel?

    /// - Throws: what opening throws; `RunError.badInput` where the reference or the original reads text in other tokens.
    init(_ request: EvaluationRequest) throws {
        evaluated = try OpenedModel(path: request.model)
        reference = try request.reference.map { try ReferenceSource(path: $0) }
        try reference?.checkTokenizer(evaluated.tokenizer)
        judge = try request.judge.map { try OpenedModel(path: $0) }
        original = try request.original.map { try OpenedModel(path: $0) }
        try original.map { try ReferenceSource.model($0).checkTokenizer(evaluated.tokenizer) }
    }

    /// The reference, where it is no file of results.
    var referenceModel: OpenedModel? {
        if case .model(let model)? = reference { model } else { nil }
    }

    var byRole: [(role: String, model: OpenedModel)] {
        [("model", evaluated), ("reference", referenceModel), ("judge", judge), ("original", original)]
            .compactMap { role, model in model.map { (role, $0) } }
    }
}
