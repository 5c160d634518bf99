import Backends
import CKernels
import Graph
import Testing

/// One call at the edge of what a kernel is defined for, with what its definition gives in float64.
struct EdgeCase: Sendable, CustomTestStringConvertible {
    var kernel: String
    var label: String
    var make: @Sendable () -> KernelCase

    init(_ kernel: String, _ label: String, _ make: @escaping @Sendable () -> KernelCase) {
        self.kernel = kernel
        self.label = label
        self.make = make
    }

    var testDescription: String { "\(kernel): \(label)" }

    static let all = elementwiseEdges + rowEdges + idEdges + productEdges + emptyEdges + imageEdges
}

/// NaN, infinities, signed zeros, numbers at both ends of the range, and where functions saturate.
let edgeValues: [Float] = [
    .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, -1, 1e-20, -1e20, 88.8, -104.5, 12, -12, 150, -150,
]

extension [Double] {
    /// As a result in float would be: too large is infinite.
    var asFloats: [Double] { map { Double(Float($0)) } }
}

extension KernelCase {
    func countingZeroSigns() -> KernelCase {
        var copy = self
        copy.countsZeroSigns = true
        return copy
    }
}

/// Every kernel has the contract of Kernels/README.md at its edges, on every device.
@Suite struct EdgeTests {
    @Test func everyKernelHasAnEdge() {
        let catalogue = Set((0..<ofmu_kernel_count()).compactMap { ofmu_kernel_name($0).map { String(cString: $0) } })
        #expect(Set(EdgeCase.all.map(\.kernel)) == catalogue)
    }

    @Test("On the CPU", arguments: EdgeCase.all)
    func processor(_ edge: EdgeCase) throws {
        let test = edge.make(), backend = CPUBackend()
        for shared in [nil] + test.inPlace.map(Optional.some) {
            let mistake = try test.mistake(of: edge.kernel, on: backend, sharing: shared)
            #expect(mistake == nil, "\(shared.map { "over operand \($0)" } ?? "apart")")
        }
        // Divided, as several threads would.
        let kernel = try #require(ofmu_kernel_named(edge.kernel))
        if test.units > 1, test.work != .matmul {
            #expect(bits(test.run(kernel, cuts: [1, test.units / 2])) == bits(test.run(kernel)))
        }
    }
}

extension OpenCLTests {
    @Suite("OpenCL kernels at their edges")
    struct Edges {
        @Test("do what their definitions say", arguments: OpenCLShape.allCases, EdgeCase.all)
        func device(shape: OpenCLShape, edge: EdgeCase) throws {
            let test = edge.make(), backend = try shape.backend()
            for shared in [nil] + test.inPlace.map(Optional.some) {
                let mistake = try test.mistake(of: edge.kernel, on: backend, sharing: shared)
                #expect(mistake == nil, "\(shared.map { "over operand \($0)" } ?? "apart")")
            }
        }
    }
}
