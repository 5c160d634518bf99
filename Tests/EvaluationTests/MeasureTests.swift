import Evaluation
import Files
import Glibc
import Testing

/// What rouge-score, SciPy, NumPy and Python's zlib say (Fixtures/generate_measures.py), and figures published in open-unlearning's logs.
@Suite("Measures equal the reference packages")
struct MeasureTests {
    private let fixture: JSONValue

    init() throws {
        let here = #filePath
        fixture = try JSONValue(contentsOf: here[..<(here.lastIndex(of: "/") ?? here.endIndex)] + "/Fixtures/measures.json")
    }

    private func list(_ name: String) throws -> [JSONValue] { try #require(fixture[name]?.asArray) }

    private func numbers(_ value: JSONValue?) throws -> [Double] {
        let list = try #require(value?.asArray)
        return list.map { $0.asDouble ?? .nan }
    }

    private func close(_ a: Double?, _ b: Double?, _ error: Double = 1e-12) -> Bool {
        guard let a, let b else { return false }
        return abs(a - b) <= error * max(1e-300, abs(b))
    }

    @Test("Stems are NLTK's")
    func stems() throws {
        let stems = try list("stems")
        #expect(stems.count > 700)
        for pair in stems {
            let (word, stem) = (try #require(pair.asArray?.first?.asString), try #require(pair.asArray?.last?.asString))
            #expect(PorterStemmer.stem(word) == stem, "\(word)")
        }
    }

    @Test("ROUGE is rouge-score's")
    func rouge() throws {
        let pairs = try list("rouge")
        #expect(pairs.count > 300)
        for pair in pairs {
            let (reference, candidate) = (try #require(pair["reference"]?.asString), try #require(pair["candidate"]?.asString))
            let scores = RougeScorer.scores(reference: reference, candidate: candidate)
            for (name, score) in [("rouge1", scores.rouge1), ("rougeL", scores.rougeL)] {
                let expected = try numbers(pair[name])
                let found = [score.recall, score.precision, score.f1]
                #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-14 }, "\(name) of \(reference) | \(candidate)")
            }
        }
    }

    @Test("Kolmogorov and Smirnov's D and exact p, AUC and min-k are SciPy's and NumPy's")
    func samples() throws {
        for sample in try list("samples") {
            let a = try numbers(sample["a"]),
                b = try numbers(sample["b"])
            let test = try #require(KolmogorovSmirnov.test(a, b))
            #expect(close(test.distance, sample["distance"]?.asDouble), "\(a.count), \(b.count)")
            #expect(close(test.probability, sample["p"]?.asDouble, 1e-11), "\(a.count), \(b.count): \(test)")
            #expect(close(MembershipMeasures.areaUnderCurve(members: a, others: b), sample["area"]?.asDouble))
            #expect(close(MembershipMeasures.leastMean(a, share: 0.4), sample["least"]?.asDouble))
        }
        #expect(KolmogorovSmirnov.test([], [1]) == nil)
        #expect(KolmogorovSmirnov.test([.nan], [1]) == nil)
        #expect(MembershipMeasures.areaUnderCurve(members: [1], others: []) == nil)
        #expect(MembershipMeasures.leastMean([], share: 0.4) == 0)
    }

    /// Two samples of n whose D is h/n.
    @Test(
        "The p-values of the published logs",
        arguments: [
            (40, 15, 0.006760732303569208), (40, 14, 0.0143), (40, 40, 1.86e-23), (200, 25, 0.08784), (200, 199, 7.771e-117),
            (200, 10, 0.9647), (400, 140, 3.9054713571083378e-22), (400, 38, 0.0540), (400, 400, 1.064e-239),
        ])
    func published(_ n: Int, _ h: Int, _ p: Double) throws {
        let test = try #require(KolmogorovSmirnov.test((0..<n).map(Double.init), (0..<n).map { Double($0 + h) - 0.5 }))
        #expect(close(test.distance, Double(h) / Double(n)))
        if h == 38 { #expect(test.probability > 0.05) } else { #expect(close(test.probability, p, h == 140 || h == 15 ? 1e-12 : 2e-3)) }
    }

    @Test("The truth ratios of the published logs, and their three sums")
    func truthRatios() {
        let full = TruthRatio.value(
            correct: 2.1236655712127686,
            wrong: [3.2159554958343506, 3.3368217945098877, 3.9964749813079834, 3.956535577774048, 3.4876792430877686])
        let retained = TruthRatio.value(
            correct: 4.264481067657471,
            wrong: [3.285900115966797, 3.334685802459717, 3.9678597450256348, 3.725228786468506, 3.471944808959961])
        #expect(close(full, 0.22877235607506727) && close(retained, 2.0286229411792283))
        #expect(close(TruthRatio.nearness(full), full) && close(TruthRatio.nearness(retained), 1 / (retained + 1e-10)))
        #expect(close(TruthRatio.preference(full), 1 - full) && TruthRatio.preference(retained) == 0)
        let (one, two, three, four) = (exp(-1.0), exp(-2.0), exp(-3.0), exp(-4.0))
        #expect(close(TruthRatio.knowledge(correct: 1, wrong: [2, 4]), one / (one + three + 1e-10)))
        #expect(close(TruthRatio.optionProbability(correct: 1, wrong: [2, 4]), one / (one + two + four + 1e-10)))
        // A diverged model: the guard takes over in the ratio, not in its logarithm.
        #expect(TruthRatio.value(correct: 60, wrong: [62]) < 1e-16 && TruthRatio.logarithm(correct: 60, wrong: [62]) == -2)
    }

    @Test("privleak of the published logs, and the relative difference")
    func leak() {
        #expect(close(MembershipMeasures.privacyLeak(0.99665, reference: 0.3826125), -99.45739, 1e-7))
        #expect(close(MembershipMeasures.privacyLeak(0.3826125), 23.4775, 1e-8))
        #expect(close(MembershipMeasures.privacyLeak(0.9991, reference: 0.5236), -99.81108, 1e-7))
        #expect(close(MembershipMeasures.relativeDifference(0.6, reference: 0.5), 20, 1e-8))
    }

    @Test("Utility is SciPy's harmonic mean")
    func harmonic() throws {
        for pair in try list("harmonic") {
            let values = try numbers(pair.asArray?.first)
            #expect(close(harmonicMean(values), pair.asArray?.last?.asDouble) || harmonicMean(values) == pair.asArray?.last?.asDouble)
        }
        #expect(harmonicMean([]).isNaN && harmonicMean([1, -1]).isNaN)
        #expect(close(harmonicMean([0.21706, 0.31301, 0.37752, 0.56078, 0.741, 0.73697, 0.52058, 0.84687, 0.67962]), 0.4612, 1e-4))
    }

    @Test("Compressed sizes are Python's")
    func sizes() throws {
        for pair in try list("zlib") {
            #expect(compressedSize(try #require(pair.asArray?.first?.asString)) == pair.asArray?.last?.asInt)
        }
    }

    @Test("Extraction strength never falls below one token, exact memorisation does")
    func memorisation() {
        #expect(MemorisationMeasures.extractionStrength([false, false, false, false]) == 0.25)
        #expect(MemorisationMeasures.extractionStrength([true, true, true, false]) == 0.25)
        #expect(MemorisationMeasures.extractionStrength([true, false, true, true]) == 0.5)
        #expect(MemorisationMeasures.extractionStrength([true, true]) == 1)
        #expect(MemorisationMeasures.extractionStrength([]) == 0)
        #expect(MemorisationMeasures.exactMemorisation([false, true, true, false]) == 0.5)
        #expect(MemorisationMeasures.exactMemorisation([]) == nil)
    }

    @Test("Broken text shows in counts")
    func fluency() {
        let vocabulary = Fluency.vocabulary(["The author was born in Kuwait City.", "She writes novels."])
        #expect(Fluency.brokenShare("The author writes violththse in 1956", vocabulary: vocabulary) == 0.2)
        #expect(Fluency.brokenShare("1956 ...", vocabulary: vocabulary) == nil)
        #expect(Fluency.distinct(1, "a a b b") == 0.5 && Fluency.distinct(2, "a a b b") == 1 && Fluency.distinct(3, "a b") == nil)
        #expect(Fluency.repetition("ke ke ke ke ke") == 1 - 1.0 / 3 && Fluency.repetition("so it goes") == 0)
        #expect(Fluency.isFallenApart("ke ke ke ke") && Fluency.isFallenApart("No one") && Fluency.isFallenApart(""))
        #expect(!Fluency.isFallenApart("It was a fair day"))
    }

    @Test("An interval holds the mean, is narrower for more values, draws groups together, and depends on the seed alone")
    func intervals() throws {
        let mean = { (groups: [[Double]]) in groups[0].reduce(0, +) / Double(groups[0].count) }
        let values = (0..<400).map { sin(Double($0) * 12.9898) }
        let wide = try #require(BootstrapInterval([.init("forget", Array(values.prefix(40)))], mean))
        let narrow = try #require(BootstrapInterval([.init("forget", values)], mean))
        #expect(narrow.lower < mean([values]) && mean([values]) < narrow.upper)
        #expect(narrow.upper - narrow.lower < wide.upper - wide.lower)
        // Of independent values the normal interval is as wide, within the drawing's noise.
        let centre = mean([values])
        let deviation = (values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / 400).squareRoot()
        #expect(abs((narrow.upper - narrow.lower) / (2 * 1.96 * deviation / 20) - 1) < 0.1)
        #expect(BootstrapInterval([.init("forget", values)], mean) == narrow)
        #expect(BootstrapInterval([.init("forget", values)], seed: 1, mean) != narrow)
        let difference = { (groups: [[Double]]) in zip(groups[0], groups[1]).reduce(0) { $0 + $1.0 - $1.1 } }
        #expect(
            BootstrapInterval([.init("forget", values), .init("forget", values)], difference) == BootstrapInterval(lower: 0, upper: 0))
        #expect(BootstrapInterval([.init("forget", [1])], mean) == nil)
        #expect(BootstrapInterval([.init("forget", [1, 2])]) { _ in .nan } == nil)
    }
}
