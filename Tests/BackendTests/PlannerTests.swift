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
            let plan = try Plan(random.outputs(5))
            #expect(try disagreements(plan, on: TestDevice.cpu.backend(), random.values, runs: 2) == [])
        }

        @Test("the same on OpenCL", arguments: [TestDevice.openCLForCPU, .openCLForGPU], UInt64(1)...20)
        func sharesMemoryOnOpenCL(device: TestDevice, seed: UInt64) throws {
            var random = try RandomGraph(seed: 1000 + seed, operations: 30)
            let plan = try Plan(random.outputs(5))
            #expect(try disagreements(plan, on: device.backend(), random.values, runs: 2) == [])
        }

        @Test("outputs written over inputs", arguments: UInt64(1)...300)
        func donates(seed: UInt64) throws {
            var random = try RandomGraph(seed: 2000 + seed, operations: 20)
            let (donated, donating) = try random.donations(3)
            let plan = try Plan(donated + random.outputs(3), donating: donating)
            #expect(try disagreements(plan, on: TestDevice.cpu.backend(), random.values, donating: donating) == [])
        }

        @Test("an update in place costs no workspace")
        func updatesInPlace() throws {
            let graph = ComputationGraph()
            let x = try graph.input("x", .real, [1000])
            let d = try graph.input("d", .real, [1000])
            let donating = ["y": "x"]
            let plan = try Plan([("y", x + d.mapped(.tanh))], donating: donating)
            #expect(plan.arenaCount <= 1008)
            let values = ["x": HostTensor([1000]) { Double($0[0]) / 1000 }, "d": HostTensor([1000]) { 1 - Double($0[0]) / 500 }]
            for device in TestDevice.allCases {
                #expect(try disagreements(plan, on: device.backend(), values, donating: donating) == [])
            }
        }

        @Test("outputs over each other's inputs are exchanged")
        func exchanges() throws {
            let graph = ComputationGraph()
            let x = try graph.input("x", .real, [40])
            let y = try graph.input("y", .real, [40])
            let donating = ["x2": "x", "y2": "y"]
            let plan = try Plan([("x2", y), ("y2", x)], donating: donating)
            let values = ["x": HostTensor([40]) { Double($0[0]) }, "y": HostTensor([40]) { -Double($0[0]) }]
            #expect(try disagreements(plan, on: TestDevice.cpu.backend(), values, donating: donating) == [])
        }

        @Test("an input's old value can be kept beside the new one", arguments: [false, true])
        func keepsTheOldValue(first: Bool) throws {
            let graph = ComputationGraph()
            let x = try graph.input("x", .real, [4, 5])
            let outputs = [("new", try x.scaled(by: 2)), ("old", try x.transposed())]
            let plan = try Plan(first ? outputs.reversed() : outputs, donating: ["new": "x"])
            let values = ["x": HostTensor([4, 5]) { Double($0[0] - $0[1]) }]
            #expect(try disagreements(plan, on: TestDevice.cpu.backend(), values, donating: ["new": "x"]) == [])
        }

        @Test("donations between unknown or differently sized names are refused", arguments: [["y": "z"], ["z": "x"], ["y": "w"]])
        func refusesDonations(donating: [String: String]) throws {
            let graph = ComputationGraph()
            let x = try graph.input("x", .real, [4]), w = try graph.input("w", .real, [5])
            #expect(throws: GraphError.self) { try Plan([("y", x.mapped(.tanh)), ("v", w.mapped(.tanh))], donating: donating) }
        }
    }
}
