/// ROUGE-L recall of the generated answer against the one in the data; see `Rouge`.
public struct RougeRecall: AnswerMetric {
    public let key = "rouge_l_recall"
    public let title = "ROUGE-L"

    public init() {}

    public func value(_ answered: AnsweredExample) -> Double? {
        answered.generated.map { Rouge.longestCommonSubsequence(reference: answered.reference, candidate: $0).recall }
    }
}

/// ROUGE-L F1 of the generated answer against the one in the data; see `Rouge`. Unlike recall it does not reward long answers.
public struct RougeF1: AnswerMetric {
    public let key = "rouge_l_f1"
    public let title = "ROUGE-L F1"

    public init() {}

    public func value(_ answered: AnsweredExample) -> Double? {
        answered.generated.map { Rouge.longestCommonSubsequence(reference: answered.reference, candidate: $0).f1 }
    }
}
