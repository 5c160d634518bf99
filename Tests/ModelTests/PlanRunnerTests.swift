import Backends
import Graph
import Inference
import Models
import TestSupport
import Testing

@Suite("A plan takes exactly the inputs it has")
struct PlanRunnerTests {
    /// y = a + b of three elements each, with b gathered by an index.
    static func runner(shared: [String: any Buffer] = [:]) throws -> PlanRunner {
        let graph = ComputationGraph()
        let rows = graph.input("b", .real, [3, 1]).gather(graph.input("index", .index, [3])).reshaped(to: [3])
        return try PlanRunner(Plan([("y", graph.input("a", .real, [3]) + rows)]), on: CPUBackend(), shared: shared)
    }

    static let whole: [String: HostInput] = [
        "a": .real([1, 2, 3]), "b": .real([10, 20, 30]), "index": .index([2, 1, 0]),
    ]

    @Test("runs with all of them, and keeps what was given before")
    func runs() throws {
        let runner = try Self.runner()
        try runner.run(Self.whole)
        #expect(try runner.read("y") == [31, 22, 13])
        try runner.run(["a": .real([0, 0, 0])])
        #expect(try runner.read("y") == [30, 20, 10])
        let shared = try Self.runner(shared: ["a": CPUBackend().upload([4, 4, 4])])
        try shared.run(Self.whole.filter { $0.key != "a" })
        #expect(try shared.read("y") == [34, 24, 14])
    }

    @Test("stops at a name it does not know, and says which it knows")
    func unknown() async {
        let input = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.runner().run(Self.whole.merging(["B": .real([1])]) { $1 })
        }
        #expect(input.said("there is no input \"B\"; the inputs are a, b, index"))
        let output = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = try Self.runner().read("z") }
        #expect(output.said("there is no output \"z\""))
        let shared = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Self.runner(shared: ["x": CPUBackend().upload([1, 2, 3])])
        }
        #expect(shared.said("no input or output \"x\" to share"))
    }

    @Test("stops at an input that was never given, or of another length or type")
    func misfits() async {
        let missing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.runner().run(Self.whole.filter { $0.key != "b" })
        }
        #expect(missing.said("nothing was given for b"))
        let short = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.runner().run(Self.whole.merging(["a": .real([7, 7])]) { $1 })
        }
        #expect(short.said("\"a\" takes 3 elements of type real, not 2 of type real"))
        let other = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.runner().run(Self.whole.merging(["a": .index([7, 7, 7])]) { $1 })
        }
        #expect(other.said("\"a\" takes 3 elements of type real, not 3 of type index"))
    }
}
