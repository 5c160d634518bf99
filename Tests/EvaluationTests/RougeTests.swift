import Evaluation
import Testing

@Suite("ROUGE-L")
struct RougeTests {
    struct Case: Sendable {
        var reference: String, candidate: String
        var recall: Double, precision: Double
    }

    static let cases: [Case] = [
        // Lin (2004), section 3.1: "police the gunman" is common to both.
        Case(reference: "police killed the gunman", candidate: "police kill the gunman", recall: 0.75, precision: 0.75),
        Case(reference: "police killed the gunman", candidate: "the gunman kill police", recall: 0.5, precision: 0.5),
        Case(reference: "a b c d", candidate: "a x b y c z d w", recall: 1, precision: 0.5),
        Case(reference: "a b c d", candidate: "d c b a", recall: 0.25, precision: 0.25),
        Case(reference: "one two three", candidate: "four five", recall: 0, precision: 0),
        Case(
            reference: "The first BOOK, was: \"The Hollow Bell\".", candidate: "the first book was the hollow bell", recall: 1,
            precision: 1),
        Case(reference: "born in 1923", candidate: "born in 1932", recall: 2.0 / 3, precision: 2.0 / 3),
        Case(reference: "a a b", candidate: "a b b", recall: 2.0 / 3, precision: 2.0 / 3),
    ]

    @Test("of texts worked out by hand", arguments: cases)
    func byHand(example: Case) {
        let score = Rouge.longestCommonSubsequence(reference: example.reference, candidate: example.candidate)
        #expect(abs(score.recall - example.recall) < 1e-12 && abs(score.precision - example.precision) < 1e-12)
    }

    @Test("joins recall and precision by the harmonic mean")
    func f1() {
        #expect(abs(Rouge.Score(recall: 1, precision: 0.5).f1 - 2.0 / 3) < 1e-12)
        #expect(Rouge.Score(recall: 0, precision: 0).f1 == 0)
    }

    @Test("of a text without words is zero")
    func empty() {
        for (reference, candidate) in [("", ""), ("word", ""), ("", "word"), ("...", "!")] {
            #expect(Rouge.longestCommonSubsequence(reference: reference, candidate: candidate).f1 == 0)
        }
    }

    @Test("keeps letters beyond ASCII, however they are composed")
    func unicode() {
        #expect(Rouge.words("Ørsted's café, naïve 東京!") == ["ørsted", "s", "café", "naïve", "東京"])
        #expect(Rouge.longestCommonSubsequence(reference: "caf\u{E9}", candidate: "CAFE\u{301}").f1 == 1)
    }
}

@Suite("Estimates")
struct EstimateTests {
    @Test("have Student's interval")
    func interval() {
        // Standard deviation 1, so t(2) / √3.
        let estimate = Estimate([1, 2, 3])
        #expect(estimate.mean == 2 && estimate.count == 3)
        #expect(abs((estimate.halfWidth ?? 0) - 4.3027 / 3.0.squareRoot()) < 1e-9)
        // 31 values of deviation √(31/30): t(30) = 2.0423, t(10) and t(11) on both sides of the table's end.
        #expect(abs((Estimate([0] + (0..<30).map { $0 % 2 == 0 ? 1.0 : -1.0 }).halfWidth ?? 0) - 2.0423 / 31.0.squareRoot()) < 1e-4)
        let twelve = Estimate((0..<12).map { $0 % 2 == 0 ? 1.0 : -1.0 })
        #expect(abs((twelve.halfWidth ?? 0) - 2.2010 / 11.0.squareRoot()) < 1e-4)
    }

    @Test("of one value have no interval, of none no mean")
    func few() {
        #expect(Estimate([3]) == Estimate(mean: 3, halfWidth: nil, count: 1))
        #expect(Estimate([]).mean.isNaN)
    }
}
