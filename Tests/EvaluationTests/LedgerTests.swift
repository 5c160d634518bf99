import Evaluation
import Files
import Testing

@Suite("What an evaluation keeps")
struct LedgerTests {
    private func read<Value: LedgerValue & Equatable>(_ value: Value) throws -> Value? {
        Value(ledger: try JSONValue(parsing: value.ledger.serialized()))
    }

    @Test("Values come back to the bit")
    func roundTrips() throws {
        let numbers = [0.1, -1 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0, 3]
        #expect(try read(numbers)?.map(\.bitPattern) == numbers.map(\.bitPattern))
        #expect(try read([Int32.min, 0, 7]) == [Int32.min, 0, 7])
        for text in [
            MeasuredText(logProbabilities: [-0.1, -2], hits: [true, false], scores: [1.5, -1]),
            MeasuredText(logProbabilities: [], hits: []),
        ] {
            #expect(try read(text) == text)
        }
        var rounding = MeasuredRounding()
        rounding.probabilities = [.forget: [0.25], .realAuthors: []]
        #expect(try read(rounding) == rounding)
        for curve in [
            MeasuredRelearning(steps: [0, 1], probabilities: [[0.1, 0.2], [0.3, 0.4]], trained: [1]), MeasuredRelearning(problem: "why"),
        ] {
            #expect(try read(curve) == curve)
        }
        var depth = MeasuredDepth()
        depth.original = [-1]
        (depth.patched.model, depth.patched.reference) = ([[-1, -2]], [[-3, -4]])
        (depth.lens.model, depth.lens.reference) = ([[-5]], [[-6]])
        depth.originalLens = [[-7]]
        #expect(try read(depth) == depth)
    }

    @Test("What does not fit is measured again")
    func misfits() throws {
        let whole = MeasuredText(logProbabilities: [-1], hits: [true], scores: [0]).ledger
        for (key, value) in [("p", [1, 2] as JSONValue), ("p", ["x"]), ("hits", "11"), ("hits", 1), ("scores", "x")] {
            var object = try #require(whole.asObject)
            object[key] = value
            #expect(MeasuredText(ledger: .object(object)) == nil, "\(key)")
        }
        #expect(MeasuredDepth(ledger: [[[1]], [[1]]]) == nil)
        #expect(MeasuredRounding(ledger: ["nobody": [1]]) == nil)
        #expect(MeasuredRelearning(ledger: ["steps": [0], "trained": [], "p": []]) == nil)
        #expect([Int32](ledger: [1.5]) == nil)
    }
}
