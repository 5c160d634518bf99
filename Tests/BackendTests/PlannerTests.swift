import Backends
import Graph
import TestSupport
import Testing

extension OpenCLTests {
    /// Plans share memory between values wherever they can. Whatever they share, results must be those of the definitions.
    @Suite("Plans of random graphs")
    struct PlannerTests {
        @Test("many outputs, which later operations read too", arguments: UInt64(1)...300)
        func sharesMemory(seed: UInt64) throws {
            var random = try RandomGraph(seed: seed, operations: 30)
            let plan = Plan(random.outputs(5))
            let problems = try disagreements(plan, on: TestDevice.cpu.backend(), random.values, runs: 2)
            #expect(problems == [])
        }

        @Test("the same on OpenCL", arguments: [TestDevice.openCLForCPU, .openCLForGPU], UInt64(1)...20)
        func sharesMemoryOnOpenCL(device: TestDevice, seed: UInt64) throws {
            var random = try RandomGraph(seed: 1000 + seed, operations: 30)
            let plan = Plan(random.outputs(5), recomputingAfter: seed % 2 == 0 ? 0 : Plan.recomputingDistance)
            let problems = try disagreements(plan, on: device.backend(), random.values, runs: 2)
            #expect(problems == [])
        }

        @Test("values computed again rather than kept", arguments: UInt64(1)...300)
        func recomputes(seed: UInt64) throws {
            var random = try RandomGraph(seed: 3000 + seed, operations: 30)
            let plan = Plan(random.outputs(5), recomputingAfter: Int(seed % 4) * 20)
            let problems = try disagreements(plan, on: TestDevice.cpu.backend(), random.values, runs: 2)
            #expect(problems == [])
        }

        @Test("a value that is cheap to repeat is not kept over a long computation")
        func recomputingSavesMemory() throws {
            let graph = ComputationGraph()
            let x = graph.input("x", .real, [1000, 10]), w = graph.input("w", .real, [10, 10])
            let long = (0..<4).map { x.mapped(.silu(order: $0)) }
            // All four are needed at the beginning and at the end.
            var middle = long.dropFirst().reduce(long[0]) { $0 + $1 }
            for _ in 0..<20 { middle = middle.matmul(w).mapped(.tanh) }
            let result = long.reduce(middle) { $0 * $1 }
            let kept = Plan([("y", result)], recomputingAfter: .max)
            let recomputed = Plan([("y", result)], recomputingAfter: 50_000)
            #expect(recomputed.arenaCount + 20_000 <= kept.arenaCount)
            #expect(recomputed.calls.count == kept.calls.count + 4)
            let values = [
                "x": HostTensor([1000, 10]) { Double(($0[0] * 7 + $0[1]) % 13) / 13 },
                "w": HostTensor([10, 10]) { Double(($0[0] * 3 + $0[1]) % 7 - 3) / 10 },
            ]
            let problems = try disagreements(recomputed, on: TestDevice.cpu.backend(), values)
            #expect(problems == [])
        }

        @Test("products add to the parts of a sum where they lie")
        func accumulatesIntoParts() throws {
            let graph = ComputationGraph()
            let a = graph.input("a", .real, [40, 50]), b = graph.input("b", .real, [40, 50])
            let parts = { (left: Node, right: Node) in
                graph.assemble(
                    [
                        ([0], left.transposed().matmul(right).reshaped(to: [2500])),
                        ([2500], left.matmul(right.transposed()).reshaped(to: [1600])),
                    ],
                    shape: [4100])
            }
            let base = parts(a.mapped(.tanh), b).scaled(by: 0.5)
            let sum = graph.node(Binary(function: .add), [base, parts(a, b.mapped(.sigmoid))])
            let plan = Plan([("y", sum)])
            #expect(plan.calls.filter { $0.kernel.role == .sum || $0.kernel.role == .move }.isEmpty)
            let values = [
                "a": HostTensor([40, 50]) { Double($0[0] - $0[1]) / 50 }, "b": HostTensor([40, 50]) { Double($0[0] + $0[1]) / 90 },
            ]
            for device in TestDevice.allCases {
                let problems = try disagreements(plan, on: device.backend(), values)
                #expect(problems == [])
            }
        }

        @Test("outputs written over inputs", arguments: UInt64(1)...300)
        func donates(seed: UInt64) throws {
            var random = try RandomGraph(seed: 2000 + seed, operations: 20)
            let (donated, donating) = random.donations(3)
            let plan = Plan(donated + random.outputs(3), donating: donating)
            let problems = try disagreements(plan, on: TestDevice.cpu.backend(), random.values, donating: donating)
            #expect(problems == [])
        }

        @Test("an update in place costs no workspace")
        func updatesInPlace() throws {
            let graph = ComputationGraph()
            let x = graph.input("x", .real, [1000])
            let d = graph.input("d", .real, [1000])
            let donating = ["y": "x"]
            let plan = Plan([("y", x + d.mapped(.tanh))], donating: donating)
            #expect(plan.arenaCount <= 1008)
            let values = ["x": HostTensor([1000]) { Double($0[0]) / 1000 }, "d": HostTensor([1000]) { 1 - Double($0[0]) / 500 }]
            for device in TestDevice.allCases {
                let problems = try disagreements(plan, on: device.backend(), values, donating: donating)
                #expect(problems == [])
            }
        }

        @Test("outputs over each other's inputs are exchanged")
        func exchanges() throws {
            let graph = ComputationGraph()
            let x = graph.input("x", .real, [40])
            let y = graph.input("y", .real, [40])
            let donating = ["x2": "x", "y2": "y"]
            let plan = Plan([("x2", y), ("y2", x)], donating: donating)
            let values = ["x": HostTensor([40]) { Double($0[0]) }, "y": HostTensor([40]) { -Double($0[0]) }]
            let problems = try disagreements(plan, on: TestDevice.cpu.backend(), values, donating: donating)
            #expect(problems == [])
        }

        @Test("an input's old value can be kept beside the new one", arguments: [false, true])
        func keepsTheOldValue(first: Bool) throws {
            let graph = ComputationGraph()
            let x = graph.input("x", .real, [4, 5])
            let outputs = [("new", x.scaled(by: 2)), ("old", x.transposed())]
            let plan = Plan(first ? outputs.reversed() : outputs, donating: ["new": "x"])
            let values = ["x": HostTensor([4, 5]) { Double($0[0] - $0[1]) }]
            let problems = try disagreements(plan, on: TestDevice.cpu.backend(), values, donating: ["new": "x"])
            #expect(problems == [])
        }
    }
}
