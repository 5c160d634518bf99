/// ROUGE-L recall of a set's generated answers; see `RougeScorer`.
struct SetRouge: SuiteMetric {
    /// How the question is put.
    enum Wording { case asWritten, rephrased }

    private let role: EvaluationRole
    private let wording: Wording

    init(_ role: EvaluationRole, of wording: Wording = .asWritten) {
        self.role = role
        self.wording = wording
    }

    var key: String { "\(role.rawValue)_\(wording == .asWritten ? "Q" : "PARA_Q")_A_ROUGE" }
    var title: String { "\(role.title): ROUGE-L recall\(wording == .asWritten ? "" : ", paraphrased questions")" }
    let source = "TOFU, arXiv 2401.06121; rouge-score 0.1.2"
    var direction: MetricDirection { role == .forget || role == .holdout ? .likeReference : .higher }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        let answers = try model.items(role).map { ($0.reference, wording == .asWritten ? $0.generated : $0.rephrasedGenerated) }
        guard answers.contains(where: { $0.1 != nil }) else {
            throw MissingMaterial(
                wording == .asWritten
                    ? "needs generated answers" : "needs generated answers and paraphrased_question in the rows of the \(role.title)")
        }
        return try MetricMaterial(
            meanOf: answers.map { reference, answer in
                answer.map { RougeScorer.scores(reference: reference, candidate: $0).rougeL.recall }
            }, role)
    }
}
