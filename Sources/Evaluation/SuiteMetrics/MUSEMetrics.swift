/// MUSE's knowledge memorisation: ROUGE-L F1 of short greedy answers to questions about the text, asked behind examples.
struct KnowledgeMemorisation: SuiteMetric {
    private let role: EvaluationRole
    init(_ role: EvaluationRole) { self.role = role }

    var key: String { "\(role.rawValue)_knowmem_ROUGE" }
    var title: String { "MUSE, \(role == .forget ? "forget" : "retain") text: ROUGE-L F1 of answers" }
    let source = "MUSE, arXiv 2407.06460; open-unlearning's form; rouge-score 0.1.2"
    var direction: MetricDirection { role == .forget ? .likeReference : .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let muse = try model.museMeasured()
        guard let file = MUSEFile.questions(of: role), let answers = muse.answers[file], !answers.isEmpty else {
            throw MissingMaterial("needs knowmem/\(role.rawValue)_qa in the folder of --muse, and generated answers")
        }
        return try MetricMaterial(
            meanOf: answers.map { RougeScorer.scores(reference: $0.reference, candidate: $0.generated).rougeL.f1 }, role)
    }
}

/// MUSE's verbatim memorisation: ROUGE-L F1 of the forget text's greedy continuation.
struct VerbatimMemorisation: SuiteMetric {
    let key = "forget_verbmem_ROUGE"
    let title = "MUSE, forget text: ROUGE-L F1 of its continuation"
    let source = "MUSE, arXiv 2407.06460; open-unlearning's form; rouge-score 0.1.2"
    var direction: MetricDirection { .likeReference }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let rows = try model.museMeasured().verbatim
        guard rows.contains(where: { $0.generated != nil }) else {
            throw MissingMaterial("needs \(MUSEFile.verbatim.rawValue) in the folder of --muse, and generated answers")
        }
        return try MetricMaterial(
            meanOf: rows.map { row in
                row.generated.map { RougeScorer.scores(reference: row.reference, candidate: $0).rougeL.f1 }
            }, .forget)
    }
}

extension MeasuredModel {
    fileprivate func museMeasured() throws(MissingMaterial) -> MeasuredMUSE {
        guard let muse else { throw MissingMaterial("needs MUSE's data (--muse)") }
        return muse
    }
}
