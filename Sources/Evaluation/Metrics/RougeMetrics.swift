/// ROUGE-L recall of the generated answer against the one in the data; see `Rouge`.
public struct RougeRecall: AnswerMetric {
    public let key = "rouge_l_recall"
    public let title = "ROUGE-L"

    /// The metric; it has no settings.
    public init() {}

    public func value(_ answered: AnsweredExample) -> Double? {
        answered.rouge?.recall
    }
}

/// ROUGE-L F1 of the generated answer against the one in the data; see `Rouge`. Unlike recall it does not reward long answers.
public struct RougeF1: AnswerMetric {
    public let key = "rouge_l_f1"
    public let title = "ROUGE-L F1"

    /// The metric; it has no settings.
    public init() {}

    public func value(_ answered: AnsweredExample) -> Double? {
        answered.rouge?.f1
    }
}

extension AnsweredExample {
    /// Nil without an answer, and where the data's answer has no words that one could share.
    fileprivate var rouge: Rouge.Score? {
        guard let generated, !Rouge.words(reference).isEmpty else { return nil }
        return Rouge.longestCommonSubsequence(reference: reference, candidate: generated)
    }
}
