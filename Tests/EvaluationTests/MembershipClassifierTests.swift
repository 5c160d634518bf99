import Evaluation
import Files
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
