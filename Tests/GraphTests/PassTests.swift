import Graph
import Testing

/// What the planner's passes make of small graphs. That plans still compute what they should is tested on devices, with random graphs.
@Suite("The planner's passes") struct PassTests {
    private func kernels(_ plan: Plan) -> [String] { plan.calls.map(\.kernel.name) }

    @Test("an addition of assemblies becomes additions of their parts, each inside the kernel of the part")
    func addsParts() {
        let graph = ComputationGraph()
        let a = graph.input("a", .real, [4, 5]), b = graph.input("b", .real, [4, 5])
        let parts = { (left: Node, right: Node) in
            graph.assemble(
                [([0], left.transposed().matmul(right).reshaped(to: [25])), ([25], left.matmul(right.transposed()).reshaped(to: [16]))],
                shape: [41])
        }
        let base = parts(a.mapped(.tanh), b).scaled(by: 0.5)
        let plan = Plan([("y", graph.node(Binary(function: .add), [base, parts(a, b.mapped(.sigmoid))]))])
        #expect(!kernels(plan).contains("add") && !kernels(plan).contains("place"))
        #expect(plan.calls.filter { $0.kernel == .matmul }.map { $0["accumulate"] } == [0, 0, 1, 1])
    }

    @Test("a part of an assembly is computed in its place, and only the gaps are filled")
    func computesInPlace() {
        let graph = ComputationGraph()
        let x = graph.input("x", .real, [5])
        let whole = graph.assemble([([2], x.mapped(.tanh)), ([9], x.mapped(.sigmoid))], shape: [14])
        let plan = Plan([("y", whole)])
        #expect(kernels(plan).sorted() == ["fill", "fill", "sigmoid", "tanh"])
        #expect(plan.arenaCount == 0)
    }

    @Test("a kernel that can adds to its output instead of being added")
    func accumulates() throws {
        let graph = ComputationGraph()
        let x = graph.input("x", .real, [3, 4]), w = graph.input("w", .real, [4, 4])
        let plan = Plan([("y", x.mapped(.tanh) + x.matmul(w))])
        #expect(kernels(plan) == ["tanh", "matmul"])
        #expect(plan.calls.last?["accumulate"] == 1)
        // One that cannot is added.
        #expect(kernels(Plan([("y", x.mapped(.tanh) + x.mapped(.sigmoid))])) == ["tanh", "sigmoid", "add"])
    }

    @Test("a chain of element-wise kernels needs no memory but its result's")
    func overwritesInputs() {
        let graph = ComputationGraph()
        let x = graph.input("x", .real, [1000])
        let plan = Plan([("y", x.mapped(.tanh).mapped(.exponential).mapped(.sigmoid).sum())])
        #expect(plan.arenaCount <= 1008)
    }

    @Test("a cheap value is computed again rather than kept over a long distance")
    func recomputes() {
        let graph = ComputationGraph()
        let x = graph.input("x", .real, [1000, 10]), w = graph.input("w", .real, [10, 10])
        let early = x.mapped(.silu0)
        var middle = early
        for _ in 0..<20 { middle = middle.matmul(w) }
        let result = middle * early
        let kept = Plan([("y", result)], recomputingAfter: .max), repeated = Plan([("y", result)], recomputingAfter: 50_000)
        #expect(kernels(kept).filter { $0 == "silu_0" }.count == 1)
        #expect(kernels(repeated).filter { $0 == "silu_0" }.count == 2)
    }
}
