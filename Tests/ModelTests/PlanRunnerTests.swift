import Backends
import Graph
import Inference
import Testing

@Suite("A plan takes exactly the inputs it has")
struct PlanRunnerTests {
    private let backend = CPUBackend()

    /// y = a + b of three elements each, with b gathered by an index.
    private func plan() throws -> Plan {
        let graph = ComputationGraph()
        let rows = try graph.input("b", .real, [3, 1]).gather(graph.input("index", .index, [3])).reshaped(to: [3])
        return try Plan([("y", graph.input("a", .real, [3]) + rows)])
    }

    private let whole: [String: HostInput] = [
        "a": .real([1, 2, 3]), "b": .real([10, 20, 30]), "index": .index([2, 1, 0]),
    ]

    @Test("runs with all of them, and keeps what was given before")
    func runs() throws {
        let runner = try PlanRunner(plan(), on: backend)
        try runner.run(whole)
        #expect(try runner.read("y") == [31, 22, 13])
        try runner.run(["a": .real([0, 0, 0])])
        #expect(try runner.read("y") == [30, 20, 10])
        let shared = try PlanRunner(plan(), on: backend, shared: ["a": backend.upload([4, 4, 4])])
        try shared.run(whole.filter { $0.key != "a" })
        #expect(try shared.read("y") == [34, 24, 14])
    }

    @Test("refuses a name it does not know, and says which it knows")
    func unknown() throws {
        let runner = try PlanRunner(plan(), on: backend)
        let text = message { try runner.run(whole.merging(["B": .real([1])]) { $1 }) }
        #expect(text.contains("no input \"B\"") && text.contains("a, b, index"), "\(text)")
        #expect(message { try runner.run(["y": .real([1, 2, 3])]) }.contains("no input \"y\""))
        #expect(message { _ = try runner.read("z") }.contains("no output \"z\""))
        let buffer = try backend.upload([1, 2, 3])
        #expect(message { _ = try PlanRunner(plan(), on: backend, shared: ["x": buffer]) }.contains("\"x\" to share"))
    }

    @Test("refuses to run on an input that was never given")
    func missing() throws {
        let runner = try PlanRunner(plan(), on: backend)
        #expect(message { try runner.run(whole.filter { $0.key != "b" }) }.contains("nothing was given for b"))
    }

    @Test("refuses data of another length or type, and keeps what it had")
    func lengths() throws {
        let runner = try PlanRunner(plan(), on: backend)
        try runner.run(whole)
        for (name, data) in [
            ("a", HostInput.real([7, 7])), ("b", .real([7, 7, 7, 7])), ("index", .real([0, 0, 0])), ("a", .index([7, 7, 7])),
        ] {
            let text = message { try runner.run([name: data]) }
            #expect(text.contains("\"\(name)\" takes 3 elements"), "\(text)")
        }
        try runner.run([:])
        #expect(try runner.read("y") == [31, 22, 13])
    }
}
