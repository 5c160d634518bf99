import Backends
import Graph
import Inference
import Testing

/// Ids are checked once, where they are brought to a device.
@Suite("Ids out of range")
struct IdDoorTests {
    private static func runner() throws -> PlanRunner {
        let graph = ComputationGraph()
        let table = graph.constant([4, 2], [0, 1, 2, 3, 4, 5, 6, 7])
        let ids = graph.input("ids", .index, [3]), labels = graph.input("labels", .index, [3])
        let rows = table.gather(ids)
        return try PlanRunner(Plan([("rows", rows), ("losses", rows.crossEntropy(labels: labels))]), on: CPUBackend())
    }

    @Test(
        "are refused before anything runs, with the input and the place",
        arguments: [
            ([0, 4, 1], [0, 0, 0], "The id 4 at place 2 of \"ids\" is outside 0..<4"),
            ([0, 1, -2], [0, 0, 0], "The id -2 at place 3 of \"ids\" is outside 0..<4"),
            ([0, 1, 2], [2, 0, 0], "The id 2 at place 1 of \"labels\" is outside 0..<2"),
            ([0, 1, .max], [0, 0, 0], "The id 2147483647 at place 3"),
        ] as [([Int32], [Int32], String)])
    func refused(ids: [Int32], labels: [Int32], expected: String) throws {
        let runner = try Self.runner()
        #expect(message { try runner.run(["ids": .index(ids), "labels": .index(labels)]) }.contains(expected))
    }

    @Test("but −1 is none: a row of zeros, and no label")
    func none() throws {
        let runner = try Self.runner()
        try runner.run(["ids": .index([3, -1, 0]), "labels": .index([0, 1, -1])])
        #expect(try runner.read("rows") == [6, 7, 0, 0, 0, 1])
        let losses = try runner.read("losses").map(Double.init)
        #expect(relativeError(losses, [1.3132617, 0.6931472, 1.3132617]) < 1e-6)
    }

    @Test("an input that is used through a view has the limit of its use, the least of several")
    func limits() {
        let graph = ComputationGraph()
        let large = graph.constant([9, 1], [Double](repeating: 0, count: 9))
        let small = graph.constant([5, 1], [Double](repeating: 0, count: 5))
        let ids = graph.input("ids", .index, [2, 2])
        let flat = ids.reshaped(to: [4])
        let plan = Plan([("sum", large.gather(flat) + small.gather(flat))])
        #expect(plan.externals.first { $0.name == "ids" }?.idLimit == 5)
    }
}
