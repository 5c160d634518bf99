import Evaluation
import Files
import Glibc
import Testing

@Suite("The attack that tells members by their confidence")
struct MembershipClassifierTests {
    private static let cases: JSONValue? = {
        let here = #filePath
        return try? JSONValue(contentsOf: here[..<(here.lastIndex(of: "/") ?? here.endIndex)] + "/Fixtures/membership.json")
    }()

    private func numbers(_ name: String, _ key: String) throws -> [Double] {
        try #require(Self.cases?[name]?[key]?.asArray).compactMap(\.asDouble)
    }

    @Test("decisions and efficacy are those of scikit-learn's machine", arguments: ["random", "few others", "crisp"])
    func agreement(name: String) throws {
        let machine = MembershipClassifier(members: try numbers(name, "members"), others: try numbers(name, "others"))
        let expected = try numbers(name, "decisions")
        #expect(expected.count == 21)
        for (step, value) in expected.enumerated() {
            #expect(abs(machine.decision(Double(step) / 20) - value) <= 1e-4 * max(1, abs(value)), "at \(Double(step) / 20)")
        }
        let targets = try numbers(name, "targets"), share = machine.shareOfOthers(targets)
        let efficacy = try #require(Self.cases?[name]?["efficacy"]?.asDouble)
        #expect(abs(share - efficacy) <= 1e-12)
        // At its own tolerance the reference may be wrong by an example.
        let reference = try #require(Self.cases?[name]?["efficacy_at_default_tolerance"]?.asDouble)
        #expect(abs(share - reference) <= 1.5 / Double(targets.count))
    }

    @Test("what cannot be told apart is told by the majority, and one number of each kind by which is nearer")
    func plainCases() {
        let same = MembershipClassifier(members: [0.5, 0.5, 0.5], others: [0.5])
        #expect(same.decision(0.5) > 0)
        let two = MembershipClassifier(members: [1], others: [0])
        #expect(two.shareOfOthers([0, 0.2, 0.8, 1]) == 0.5 && abs(two.decision(0.5)) < 1e-9)
    }

    @Test("a feature with a wide range has as many terms as it needs")
    func wideRange() {
        let members = (0..<40).map { Double($0 % 7) * 0.2 }, others = (0..<40).map { 3 + Double($0 % 9) * 0.3 }
        let machine = MembershipClassifier(members: members, others: others)
        #expect(machine.shareOfOthers(others) == 1 && machine.shareOfOthers(members) == 0)
    }
}

@Suite("Measures of classifiers")
struct ClassificationMeasuresTests {
    /// Images of two classes with the probability of their own.
    private func answers(_ confidences: [Double], _ labels: [Int32]) -> ClassifierAnswers {
        let logits = zip(confidences, labels).map { confidence, label -> [Float] in
            let own = Float(log(confidence / (1 - confidence)))
            return label == 0 ? [own, 0] : [0, own]
        }
        return ClassifierAnswers(logits: logits, labels: labels)
    }

    @Test("accuracies and confidences are those of the logits, of equal ones the first class counts")
    func answers() {
        let found = answers([0.9, 0.2, 0.7, 0.5], [0, 0, 1, 1])
        #expect(found.predictions == [0, 1, 1, 0] && found.accuracy == 0.5)
        #expect(found.accuracyByClass == [0: 0.5, 1: 0.5])
        #expect(zip(found.confidences, [0.9, 0.2, 0.7, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 })
        let large = ClassifierAnswers(logits: [[1000, 0, -1000]], labels: [0])
        #expect(large.confidences == [1])
    }

    @Test("a model that is as unsure of what it forgot as of what it never saw leaves no gap to itself and looks unseen")
    func measures() {
        let retain = answers([Double](repeating: 0.999, count: 30), [Int32](repeating: 0, count: 30))
        let test = answers((0..<20).map { 0.35 + 0.02 * Double($0) }, [Int32](repeating: 1, count: 20))
        let forgotten = answers([0.4, 0.45, 0.6, 0.7], [0, 0, 1, 1]), known = answers([0.999, 0.999, 0.999, 0.999], [0, 0, 1, 1])
        let good = ClassificationMeasures(forget: forgotten, retain: retain, test: test)
        let bad = ClassificationMeasures(forget: known, retain: retain, test: test)
        #expect(good.unlearningAccuracy == 0.5 && good.remainingAccuracy == 1 && good.attackEfficacy == 1)
        #expect(bad.unlearningAccuracy == 0 && bad.attackEfficacy == 0)
        #expect(good.averageGap(to: good) == 0 && abs(bad.averageGap(to: good) - 0.375) < 1e-12)
    }
}
